import { encodeValue, nearestName } from '@starling/event'
import { capabilitiesFor } from '@starling/provider'
import { BUDGET_CAPS, checkBudget, checkPrices as checkRates } from '@starling/step'
import { CoreError } from './core-error.ts'
import type { AgentOptions } from './definition.ts'
import { assertSettings, findSettingProblem, isForced, SETTING_NAMES } from './settings.ts'

/**
 * Checks options as a JavaScript caller or a half-filled agent module may give
 * them, which the compiler cannot see.
 *
 * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for the first that is not usable.
 */
export function checkAgentOptions(options: AgentOptions): void {
  if (!isObject(options)) refuse('an agent needs options')
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(KNOWN, name)) refuse(`an agent has no option named ${name}${suggest(name, AGENT_OPTION_NAMES)}`)
  }
  checkParts(options)
  checkTools(options.tools ?? [])
  checkSources(options)
  checkPolicy(options)
  checkApprovalTimes(options)
  checkNumbers(options)
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !allowed.some((choice) => choice === value)) {
      refuse(`${name} is ${show(value)}, expected ${allowed.join(' or ')}`)
    }
  }
  checkSettings(options)
  checkOutput(options)
  checkPrices(options.prices ?? {})
  if (options.budget !== undefined) checkCaps(options.budget)
}

/** Refuses what is not a text. */
export function checkText(value: unknown, name: string): void {
  if (typeof value !== 'string') refuse(`${name} is ${show(value)}, expected a text`)
}

/** Throws a {@link CoreError} `CORE_INVALID_OPTIONS`. */
export function refuse(message: string, cause?: unknown): never {
  throw new CoreError('CORE_INVALID_OPTIONS', message, { cause })
}

function checkParts(options: AgentOptions): void {
  const { provider, log, model, namespace = '', systemPrompt = '', observers = [] } = options
  if (!isObject(provider) || typeof provider.stream !== 'function') refuse('an agent needs a provider')
  if (!isObject(provider.info) || typeof provider.info.id !== 'string') refuse('the provider has no info with an id')
  if (typeof provider.info.apiVersion !== 'string') refuse('the info of the provider has no apiVersion')
  if (!isObject(log) || typeof log.append !== 'function') refuse('an agent needs a log')
  if (typeof model !== 'string' || model === '') refuse('an agent needs the name of a model')
  checkText(systemPrompt, 'systemPrompt')
  checkText(namespace, 'namespace')
  checkText(options.appVersion ?? '', 'appVersion')
  if (namespace.includes('/')) refuse(`namespace ${JSON.stringify(namespace)} must not contain a slash`)
  if (!Array.isArray(observers)) refuse('observers is not a list')
  if (options.approve !== undefined && typeof options.approve !== 'function') refuse('approve is not a function')
  if (options.answer !== undefined && typeof options.answer !== 'function') refuse('answer is not a function')
}

/** Refuses what is not a list of tools with names of their own. */
export function checkTools(tools: NonNullable<AgentOptions['tools']>): void {
  const list: unknown = tools
  if (!Array.isArray(list)) refuse('tools is not a list')
  const names = new Set<string>()
  for (const [index, tool] of tools.entries()) {
    const given: unknown = tool
    if (!isObject(given)) refuse(`tool ${index} is ${show(given)}, expected a tool`)
    if (typeof tool.name !== 'string' || tool.name === '') refuse(`tool ${index} has no name`)
    const name = JSON.stringify(tool.name)
    if (typeof tool.execute !== 'function') refuse(`tool ${name} has no execute function`)
    if (typeof tool.inputSchema !== 'string') refuse(`tool ${name} has no inputSchema text`)
    if (names.has(tool.name)) refuse(`two tools are named ${name}`)
    names.add(tool.name)
  }
}

function checkApprovalTimes({ approvalTimeoutMs, tools = [], profile }: AgentOptions): void {
  if (profile !== 'reference') return
  const timed = tools.find(({ policy }) => (policy?.approvalTimeoutMs ?? 0) > 0)
  if (timed === undefined && (approvalTimeoutMs ?? 0) === 0) return
  const whose = timed === undefined ? '' : ` of tool ${JSON.stringify(timed.name)}`
  refuse(`approvalTimeoutMs${whose} has no place in the log of the profile reference`)
}

function checkPolicy({ policy, profile }: AgentOptions): void {
  if (policy === undefined) return
  if (!isObject(policy) || typeof policy.evaluate !== 'function') refuse('policy cannot evaluate calls')
  try {
    encodeValue(policy.data)
  } catch (cause) {
    refuse('the data of policy cannot be recorded', cause)
  }
  if (profile === 'reference') refuse('policy has no place in the log of the profile reference')
}

function checkSources({ toolSources = [], profile }: AgentOptions): void {
  const list: unknown = toolSources
  if (!Array.isArray(list)) refuse('toolSources is not a list')
  const names = new Set<string>()
  for (const [index, source] of toolSources.entries()) {
    const given: unknown = source
    if (!isObject(given)) refuse(`tool source ${index} is ${show(given)}, expected a source`)
    if (typeof source.name !== 'string' || source.name === '') refuse(`tool source ${index} has no name`)
    const name = JSON.stringify(source.name)
    if (typeof source.list !== 'function' || typeof source.restore !== 'function') {
      refuse(`tool source ${name} cannot list and restore its tools`)
    }
    if (names.has(source.name)) refuse(`two tool sources are named ${name}`)
    names.add(source.name)
  }
  if (profile === 'reference' && names.size > 0) refuse('toolSources has no place in the log of the profile reference')
}

function checkNumbers(options: AgentOptions): void {
  const { maxTurns, maxFailedToolTurns, maxParallelTools, cancelGraceMs, leaseMs } = options
  const { retry = {} } = options
  if (!isObject(retry)) refuse(`retry is ${show(retry)}, expected a policy`)
  for (const name of Object.keys(retry)) {
    if (!RETRY.has(name)) refuse(`retry has no option named ${name}${suggest(name, [...RETRY])}`)
  }
  const atLeastOne = { maxParallelTools, 'retry maxAttempts': retry.maxAttempts }
  const atLeastZero = {
    maxTurns,
    maxFailedToolTurns,
    cancelGraceMs,
    leaseMs,
    approvalTimeoutMs: options.approvalTimeoutMs,
    maxOutputRepairs: options.maxOutputRepairs,
    'retry initialDelayMs': retry.initialDelayMs,
    'retry maxDelayMs': retry.maxDelayMs,
  }
  for (const [name, value] of Object.entries(atLeastOne)) checkWhole(name, value, 1)
  for (const [name, value] of Object.entries(atLeastZero)) checkWhole(name, value, 0)
}

/** What the provider cannot do is refused here, and not in the middle of a run. */
function checkSettings(options: AgentOptions): void {
  const problem = findSettingProblem(options)
  if (problem !== undefined) refuse(problem)
  checkCapabilities(options)
  asOptions(() => assertSettings(options))
  // What sources offer is not known yet.
  if ((options.toolSources ?? []).length === 0) checkToolChoice(options)
  if (options.profile !== 'reference') return
  for (const name of SETTING_NAMES) {
    if (options[name] === undefined || REFERENCE_SETTINGS.has(name)) continue
    refuse(`${name} has no place in the log of the profile reference; use params`)
  }
}

function checkCapabilities({ provider, model }: AgentOptions): void {
  const { capabilities } = provider
  if (!['function', 'undefined'].includes(typeof provider.capabilitiesOf)) {
    refuse('the capabilitiesOf of the provider is not a function')
  }
  if (isObject(capabilities) && isObject(asOptions(() => capabilitiesFor(provider, model)))) return
  refuse('the provider does not say what it can do')
}

const MUST_CALL: ReadonlySet<string> = new Set(['any', 'required'])

/** A choice among tools that are not there would fail the first call, and with it the run. */
export function checkToolChoice({ toolChoice = '', tools = [], params = {} }: AgentOptions): void {
  // A vendor's own tools travel in the parameters.
  if (!isForced(toolChoice) || params instanceof Uint8Array || 'tools' in params) return
  if (MUST_CALL.has(toolChoice) ? tools.length > 0 : tools.some(({ name }) => name === toolChoice)) return
  const offered = tools.map(({ name }) => JSON.stringify(name)).join(', ')
  refuse(
    `toolChoice is ${JSON.stringify(toolChoice)}, but the agent has ${offered === '' ? 'no tools' : `only ${offered}`}`,
  )
}

/** What the reference hashes with its requests. */
const REFERENCE_SETTINGS: ReadonlySet<string> = new Set(['toolChoice', 'stopSequences', 'topK', 'maxOutputTokens'])

function checkOutput({ output, responseFormat, profile }: AgentOptions): void {
  if (output === undefined) return
  if (!isObject(output)) refuse(`output is ${show(output)}, expected a schema`)
  if (responseFormat !== undefined) refuse('output and responseFormat say the same twice: pass one of them')
  if (profile === 'reference') refuse('output has no place in the log of the profile reference')
}

const RETRY: ReadonlySet<string> = new Set(['maxAttempts', 'initialDelayMs', 'maxDelayMs'])

function checkWhole(name: string, value: unknown, least: number): void {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= least)) return
  refuse(`${name} is ${show(value)}, expected a whole number of ${least} or more`)
}

function checkPrices(prices: NonNullable<AgentOptions['prices']>): void {
  if (!isObject(prices)) refuse(`prices is ${show(prices)}, expected rates by model`)
  for (const [model, rate] of Object.entries(prices)) {
    if (!isObject(rate)) refuse(`the price of ${model} is ${show(rate)}, expected rates`)
    if (rate.input === undefined || rate.output === undefined) refuse(`the price of ${model} needs input and output`)
  }
  asOptions(() => checkRates(prices))
}

function checkCaps(budget: NonNullable<AgentOptions['budget']>): void {
  if (!isObject(budget)) refuse(`budget is ${show(budget)}, expected caps`)
  for (const name of Object.keys(budget)) {
    // A limit on turns, say, is no cap: it would be refused with the name of one that it is not.
    const option = nearestName(name, AGENT_OPTION_NAMES)
    if (option === undefined || nearestName(name, BUDGET_CAPS) !== undefined) continue
    refuse(`a budget has no cap named ${name}; ${option} is an option of the agent itself`)
  }
  asOptions(() => checkBudget(budget))
}

/** Runs a check of another layer; what it refuses are options of the agent. */
function asOptions<T>(check: () => T): T {
  try {
    return check()
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : 'the options are not usable', cause)
  }
}

function suggest(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** Every option; the type makes sure that none is forgotten. */
const KNOWN: Readonly<Record<keyof AgentOptions, true>> = {
  provider: true,
  model: true,
  systemPrompt: true,
  tools: true,
  toolSources: true,
  budget: true,
  params: true,
  maxOutputTokens: true,
  toolChoice: true,
  stopSequences: true,
  topK: true,
  temperature: true,
  topP: true,
  output: true,
  maxOutputRepairs: true,
  outputVia: true,
  seed: true,
  reasoningEffort: true,
  responseFormat: true,
  parallelToolCalls: true,
  cache: true,
  maxTurns: true,
  namespace: true,
  appVersion: true,
  onToolError: true,
  onTruncated: true,
  maxFailedToolTurns: true,
  maxParallelTools: true,
  cancelGraceMs: true,
  retry: true,
  prices: true,
  unknownPrice: true,
  requireRawResponseHash: true,
  approve: true,
  policy: true,
  approvalTimeoutMs: true,
  answer: true,
  profile: true,
  log: true,
  observers: true,
  clock: true,
  entropy: true,
  ids: true,
  starlingVersion: true,
  leaseMs: true,
}

/** The names of the options that an agent can have, for whoever checks them before there is a log. */
export const AGENT_OPTION_NAMES: readonly string[] = Object.keys(KNOWN)

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  profile: ['starling', 'reference'],
  onToolError: ['feedback', 'fail'],
  onTruncated: ['complete', 'fail'],
  outputVia: ['provider', 'prompt'],
  unknownPrice: ['refuse', 'ignore'],
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

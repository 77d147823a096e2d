import { blake3, cborToJson, decodeValue, encodeValue, equalBytes, hasCode, utf8Encode } from '@starling/event'
import type { RecordedToolSource, RunStarted } from '@starling/event'
import {
  createPrompt,
  findRate,
  systemClock,
  systemEntropy,
  createIdSource,
  ENGINE,
  DEFAULT_PRICES,
  errorText,
} from '@starling/step'
import type {
  Clock,
  Engine,
  Entropy,
  IdSource,
  ModelCallOptions,
  ModelRate,
  Observer,
  Prompt,
  Recorder,
} from '@starling/step'
import type { Tool } from '@starling/tool'
import { refuse } from './agent-options.ts'
import type { AgentOptions, RequestParams } from './definition.ts'
import type { Inputs } from './inputs.ts'
import { recordedForm, resolveOutput } from './output.ts'
import type { OutputForm, OutputRules } from './output.ts'
import { RunState } from './run-state.ts'
import { assertSettings, pickSettings } from './settings.ts'
import type { ModelSettings } from './settings.ts'

/** What an agent's options come down to; only the tools that sources offer differ from run to run. */
export interface AgentSetup {
  /** As they were given. */
  readonly given: AgentOptions
  /** With what `output` adds to them. */
  readonly options: AgentOptions
  /** What the final answer must be; `undefined` for any text. */
  readonly output: OutputRules | undefined
  readonly clock: Clock
  readonly entropy: Entropy
  readonly ids: IdSource
  readonly tools: ReadonlyMap<string, Tool>
  /** The sources that have been asked for tools. */
  readonly toolSources: readonly RecordedToolSource[]
  /** The parameters as one CBOR item. */
  readonly params: Uint8Array | null
  /** The parameters as plain data. */
  readonly requestParams: RequestParams
  readonly rate: ModelRate | undefined
  /** How every model call is made. */
  readonly settings: ModelSettings
  /** The rate of any model at any provider. */
  readonly rateOf: ModelCallOptions['rateOf']
}

/** One run while this process works on it. */
export interface Session {
  readonly setup: AgentSetup
  readonly engine: Engine
  readonly recorder: Recorder
  readonly state: RunState
  readonly prompt: Prompt
  readonly inputs: Inputs
  readonly observers: readonly Observer[]
  /** What the answer that completed the run says. */
  readonly answer: { output: unknown }
  /** What a replay does with tools. */
  readonly replayTools: 'execute' | 'recorded'
}

/** Resolves an agent's options; they have been checked. */
export function createSetup(given: AgentOptions): AgentSetup {
  const { options, output } = resolveOutput(given)
  const clock = options.clock ?? systemClock
  const entropy = options.entropy ?? systemEntropy
  const params = encodeParams(options.params)
  const prices = options.prices === undefined ? DEFAULT_PRICES : { ...DEFAULT_PRICES, ...options.prices }
  return {
    given,
    options,
    output,
    clock,
    entropy,
    ids: options.ids ?? createIdSource(clock, entropy),
    tools: byName(options.tools ?? []),
    toolSources: [],
    params,
    requestParams: params === null ? undefined : toPlain(params),
    rate: findRate(options.model, prices, options.provider.info.id),
    settings: pickSettings(options),
    rateOf: (by) => findRate(by.model, prices, by.providerId),
  }
}

/** The setup of one run, which has these tools. */
export function withTools(
  setup: AgentSetup,
  tools: readonly Tool[],
  toolSources: readonly RecordedToolSource[],
): AgentSetup {
  const given = { ...setup.given, tools }
  const { options, output } = resolveOutput(given)
  return { ...setup, given, options, output, settings: pickSettings(options), tools: byName(tools), toolSources }
}

function byName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  return new Map(tools.map((tool) => [tool.name, tool]))
}

/**
 * The setup for a run that was begun before: what its model was told of the
 * output schema stays as it was, whatever would be told to the model now.
 *
 * @param mustBeAble - whether the model is about to be asked: a form that it does not take any more is not followed.
 */
export function setupOfRun(setup: AgentSetup, started: RunStarted, mustBeAble: boolean): AgentSetup {
  const { given } = setup
  const form = recordedForm(started)
  if (given.output === undefined || (given.outputVia === 'prompt' && form !== 'words')) return setup
  const begun = withForm(setup, form)
  if (!isSameText(begun.options.systemPrompt, started.systemPromptHash)) return setup
  return mustBeAble && !isAble(begun) ? setup : begun
}

function withForm(setup: AgentSetup, form: OutputForm): AgentSetup {
  const { options, output } = resolveOutput(setup.given, form)
  return { ...setup, options, output, settings: pickSettings(options) }
}

function isSameText(text = '', hash: Uint8Array | null): boolean {
  return text === '' || hash === null ? text === '' && hash === null : equalBytes(blake3(utf8Encode(text)), hash)
}

function isAble({ options }: AgentSetup): boolean {
  try {
    assertSettings(options)
    return true
  } catch {
    return false
  }
}

/** Makes the empty state of a run and the prompt that follows it. */
export function createRunState(
  setup: AgentSetup,
  engine: Engine,
): { readonly state: RunState; readonly prompt: Prompt } {
  const { options, params, settings } = setup
  const { id: providerId } = options.provider.info
  const prompt = createPrompt({
    model: options.model,
    systemPrompt: options.systemPrompt ?? '',
    tools: (options.tools ?? []).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
    params,
    settings,
    hashReasoning: engine !== ENGINE.reference,
    providerId,
    countAttachments: engine >= ENGINE.governed,
  })
  return { prompt, state: new RunState((message) => prompt.append(message), { providerId, model: options.model }) }
}

function encodeParams(params: AgentOptions['params']): Uint8Array | null {
  if (params === undefined) return null
  if (params instanceof Uint8Array) return params.length === 0 ? null : checkMap(params)
  if (typeof params !== 'object' || params === null || Array.isArray(params)) refuse('params is not a map')
  return Object.keys(params).length === 0 ? null : checkMap(encodeParamMap(params))
}

function encodeParamMap(params: Readonly<Record<string, unknown>>): Uint8Array {
  try {
    return encodeValue(params)
  } catch (cause) {
    return refuse(`params cannot be recorded: ${errorText(cause)}`, cause)
  }
}

const MAP_TYPE = 5

/** Parameters go to a vendor by their names: what has none is of no use to it. */
function checkMap(params: Uint8Array): Uint8Array {
  try {
    decodeValue(params)
  } catch (cause) {
    refuse(`params is not one CBOR item: ${errorText(cause)}`, cause)
  }
  if ((params[0] ?? 0) >> 5 !== MAP_TYPE) refuse('params is not a CBOR map')
  return params
}

/** Parameters are JSON data for an adapter: what JSON cannot hold, such as bytes, becomes JSON's nearest. */
function toPlain(params: Uint8Array): RequestParams {
  const exact = decodeValue(params)
  // JSON.parse would round integers of more than 53 bits.
  const value: unknown = holdsBigint(exact) ? exact : JSON.parse(cborToJson(params))
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

function holdsBigint(value: unknown): boolean {
  if (typeof value === 'bigint') return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsBigint)
}

/** Rewrites arguments by the redaction of their tool. */
export function redactInput(tools: ReadonlyMap<string, Tool>, tool: string, args: Uint8Array): Uint8Array {
  const redact = tools.get(tool)?.policy?.redact
  return redact === undefined ? args : encodeValue(redact(decodeValue(args), 'input'))
}

/** Whether an append failed because the run has moved on without this process. */
export function isOvertaken(error: unknown): boolean {
  return hasCode(error, 'EVENTLOG_INVALID_APPEND') || hasCode(error, 'EVENTLOG_FENCED')
}

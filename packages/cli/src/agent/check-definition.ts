import { AGENT_OPTION_NAMES } from '@starling/core'
import type { AgentDefinition } from '@starling/core'
import { CliError } from '../cli-error.ts'
import { suggest } from '../suggest.ts'

// A misspelt option would be ignored without a word, a budget among them. The log comes from the command line.
const KEYS: readonly string[] = AGENT_OPTION_NAMES.filter((name) => name !== 'log')

/**
 * Checks the parts that would fail far from their cause; the rest is for the runtime to check.
 *
 * @throws {@link CliError} `CLI_AGENT_INVALID`
 */
export function checkDefinition(value: unknown, file: string): AgentDefinition {
  const wrong = (what: string): CliError => new CliError('CLI_AGENT_INVALID', `${file}: ${what}`)
  if (typeof value !== 'object' || value === null || isSomethingElse(value))
    throw wrong(`agent must be a definition made with defineAgent, got ${describe(value)}`)
  const { provider, model, tools, run, log }: Partial<Record<string, unknown>> = { ...value }
  if (typeof run === 'function' || log !== undefined) {
    throw wrong(
      'agent must be a definition made with defineAgent, not a running agent: the log comes from the command line',
    )
  }
  if (!hasMethod(provider, 'stream')) throw wrong(`agent.provider must be a provider, got ${describe(provider)}`)
  if (!isInfo(Reflect.get(provider, 'info')))
    throw wrong(`agent.provider must have info with id and apiVersion, got ${describe(Reflect.get(provider, 'info'))}`)
  if (typeof model !== 'string' || model === '') throw wrong(`agent.model must name a model, got ${describe(model)}`)
  if (tools !== undefined) {
    if (!Array.isArray(tools)) throw wrong(`agent.tools must be a list of tools, got ${describe(tools)}`)
    const index = tools.findIndex((tool) => !hasMethod(tool, 'execute'))
    if (index !== -1)
      throw wrong(`agent.tools[${index}] must be a tool made with defineTool, got ${describe(tools[index])}`)
  }
  const problem = findGovernanceProblem({ ...value })
  if (problem !== undefined) throw wrong(problem)
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) {
    const nearest = suggest(unknown, KEYS)
    throw wrong(`agent has an unknown key ${unknown}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`)
  }
  // Checked above as far as a value from outside can be; what remains are plain options.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as AgentDefinition
}

/** What governs calls must be there when it is meant to be: a policy that is none would let everything through. */
function findGovernanceProblem({
  toolSources,
  policy,
  ...value
}: Partial<Record<string, unknown>>): string | undefined {
  if (toolSources !== undefined) {
    if (!Array.isArray(toolSources)) return `agent.toolSources must be a list of sources, got ${describe(toolSources)}`
    const index = toolSources.findIndex((source) => !hasMethod(source, 'list') || !hasMethod(source, 'close'))
    if (index !== -1) return `agent.toolSources[${index}] must be a tool source, got ${describe(toolSources[index])}`
  }
  if (policy !== undefined && !hasMethod(policy, 'evaluate'))
    return `agent.policy must be made with createCallPolicy, got ${describe(policy)}`
  const name = ['approve', 'answer'].find((key) => value[key] !== undefined && typeof value[key] !== 'function')
  return name === undefined ? undefined : `agent.${name} must be a function, got ${describe(value[name])}`
}

/** Neither a definition nor an attempt at one: what it is says more than what it lacks. */
function isSomethingElse(value: object): boolean {
  if ('provider' in value || 'model' in value || 'run' in value) return false
  return Object.keys(value).length === 0 || classOf(value) !== undefined
}

function isInfo(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, 'id') === 'string' && typeof Reflect.get(value, 'apiVersion') === 'string'
}

function hasMethod(value: unknown, name: string): value is object {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? typeof value
  if (Array.isArray(value)) return 'a list'
  const name = classOf(value)
  if (name !== undefined) return `an instance of ${name}`
  const keys = Object.keys(value).slice(0, 5)
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`
}

function classOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || typeof prototype !== 'object' || prototype === null) return undefined
  return typeof value.constructor === 'function' && value.constructor.name !== '' ? value.constructor.name : undefined
}

import type { AgentDefinition } from '@starling/core'
import { CliError, usageError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { importModule } from './import-module.ts'
import { loadConfig } from './load-config.ts'

/**
 * Loads the agent named by `--agent`, or the one of the configuration.
 *
 * A module exports `agent`, or a default: a definition, or a function, maybe
 * async, that returns one.
 *
 * @throws {@link CliError} `CLI_USAGE`, `CLI_FILE_NOT_FOUND`, `CLI_AGENT_LOAD`, `CLI_AGENT_INVALID`
 */
export async function loadAgent(file: string | undefined, io: CliIo): Promise<AgentDefinition> {
  const named = file ?? (await loadConfig(io))?.agent
  if (named === undefined)
    throw usageError('no agent: name its module with --agent ./agent.ts, or in starling.config.ts')
  if (typeof named !== 'string') return checkDefinition(named, 'starling.config.ts')
  const module = await importModule(named, io)
  const exported = module['agent'] ?? module['default']
  if (exported === undefined || isEmpty(exported)) {
    const names = Object.keys(module).filter((name) => !MADE_BY_NODE.has(name))
    const found = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
    throw new CliError(
      'CLI_AGENT_INVALID',
      `${named} exports no \`agent\` (${found}); write: export const agent = defineAgent({ … })`,
    )
  }
  return checkDefinition(
    typeof exported === 'function' ? await callFactory(() => Reflect.apply(exported, undefined, []), named) : exported,
    named,
  )
}

// A file without any export is taken for CommonJS, whose exports Node presents under these names.
const MADE_BY_NODE: ReadonlySet<string> = new Set(['default', 'module.exports'])

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

async function callFactory(factory: () => unknown, file: string): Promise<unknown> {
  try {
    return await factory()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_AGENT_LOAD', `${file}: the function exported as agent failed: ${reason}`, { cause })
  }
}

/** Checks the parts that would fail far from their cause; the rest is for the runtime to check. */
function checkDefinition(value: unknown, file: string): AgentDefinition {
  const wrong = (what: string): CliError => new CliError('CLI_AGENT_INVALID', `${file}: ${what}`)
  if (typeof value !== 'object' || value === null)
    throw wrong(`agent must be a definition made with defineAgent, got ${describe(value)}`)
  const { provider, model, tools, run, log }: Partial<Record<'provider' | 'model' | 'tools' | 'run' | 'log', unknown>> =
    value
  if (typeof run === 'function' || log !== undefined) {
    throw wrong(
      'agent must be a definition made with defineAgent, not a running agent: the log comes from the command line',
    )
  }
  if (!hasMethod(provider, 'stream')) throw wrong(`agent.provider must be a provider, got ${describe(provider)}`)
  if (typeof model !== 'string' || model === '') throw wrong(`agent.model must name a model, got ${describe(model)}`)
  if (tools !== undefined) {
    if (!Array.isArray(tools)) throw wrong(`agent.tools must be a list of tools, got ${describe(tools)}`)
    const index = tools.findIndex((tool) => !hasMethod(tool, 'execute'))
    if (index !== -1)
      throw wrong(`agent.tools[${index}] must be a tool made with defineTool, got ${describe(tools[index])}`)
  }
  // Checked above as far as a value from outside can be; what remains are plain options.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as AgentDefinition
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? typeof value
  const keys = Object.keys(value).slice(0, 5)
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`
}

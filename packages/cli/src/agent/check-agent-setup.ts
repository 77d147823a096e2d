import type { AgentDefinition } from '@starling/core'
import { DEFAULT_PRICES, lookUpRate } from '@starling/step'
import type { CliIo } from '../io.ts'
import { count } from '../output/format.ts'
import { messageOf } from '../report-failure.ts'
import { loadAgent } from './load-agent.ts'
import { keysOf } from './provider-keys.ts'

/** What was found out about an agent. */
export interface AgentFinding {
  readonly name: 'agent' | 'agent key' | 'agent price' | 'tool source'
  readonly status: 'ok' | 'info' | 'fail'
  readonly note: string
}

/**
 * Loads an agent and tells whether its provider finds a key, its model a price,
 * and its tool sources tools.
 *
 * @throws {@link CliError} when the agent cannot be loaded or is none.
 */
export async function checkAgentSetup(file: string, io: CliIo): Promise<readonly AgentFinding[]> {
  const { model, provider, prices, toolSources = [] } = await loadAgent(file, io)
  const { id } = provider.info
  const found = lookUpRate(model, { ...DEFAULT_PRICES, ...prices }, id)
  const price =
    found === undefined
      ? ({ status: 'info', note: `no price for ${model}: its runs count as free; see \`starling prices\`` } as const)
      : ({ status: 'ok', note: `${model} is priced as ${found.key}` } as const)
  return [
    { name: 'agent', status: 'ok', note: `${file} asks ${model} of ${id}` },
    { name: 'agent key', ...keyFinding(id, io) },
    // What a script answers costs nothing.
    ...(id === SCRIPTED ? [] : [{ name: 'agent price', ...price } as const]),
    ...(await Promise.all(toolSources.map(checkSource))),
  ]
}

// A server that is fetched before it starts takes its time.
const SOURCE_TIMEOUT_MS = 30_000

/** Asks a source for its tools, as the beginning of a run does, and lets go of it again. */
async function checkSource(source: ToolSource): Promise<AgentFinding> {
  const name = 'tool source'
  const signal = AbortSignal.timeout(SOURCE_TIMEOUT_MS)
  const late = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => late.reject(signal.reason), { once: true })
  try {
    const { tools } = await Promise.race([source.list({ signal }), late.promise])
    const names = tools.map((tool) => tool.name)
    return { name, status: 'ok', note: `${source.name} has ${count(names.length, 'tool')}: ${names.join(' ')}` }
  } catch (error) {
    return { name, status: 'fail', note: `${source.name} has none to give: ${messageOf(error)}` }
  } finally {
    await source.close().catch(() => undefined) // what it had to say, it has said
  }
}

type ToolSource = NonNullable<AgentDefinition['toolSources']>[number]

const SCRIPTED = 'scripted'

function keyFinding(providerId: string, io: CliIo): Omit<AgentFinding, 'name'> {
  if (providerId === SCRIPTED) return { status: 'ok', note: 'the scripted provider needs none' }
  const keys = keysOf(providerId, io.env)
  if (keys === undefined) return { status: 'info', note: `nothing is known of the keys of ${providerId}` }
  if (keys.found !== undefined) return { status: 'ok', note: `${providerId} finds ${keys.found.join(' and ')}` }
  const elsewhere = providerId === 'bedrock' ? 'the AWS SDK finds one elsewhere' : 'the agent gives it one itself'
  return { status: 'info', note: `missing for ${providerId}: ${keys.wanted}, unless ${elsewhere}` }
}

import { DEFAULT_PRICES, lookUpRate } from '@starling/step'
import type { CliIo } from '../io.ts'
import { loadAgent } from './load-agent.ts'
import { keysOf } from './provider-keys.ts'

/** What was found out about an agent. */
export interface AgentFinding {
  readonly name: 'agent' | 'agent key' | 'agent price'
  readonly status: 'ok' | 'info'
  readonly note: string
}

/**
 * Loads an agent and tells whether its provider finds a key and its model a price.
 *
 * @throws {@link CliError} when the agent cannot be loaded or is none.
 */
export async function checkAgentSetup(file: string, io: CliIo): Promise<readonly AgentFinding[]> {
  const { model, provider, prices } = await loadAgent(file, io)
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
  ]
}

const SCRIPTED = 'scripted'

function keyFinding(providerId: string, io: CliIo): Omit<AgentFinding, 'name'> {
  if (providerId === SCRIPTED) return { status: 'ok', note: 'the scripted provider needs none' }
  const keys = keysOf(providerId, io.env)
  if (keys === undefined) return { status: 'info', note: `nothing is known of the keys of ${providerId}` }
  if (keys.found !== undefined) return { status: 'ok', note: `${providerId} finds ${keys.found.join(' and ')}` }
  const elsewhere = providerId === 'bedrock' ? 'the AWS SDK finds one elsewhere' : 'the agent gives it one itself'
  return { status: 'info', note: `missing for ${providerId}: ${keys.wanted}, unless ${elsewhere}` }
}

import { createAgent } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { Tool } from '@starling/tool'
import { createAppendGate } from '../../src/agent/append-gate.ts'

/** A tool that must not be called twice, and what it does. */
export function payer(execute: Tool['execute']): Tool {
  const policy = { idempotent: false, inDoubt: 'ask' } as const
  return { name: 'pay', description: 'Pays.', inputSchema: '{"type":"object"}', policy, execute }
}

/** Records run `r`, whose process was killed while `pay` was called, and which has been taken up and left since. */
export async function recordDoubtfulRun(log: EventLog): Promise<void> {
  const gate = createAppendGate(log)
  const provider = createScriptedProvider({
    turns: [{ toolCalls: [{ id: 'c1', name: 'pay', arguments: { sum: 5 } }] }],
  })
  const never = payer(async (_input, { signal }) => {
    const aborted = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => aborted.reject(signal.reason))
    return aborted.promise
  })
  const handle = createAgent({ provider, model: 'test', tools: [never], log: gate.log }).stream('Pay', { runId: 'r' })
  for await (const { type } of handle) if (type === 'tool-started') break
  await gate.shut()
  handle.cancel()
  await handle.result.catch(() => undefined) // nothing of it can be recorded any more
  const left = createAgent({ provider, model: 'test', tools: [never], log }).resume('r', { onApproval: 'suspend' })
  await left.result
}

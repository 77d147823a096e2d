import { createAgent, type AgentOptions, type CallPolicy } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import { systemClock } from '@starling/step'

const POLICY: CallPolicy = {
  data: { version: 1 },
  evaluate: ({ tool }) =>
    tool === 'deploy' ? { effect: 'ask', reason: 'deploys are looked at' } : { effect: 'allow' },
}

const TURNS: readonly ScriptedTurn[] = [
  {
    toolCalls: [
      { id: 'call-a', name: 'deploy', arguments: { to: 'prod' } },
      { id: 'call-b', name: 'look', arguments: {} },
      { id: 'other', name: 'deploy', arguments: { to: 'test' } },
    ],
  },
  { text: 'Shipped.' },
]

/** How a run that waits is made. */
export interface WaitingRunOptions {
  readonly runId: string
  /** When everything in it happens, in milliseconds since the epoch. */
  readonly nowMs: number
  readonly more?: Partial<AgentOptions> | undefined
  readonly turns?: readonly ScriptedTurn[] | undefined
}

/** Records a run that waits for decisions on `call-a` and `other`, deploys that a policy asks about. */
export async function recordWaitingRun(log: EventLog, options: WaitingRunOptions): Promise<void> {
  const { runId, nowMs, more = {}, turns = TURNS } = options
  const made = (name: string) => ({
    name,
    description: `Does ${name}.`,
    inputSchema: '{"type":"object"}',
    execute: async () => '"done"',
  })
  const agent = createAgent({
    provider: createScriptedProvider({ turns }),
    model: 'test',
    tools: [made('deploy'), made('look')],
    policy: POLICY,
    log,
    clock: { ...systemClock, now: () => BigInt(nowMs) * 1_000_000n },
    ...more,
  })
  await agent.runWithId(runId, 'Ship it', { onApproval: 'suspend' })
}

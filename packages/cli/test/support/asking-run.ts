import { createAgent } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import { systemClock } from '@starling/step'
import type { Tool, ToolContext, ToolQuestion } from '@starling/tool'
import { createAppendGate } from '../../src/agent/append-gate.ts'
import { recordWaitingRun, type WaitingRunOptions } from './waiting-run.ts'

/** A form with a field of its own kind each. */
export const ACCOUNT_SCHEMA: string = JSON.stringify({
  type: 'object',
  required: ['account'],
  properties: {
    account: { type: 'string', title: 'Account', description: 'Who pays.', minLength: 2 },
    amount: { type: 'integer', minimum: 1, maximum: 100, default: 5 },
    urgent: { type: 'boolean' },
    colour: { type: 'string', enum: ['red', 'blue'], enumNames: ['Red', 'Sky blue'] },
    tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, maxItems: 2 },
  },
})

export const FORM: ToolQuestion = { type: 'form', message: 'Which account?', schema: ACCOUNT_SCHEMA }
export const OPTIONAL_FORM: ToolQuestion = {
  type: 'form',
  message: 'Anything to add?',
  schema: '{"type":"object","properties":{"note":{"type":"string"}}}',
}
export const VISIT: ToolQuestion = { type: 'url', message: 'Sign in.', url: 'https://bank.example/login' }

/** A tool that does what it is told to with its context. */
export function asking(ask: (context: ToolContext) => Promise<unknown>): Tool {
  return {
    name: 'pay',
    description: 'Pays.',
    inputSchema: '{"type":"object"}',
    execute: async (_input, context) => JSON.stringify((await ask(context)) ?? null),
  }
}

/** How a run whose tool asks is made. */
export interface AskingRunOptions extends Omit<WaitingRunOptions, 'turns'> {
  /** Default: it asks {@link FORM}. */
  readonly ask?: ((context: ToolContext) => Promise<unknown>) | undefined
  /** The calls of `pay` that the model plans. Default: `c1`. */
  readonly callIds?: readonly string[] | undefined
}

/** Records a run that was left where `pay`, called with `{"sum":5}`, asks. */
export async function recordAskingRun(log: EventLog, options: AskingRunOptions): Promise<void> {
  const { ask = async (context) => context.ask(FORM), callIds = ['c1'], more = {}, ...rest } = options
  const turn: ScriptedTurn = { toolCalls: callIds.map((id) => ({ id, name: 'pay', arguments: { sum: 5 } })) }
  const turns = [turn, { text: 'Paid.' }]
  await recordWaitingRun(log, { ...rest, turns, more: { tools: [asking(ask)], ...more } })
}

/** As {@link recordAskingRun}, of a process that was killed while the first question waited. */
export async function recordKilledRun(
  log: EventLog,
  {
    runId,
    nowMs,
    ask,
  }: Pick<AskingRunOptions, 'runId' | 'nowMs'> & { readonly ask: (context: ToolContext) => Promise<unknown> },
): Promise<void> {
  const gate = createAppendGate(log)
  const agent = createAgent({
    provider: createScriptedProvider({ turns: [{ toolCalls: [{ id: 'c1', name: 'pay', arguments: { sum: 5 } }] }] }),
    model: 'test',
    tools: [asking(ask)],
    log: gate.log,
    clock: { ...systemClock, now: () => BigInt(nowMs) * 1_000_000n },
  })
  const handle = agent.stream('Ship it', { runId })
  for await (const { type } of handle) if (type === 'question-asked') break
  await gate.shut()
  handle.cancel()
  await handle.result.catch(() => undefined) // nothing of it can be recorded any more
}

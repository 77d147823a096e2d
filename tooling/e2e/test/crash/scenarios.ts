import type { RunHandle, RunUpdate } from '@starling/core'
import { KIND } from '@starling/event'
import { ProviderError } from '@starling/provider'
import type { ScriptedToolCall, ScriptedTurn } from '@starling/provider/scripted'
import { callTool } from '@starling/step'
import { transient } from '@starling/tool'
import type { Tool, ToolContext } from '@starling/tool'
import type { Journal } from './journal.ts'
import { witnessed } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const DONE: ScriptedTurn = { text: ['All ', 'done.'], usage: { input: 20, output: 4 } }

/** Every scenario of the crash matrix. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'text only',
    expected: 'completed',
    define: () => ({ turns: [DONE] }),
  },
  {
    name: 'one tool',
    expected: 'completed',
    define: (journal) => ({ turns: [calls(['c1', 'look', '{"at":"logs"}']), DONE], tools: [look(journal)] }),
  },
  {
    name: 'five turns',
    expected: 'completed',
    define: (journal) => ({
      turns: [
        ...['c1', 'c2', 'c3', 'c4'].map((id) => calls([id, 'look', `{"at":"${id}"}`])),
        { text: 'Five turns.', usage: { input: 50, output: 5 } },
      ],
      tools: [look(journal)],
    }),
  },
  {
    name: 'parallel tools that end in order',
    expected: 'completed',
    endsInOrder: ['c1', 'c2', 'c3'],
    define: (journal) => ({ turns: [THREE_CALLS, DONE], tools: [queueing(journal, (n) => n - 1)] }),
  },
  {
    name: 'parallel tools that end in reverse',
    expected: 'completed',
    endsInOrder: ['c3', 'c2', 'c1'],
    define: (journal) => ({ turns: [THREE_CALLS, DONE], tools: [queueing(journal, (n) => n + 1)] }),
  },
  {
    name: 'parallel tools with side effects',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'measure', '{"n":1}'], ['c2', 'measure', '{"n":2}']), DONE],
      tools: [measure(journal)],
    }),
  },
  {
    name: 'a failing tool whose error goes back to the model',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'break', '{}']), calls(['c2', 'look', '{"at":"logs"}'], ['c3', 'break', '{}']), DONE],
      tools: [look(journal), breaking(journal)],
    }),
  },
  {
    name: 'a failing tool that ends the run',
    expected: 'failed',
    define: (journal) => ({
      turns: [calls(['c1', 'break', '{}'], ['c2', 'look', '{"at":"logs"}']), DONE],
      tools: [look(journal), breaking(journal)],
      options: { onToolError: 'fail' },
    }),
  },
  {
    name: 'a failing side effect',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'fetch', '{"catch":true}'], ['c2', 'fetch', '{"catch":false}']), DONE],
      tools: [failingFetch(journal)],
    }),
  },
  {
    name: 'retries of an idempotent tool',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'flaky', '{}'], ['c2', 'look', '{"at":"logs"}']), DONE],
      tools: [look(journal), flaky(journal)],
    }),
  },
  {
    name: 'a model call that fails and is tried again',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'look', '{"at":"logs"}']), DONE],
      fault: { turn: 0, strike: BROKEN_OFF },
      tools: [look(journal)],
      options: { retry: { initialDelayMs: 1 } },
    }),
  },
  {
    name: 'reasoning blocks',
    expected: 'completed',
    define: (journal) => ({
      turns: [
        { ...REASONING, ...calls(['c1', 'look', '{"at":"logs"}']) },
        { reasoning: 'It was the cache.', text: 'The cache.', usage: { input: 40, output: 9, reasoning: 6 } },
      ],
      tools: [look(journal)],
    }),
  },
  {
    name: 'arguments in every shape',
    expected: 'completed',
    define: (journal) => ({
      turns: [
        calls(
          ['c1', 'echo', ' {"z": 1.0, "a": [ {"y": 2e3, "b": null} ], "m": {"k": "\\u00e9<>", "a": -0.0}} '],
          ['c2', 'echo', '[3, {"b": 1, "a": 2.5}]'],
          ['c3', 'echo', '{"broken": '],
        ),
        DONE,
      ],
      tools: [witnessed(journal, { name: 'echo', execute: async (input): Promise<unknown> => JSON.parse(input) })],
    }),
  },
  {
    name: 'a message sent while the run goes on',
    expected: 'completed',
    isSteady: false,
    message: 'Look at the cache, too.',
    define: (journal) => ({
      turns: [calls(['c1', 'wait', '{}']), calls(['c2', 'look', '{"at":"cache"}']), DONE],
      tools: [look(journal), waiting(journal)],
    }),
    onUpdate(update, handle, journal) {
      if (update.type !== 'tool-started' || update.tool !== 'wait' || journal.phase !== 'start') return
      handle.send(this.message ?? '')
      journal.note({ type: 'effect', name: 'sent', callId: update.callId })
    },
    check: (events) => {
      const messages = events.filter((event) => event.kind === KIND.UserMessageAppended)
      return messages.length === 1 ? [] : [`the message is in the log ${messages.length} times`]
    },
  },
  {
    name: 'calls that need approval',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'deploy', '{"to":"test"}'], ['c2', 'deploy', '{"to":"production"}']), DONE],
      tools: [witnessed(journal, { name: 'deploy', policy: { approval: true }, execute: async () => 'deployed' })],
    }),
    onUpdate(update, handle, journal) {
      if (update.type !== 'approval-requested') return
      journal.note({ type: 'asked', callId: update.callId })
      if (update.callId === 'c1') void handle.approve('c1', { by: 'ann' })
      else void handle.deny(update.callId, 'not on a Friday', { by: 'ann' })
    },
  },
  {
    name: 'a tool that must not be called twice',
    expected: 'completed',
    isSteady: false,
    define: (journal) => ({
      turns: [
        calls(['c1', 'charge', '{"eur":5}'], ['c2', 'look', '{"at":"logs"}']),
        calls(['c3', 'charge', '{"eur":7}']),
        DONE,
      ],
      tools: [
        look(journal),
        witnessed(journal, { name: 'charge', policy: { idempotent: false }, execute: charge(journal) }),
      ],
    }),
  },
  {
    name: 'a call in doubt about which a person decides',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'charge', '{"eur":5}']), DONE],
      tools: [
        witnessed(journal, {
          name: 'charge',
          policy: { idempotent: false, inDoubt: 'ask' },
          execute: async () => 'charged',
        }),
      ],
    }),
    onUpdate: approveAll,
  },
  {
    name: 'a call in doubt about which a person decides twice',
    expected: 'completed',
    crashedBefore: 4,
    define: (journal) => ({
      turns: [calls(['c1', 'charge', '{"eur":5}']), DONE],
      tools: [
        witnessed(journal, {
          name: 'charge',
          policy: { idempotent: false, inDoubt: 'ask' },
          execute: async () => 'charged',
        }),
      ],
    }),
    onUpdate: approveAll,
  },
  {
    name: 'an approved call that must not be made twice',
    expected: 'completed',
    isSteady: false,
    define: (journal) => ({
      turns: [calls(['c1', 'charge', '{"eur":5}']), DONE],
      tools: [
        witnessed(journal, {
          name: 'charge',
          policy: { idempotent: false, approval: true },
          execute: async () => 'charged',
        }),
      ],
    }),
    onUpdate: approveAll,
  },
  {
    name: 'a tool that calls another tool',
    expected: 'completed',
    define: (journal) => ({
      turns: [calls(['c1', 'survey', '{}'], ['c2', 'survey', '{}']), DONE],
      tools: [
        look(journal),
        witnessed(journal, {
          name: 'survey',
          execute: async () => [
            await callTool({ tool: 'look', input: '{"at":"a"}' }),
            await callTool({ tool: 'look', input: '{"at":"b"}' }),
          ],
        }),
      ],
    }),
  },
  {
    name: 'a budget that runs out',
    expected: 'failed',
    define: (journal) => ({
      turns: [calls(['c1', 'look', '{"at":"a"}']), calls(['c2', 'look', '{"at":"b"}']), DONE],
      tools: [look(journal)],
      options: { budget: { maxTotalTokens: 35 } },
    }),
  },
  {
    name: 'a run resumed once already',
    expected: 'completed',
    crashedBefore: 5,
    define: (journal) => ({
      turns: [
        calls(['c1', 'look', '{"at":"a"}'], ['c2', 'measure', '{"n":2}']),
        calls(['c3', 'look', '{"at":"b"}']),
        DONE,
      ],
      tools: [look(journal), measure(journal)],
    }),
  },
]

function approveAll(update: RunUpdate, handle: RunHandle, journal: Journal): void {
  if (update.type !== 'approval-requested') return
  journal.note({ type: 'asked', callId: update.callId })
  void handle.approve(update.callId, { by: 'ann' })
}

type Call = readonly [id: string, name: string, argumentsText: string]

function calls(...planned: readonly Call[]): {
  toolCalls: ScriptedToolCall[]
  usage: { input: number; output: number }
} {
  const toolCalls = planned.map(([id, name, text]) => ({ id, name, arguments: text }))
  return { toolCalls, usage: { input: 10, output: 8 } }
}

const THREE_CALLS: ScriptedTurn = calls(
  ['c1', 'queue', '{"n":1}'],
  ['c2', 'queue', '{"n":2}'],
  ['c3', 'queue', '{"n":3}'],
)

const BROKEN_OFF: ScriptedTurn = {
  reasoning: [{ text: 'Let me see.', signature: Uint8Array.of(1, 2, 3) }],
  text: 'The lo',
  fault: {
    kind: 'error',
    afterChunks: 2,
    error: new ProviderError('PROVIDER_SERVER', 'overloaded', { status: 503, retryable: true }),
  },
}

const REASONING: Pick<Extract<ScriptedTurn, { chunks?: undefined }>, 'reasoning' | 'text'> = {
  reasoning: [
    { text: 'First the logs.', signature: Uint8Array.of(7, 8) },
    { text: 'b3BhcXVl', redacted: true, signature: Uint8Array.of(9) },
  ],
  text: 'Looking.',
}

function look(journal: Journal): Tool {
  return witnessed(journal, { name: 'look', execute: async (input) => ({ seen: JSON.parse(input) }) })
}

function breaking(journal: Journal): Tool {
  return witnessed(journal, {
    name: 'break',
    execute: async () => {
      throw new Error('the disk is on fire')
    },
  })
}

/** Ends only after the call whose number `before` gives, if there is one. */
function queueing(journal: Journal, before: (n: number) => number): Tool {
  return witnessed(journal, {
    name: 'queue',
    async execute(input, context) {
      const n = numberIn(input)
      const other = before(n)
      const ended = `${other} has ended`
      if (other >= 1 && other <= 3) await journal.noted((note) => note.type === 'effect' && note.name === ended)
      journal.note({ type: 'effect', name: `${n} has ended`, callId: context.callId })
      return { n }
    },
  })
}

function measure(journal: Journal): Tool {
  return witnessed(journal, {
    name: 'measure',
    async execute(input, context) {
      const n = numberIn(input)
      await context.now()
      await context.uuid()
      const value = await context.sideEffect('probe', () => {
        journal.note({ type: 'effect', name: 'probe', callId: context.callId })
        return n * 2
      })
      await context.random()
      const twice = await context.sideEffect('probe', () => n * 4)
      return { value, twice }
    },
  })
}

function failingFetch(journal: Journal): Tool {
  return witnessed(journal, {
    name: 'fetch',
    async execute(input, context) {
      try {
        await context.sideEffect('fetch', () => {
          journal.note({ type: 'effect', name: 'fetch', callId: context.callId })
          throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
        })
      } catch (error) {
        if (!input.includes('true')) throw error
        return { gaveUp: error instanceof Error ? error.message : 'no error' }
      }
      return { fetched: true }
    },
  })
}

function flaky(journal: Journal): Tool {
  return witnessed(journal, {
    name: 'flaky',
    policy: { idempotent: true, maxAttempts: 3 },
    async execute(_input, context) {
      if (context.attempt < 3) throw transient(`busy, attempt ${context.attempt}`)
      return { attempts: context.attempt }
    },
  })
}

/** Returns once the message is on its way; a later process finds it so, or sends it when it resumes. */
function waiting(journal: Journal): Tool {
  return witnessed(journal, {
    name: 'wait',
    async execute() {
      if (journal.phase === 'start') await journal.noted((note) => note.type === 'effect' && note.name === 'sent')
      return 'waited'
    },
  })
}

function charge(journal: Journal): (input: string, context: ToolContext) => Promise<unknown> {
  return async (_input, context) =>
    context.sideEffect('charge', () => {
      journal.note({ type: 'effect', name: 'charge', callId: context.callId })
      return 'charged'
    })
}

function numberIn(input: string): number {
  const { n } = JSON.parse(input) as { n: number } // the scripted arguments above
  return n
}

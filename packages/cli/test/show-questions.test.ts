import { createAgent, decideApprovals } from '@starling/core'
import { encodePayload, encodeValue, KIND } from '@starling/event'
import { createScriptedProvider } from '@starling/provider/scripted'
import { encodeAnswer } from '@starling/step'
import type { ToolContext } from '@starling/tool'
import { beforeEach, describe, expect, test } from 'vitest'
import { readApprovalEvent } from '../src/approvals/recorded-approval.ts'
import { asking, FORM, OPTIONAL_FORM, recordAskingRun, VISIT } from './support/asking-run.ts'
import { call, documents, lines, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

// Five minutes before every call.
const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)

const ask = async (context: ToolContext): Promise<unknown> => [
  await context.ask(FORM),
  await context.ask({ ...OPTIONAL_FORM, message: 'Anything\u001B[2J\nto add?' }),
  await context.ask(VISIT, { held: true }),
]

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('ended'))
  const log = store.log('x.db')
  await recordAskingRun(log, { runId: 'r', nowMs: ASKED_MS, ask, more: { approvalTimeoutMs: 600_000 } })
  const clock = { now: () => BigInt(ASKED_MS + 1000) * 1_000_000n, elapsedMs: () => 0, sleep: async () => {} }
  await decideApprovals(log, {
    runId: 'r',
    clock,
    decisions: [{ callId: 'c1', decision: 'approve', input: '{"account":"a\\u001b1"}', by: 'ada' }],
  })
  const agent = createAgent({
    provider: createScriptedProvider({ turns: [{ text: 'Paid.' }] }),
    model: 'test',
    tools: [asking(ask)],
    policy: { data: { version: 1 }, evaluate: () => ({ effect: 'allow' }) },
    log,
  })
  const handle = agent.resume('r')
  for await (const update of handle) {
    if (update.type !== 'question-asked') continue
    const action = update.held ? 'cancel' : 'decline'
    void handle.answer(update.questionId, { action }, { by: 'bob\u001B[2J' })
  }
  await handle.result
})

async function show(...argv: readonly string[]): Promise<CallResult> {
  return call(['show', 'x.db', 'r', ...argv], { store })
}

describe('a run whose tool has asked', () => {
  test('is shown with what was asked, until when, for whom, and who answered what', async () => {
    const { stdout } = await show()
    expect(stdout).toContain(
      [
        '? pay c1 asks: Which account? 2026-01-31T23:55:00Z, until 2026-02-01T00:05:00Z',
        '  account (text, required, at least 2 characters): Account: Who pays.',
      ].join('\n'),
    )
    expect(stdout).toContain('\n✓ pay c1 answered by ada 2026-01-31T23:55:01Z\n  with: {"account":"a\\u001b1"}\n')
    expect(stdout).toMatch(/\n\? pay \S+ asks: Anything\\x1b\[2J \S+Z\n {2}to add\?\n {2}note \(text\)\n/)
    expect(stdout).toMatch(/\n✗ pay \S+ declined by bob\\x1b\[2J /)
    expect(stdout).toMatch(
      /\n\? pay \S+ asks: Sign in\. \S+Z, only for the process that asks\n {2}https:\/\/bank\.example\/login\n/,
    )
    expect(stdout).toMatch(/\n■ pay \S+ cancelled by bob\\x1b\[2J /)
    expect(stdout).not.toContain('\u001B')
    expect(stdout).not.toContain('side effect')
  })

  test('is followed in the same words as its events are shown in', async () => {
    const { stdout } = await call(['tail', 'x.db', 'r', '--lines', '100'], { store })
    expect(stdout).toContain('c1 asks: Which account?\n')
    expect(stdout).toBe((await show('--events')).stdout)
  })

  test('has one line per event that says who asked and who answered what', async () => {
    const { stdout } = await show('--events')
    const told = lines(stdout)
      .filter((line) => line.includes('SideEffectRecorded'))
      .map((line) => line.replace(/^.*SideEffectRecorded\s+\S+ /, ''))
    expect(told).toEqual([
      'asks: Which account?',
      'answered by ada with {"account":"a\\u001b1"}',
      'asks: Anything\\x1b[2J to add?',
      'declined by bob\\x1b[2J',
      'asks: https://bank.example/login Sign in.',
      'cancelled by bob\\x1b[2J',
    ])
  })

  test('is JSON with everything that was asked and answered', async () => {
    const [document] = documents((await show('--json')).stdout)
    const items: { type: string }[] = document.items
    const [asked, second, third] = items.filter(({ type }) => type === 'question-asked')
    expect(asked).toEqual({
      type: 'question-asked',
      seq: expect.any(Number),
      at: '2026-01-31T23:55:00.000Z',
      call_id: 'c1',
      tool: 'pay',
      question: FORM,
      held: false,
      question_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      expires_at: ASKED_MS + 600_000,
    })
    expect([second, third]).toMatchObject([{ held: false }, { held: true, question: VISIT }])
    expect(items.filter(({ type }) => type === 'question-answered')).toMatchObject([
      {
        call_id: 'c1',
        tool: 'pay',
        action: 'accept',
        content: '{"account":"a\\u001b1"}',
        by: 'ada',
        question_hash: Reflect.get(asked ?? {}, 'question_hash'),
      },
      { action: 'decline' },
      { action: 'cancel' },
    ])
    expect(document.side_effect_count).toBe(0)
  })
})

describe('an event', () => {
  const read = (name: string, value: Uint8Array) => {
    const payload = encodePayload(KIND.SideEffectRecorded, { name, value, callId: 'c1' })
    return readApprovalEvent({ kind: KIND.SideEffectRecorded, payload })
  }
  const question = encodeValue({ question: VISIT })

  test('that says neither that it accepts nor that it declines is an answer of nobody', () => {
    const value = encodeAnswer({ answer: { action: 'cancel' }, outside: false }, VISIT)
    expect(read('starling/answer', value)).toMatchObject({ type: 'question-answered', action: 'cancel' })
    expect(read('starling/answer', question)).toMatchObject({ action: 'cancel' })
  })

  test('whose name is reserved, and which holds no question, is none', () => {
    expect(read('starling/question', question)).toMatchObject({ type: 'question-asked', callId: 'c1' })
    expect(read('starling/question', Uint8Array.of(0xa0))).toBeUndefined()
    expect(read('starling/else', question)).toBeUndefined()
  })
})

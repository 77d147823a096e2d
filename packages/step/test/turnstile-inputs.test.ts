// What people say and decide while calls run stands among their events; the schedules of the next calls end a batch.
import { setImmediate } from 'node:timers/promises'
import { encodeCbor, encodeValue, KIND } from '@starling/event'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CutOffError } from '../src/index.ts'
import type { Recorded, ReplayRecorder, ReplayRecorderOptions, Scope } from '../src/index.ts'
import { completedDraft, effect, effectDraft, replayRecorder } from './support/recordings.ts'
import type { Draft } from './support/recordings.ts'

const A: Scope = { callId: 'a' }
const B: Scope = { callId: 'b' }
const MESSAGE: Draft = [KIND.UserMessageAppended, { content: 'hello' }]
const DECISION: Draft = [KIND.SideEffectRecorded, { name: 'decision', value: encodeValue('approve'), callId: 'c' }]

const isInput = ({ kind, payload }: Recorded): boolean =>
  kind === KIND.UserMessageAppended || (kind === KIND.SideEffectRecorded && payload.name === 'decision')

const isPlanned = ({ kind, payload }: Recorded): boolean =>
  kind === KIND.ToolCallScheduled && payload.callId.startsWith('planned')

function scheduleDraft(callId: string): Draft {
  const args = encodeCbor(new Map())
  return [KIND.ToolCallScheduled, { callId, turnId: 't', tool: 'x', args, attempt: 1 }]
}

/** A replay that tells what has passed, as it passes. */
async function replay(
  drafts: readonly Draft[],
  options: Partial<ReplayRecorderOptions> = {},
): Promise<{ readonly recorder: ReplayRecorder; readonly passed: string[] }> {
  const passed: string[] = []
  const recorder = await replayRecorder(drafts, {
    isInput,
    isPlanned,
    onStaged: (recorded) => passed.push(nameOf(recorded)),
    ...options,
  })
  return { recorder, passed }
}

function nameOf({ kind, payload }: Recorded): string {
  if (kind === KIND.UserMessageAppended) return payload.content
  if (kind === KIND.SideEffectRecorded) return payload.name
  return kind === KIND.ToolCallCompleted ? `${payload.callId} done` : String(kind)
}

async function ask(recorder: ReplayRecorder, scope: Scope, name: string): Promise<string> {
  await recorder.emit(KIND.SideEffectRecorded, effect(scope.callId, name), { scope })
  return name
}

async function complete(recorder: ReplayRecorder, scope: Scope): Promise<void> {
  const result = encodeValue(null)
  const payload = { callId: scope.callId, result, durationMs: 0, attempt: 1 }
  await recorder.emit(KIND.ToolCallCompleted, payload, { scope })
  recorder.end(scope)
}

test('what came in while calls ran is taken over where it stands, and by no call', async () => {
  const { recorder, passed } = await replay([
    MESSAGE,
    effectDraft('a', 'x'),
    DECISION,
    MESSAGE,
    effectDraft('a', 'y'),
    DECISION,
    completedDraft('a'),
  ])
  recorder.begin(A, 'executed')
  await ask(recorder, A, 'x')
  await ask(recorder, A, 'y')
  await complete(recorder, A)
  expect(passed).toEqual(['hello', 'x', 'decision', 'hello', 'y', 'decision', 'a done'])
})

test('what comes in before a call has ended is taken over, and after it left to whoever takes it between two steps', async () => {
  const { recorder, passed } = await replay([completedDraft('a'), DECISION])
  recorder.begin(A, 'executed')
  await complete(recorder, A)
  expect(passed).toEqual(['a done', 'decision']) // the call had its outcome, and had not ended
  const { recorder: later, passed: staged } = await replay([MESSAGE])
  later.begin(A, 'executed')
  later.end(A)
  expect(staged).toEqual([])
  later.stage(KIND.UserMessageAppended, { content: 'hello' })
  expect(staged).toEqual(['hello'])
})

test('a decision is not handed to a call that asks for a side effect of the same name', async () => {
  const { recorder } = await replay([DECISION, completedDraft('c')])
  const scope = { callId: 'c' }
  recorder.begin(scope, 'executed')
  await expect(ask(recorder, scope, 'decision')).rejects.toMatchObject({ divergence: { class: 'kind' } })
})

test('a call that is taken over is not handed what somebody else has said about it', async () => {
  const { recorder } = await replay([DECISION, completedDraft('c')])
  const scope = { callId: 'c' }
  recorder.begin(scope, 'recorded')
  expect((await recorder.next(scope)).kind).toBe(KIND.ToolCallCompleted)
})

test('a call is served ahead of its turn past what came in meanwhile', async () => {
  const { recorder, passed } = await replay([
    effectDraft('a', 'x'),
    MESSAGE,
    DECISION,
    effectDraft('a', 'y'),
    completedDraft('a'),
  ])
  recorder.begin(A, 'executed')
  expect(await ask(recorder, A, 'y')).toBe('y')
  expect(passed).toEqual([])
  await ask(recorder, A, 'x')
  await complete(recorder, A)
  expect(passed).toEqual(['x', 'hello', 'decision', 'y', 'a done'])
})

test('the schedule of a planned call ends a batch: a call that is cut off before it is told so', async () => {
  const { recorder, passed } = await replay([effectDraft('a', 'x'), scheduleDraft('planned-2')])
  recorder.begin(A, 'cut-off')
  expect((await recorder.next(A)).kind).toBe(KIND.SideEffectRecorded)
  await expect(recorder.next(A)).rejects.toBeInstanceOf(CutOffError)
  expect(passed).toEqual(['x'])
})

test('the schedule of a call that a tool makes is a part of a call that is taken over', async () => {
  const { recorder, passed } = await replay([scheduleDraft('a/1.1'), completedDraft('a/1.1'), completedDraft('a')])
  recorder.begin(A, 'recorded')
  expect((await recorder.next(A)).payload).toMatchObject({ callId: 'a' })
  expect(passed.at(-1)).toBe('a done')
})

test('a planned call that is scheduled once more is one of those under way', async () => {
  const scope = { callId: 'planned-1' }
  const { recorder, passed } = await replay([scheduleDraft('planned-1'), completedDraft('planned-1')])
  recorder.begin(scope, 'executed')
  const [, payload] = scheduleDraft('planned-1')
  if (!('args' in payload)) throw new Error('the draft is no schedule')
  await recorder.emit(
    KIND.ToolCallScheduled,
    { ...payload, turnId: 't', tool: 'x', attempt: 1, callId: 'planned-1' },
    { scope },
  )
  await complete(recorder, scope)
  expect(passed.at(-1)).toBe('planned-1 done')
})

test('a call that asks for what was recorded after the schedule of the next ones differs', async () => {
  const { recorder } = await replay([scheduleDraft('planned-2'), effectDraft('a', 'x')])
  recorder.begin(A, 'executed')
  await expect(ask(recorder, A, 'x')).rejects.toMatchObject({ code: 'STEP_DIVERGED' })
})

test('wherever inputs stand among the events of two calls, the calls are let through in the recorded order', async () => {
  const streams = fc.array(fc.constantFrom('a', 'b', 'message', 'decision'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(streams, async (stream) => {
      const drafts: Draft[] = stream.map((from, at) => {
        if (from === 'message') return MESSAGE
        return from === 'decision' ? DECISION : effectDraft(from, `${from}${at}`)
      })
      const { recorder, passed } = await replay([...drafts, completedDraft('a'), completedDraft('b')])
      const run = async (scope: Scope): Promise<void> => {
        for (const [at, from] of stream.entries()) if (from === scope.callId) await ask(recorder, scope, `${from}${at}`)
        await complete(recorder, scope)
      }
      recorder.begin(A, 'executed')
      recorder.begin(B, 'executed')
      await Promise.all([run(B), run(A)])
      await setImmediate()
      const names = stream.map((from, at) => {
        if (from === 'message') return 'hello'
        return from === 'decision' ? 'decision' : `${from}${at}`
      })
      expect(passed).toEqual([...names, 'a done', 'b done'])
      expect(recorder.peek()).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

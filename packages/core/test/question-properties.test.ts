import { setImmediate } from 'node:timers/promises'
import { KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { ANSWER, decodeAnswer, QUESTION, toRecorded } from '@starling/step'
import type { Recorded } from '@starling/step'
import type { ToolAnswer } from '@starling/tool'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeApproval } from '../src/approval.ts'
import { decideApprovals, readApprovals } from '../src/index.ts'
import type { ApprovalRequest, CallDecision, QuestionRequest, RunHandle, RunResult, RunUpdate } from '../src/index.ts'
import { askingPlans, askingWorld, contentFor, createJournal, POLICIES } from './support/asking-plans.ts'
import type { AskingPlan, Entered, Journal } from './support/asking-plans.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { expectMatch, RUN, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

type Verdict = 'approve' | 'deny' | 'answer' | 'edit' | 'nothing'

/** What one process does with the run, and where its log ends when it dies. */
interface Segment {
  readonly onApproval: 'wait' | 'suspend' | 'deny'
  /** What is decided before it begins, on what waits by then. */
  readonly outside: readonly Verdict[]
  /** What is decided when a call asks, in turn. */
  readonly inside: readonly [Verdict, ...Verdict[]]
  readonly maxParallelTools: number
  /** After how many updates the run is cancelled. */
  readonly cancelAt: number
  /** After how many updates a person says something. */
  readonly messageAt: number
  readonly message: string | undefined
  /** How much of what it has recorded survives, in percent; or all until its last question. */
  readonly kept: number | 'question'
}

const verdicts = fc.constantFrom<Verdict>('approve', 'approve', 'deny', 'answer', 'edit', 'nothing')

const segments = fc.record<Segment>({
  onApproval: fc.constantFrom('wait', 'suspend', 'suspend', 'suspend', 'deny'),
  outside: fc.array(verdicts, { maxLength: 4 }),
  inside: fc.tuple(verdicts, verdicts, verdicts),
  maxParallelTools: fc.constantFrom(1, 2, 8),
  cancelAt: fc.integer({ min: 1, max: 120 }),
  messageAt: fc.integer({ min: 1, max: 60 }),
  message: fc.constantFrom('and more', undefined),
  kept: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant('question' as const)),
})

/** A process that brings every run to its end. */
const LAST: Segment = {
  onApproval: 'deny',
  outside: [],
  inside: ['nothing'],
  maxParallelTools: 8,
  cancelAt: Infinity,
  messageAt: Infinity,
  message: undefined,
  kept: 100,
}

/** What has to end does so within this time: nothing in these runs waits for anything but itself. */
const TIMEOUT_MS = 4000

test('whatever calls ask, and wherever processes die, nothing is done twice or answered wrongly, and every log replays', async () => {
  const scripts = fc.array(segments, { minLength: 1, maxLength: 5 })
  await withoutRejections((assertNone) =>
    fc.assert(
      fc.asyncProperty(askingPlans, scripts, async (plan, script) => {
        await play(plan, [...script, LAST])
        await assertNone()
      }),
      { numRuns: 30, timeout: TIMEOUT_MS },
    ),
  )
})

test('a log that refuses an append, wherever it does, leaves nothing that hangs or fails unheard', async () => {
  const faults = fc.record({
    at: fc.integer({ min: 1, max: 40 }),
    times: fc.constantFrom(1, 99),
    written: fc.boolean(),
  })
  await withoutRejections((assertNone) =>
    fc.assert(
      fc.asyncProperty(askingPlans, segments, faults, async (plan, segment, fault) => {
        const journal = createJournal()
        const kept = createMemoryEventLog()
        const log = createFaultyLog(kept, { ...fault, error: new Error('the disk is full') })
        const { onApproval, maxParallelTools } = segment
        const world = askingWorld(plan, journal, { log, maxParallelTools })
        const handle = world.agent.stream('Go', { runId: RUN, onApproval })
        await attend(handle, segment).catch(() => undefined)
        await assertNone()
        if ((await kept.read(RUN)).length === 0) return
        expect((await validateRun(kept, RUN)).status).not.toBe('corrupt')
        journal.isClosed = true
        await expectMatch(askingWorld(plan, journal, { log: kept }))
      }),
      { numRuns: 30, timeout: TIMEOUT_MS },
    ),
  )
})

/** Has processes work on a run, one after the other, until it has ended. */
async function play(plan: AskingPlan, script: readonly Segment[]): Promise<void> {
  let journal = createJournal()
  let log = createMemoryEventLog()
  for (const segment of script) {
    const world = askingWorld(plan, journal, { log, maxParallelTools: segment.maxParallelTools })
    const before = (await log.read(RUN)).length
    if (before > 0) await decideOutside(world, segment, journal)
    const result = await runSegment(world, segment, before)
    const recorded = await readRecorded(world)
    expect(journal.faults).toEqual([])
    expect(journal.entered.flatMap((entered) => faultsOf(entered, recorded))).toEqual([])
    expect(repeatedEffects(recorded)).toEqual([])
    expect(await validateRun(log, RUN)).toMatchObject({ status: result.status === 'suspended' ? 'open' : 'ok' })
    expect(result.status).not.toBe('failed')
    await expectSame(world, journal)
    const kept = keptOf(segment, recorded, before)
    if (kept === recorded.length && result.status !== 'suspended') return
    log = await truncated(log, kept)
    // What the process did after its last surviving event has not happened.
    journal = Object.assign(createJournal(), journal, {
      entered: journal.entered.filter(({ logLength }) => logLength <= kept),
    })
    await expectSame(askingWorld(plan, journal, { log }), journal)
  }
}

/** How many events are left of a run when a process of it dies. */
function keptOf({ kept }: Segment, events: readonly Recorded[], before: number): number {
  const { length } = events
  if (kept !== 'question') return before + Math.ceil(((length - before) * kept) / 100)
  const last = events.findLastIndex(
    ({ kind, payload }) => kind === KIND.SideEffectRecorded && payload.name === QUESTION,
  )
  return last < before ? length : last + 1
}

async function decideOutside(world: World, { outside }: Segment, journal: Journal): Promise<void> {
  const waiting = await readApprovals(world.log, RUN)
  const decisions = waiting.flatMap((request, index) => decisionOn(request, outside[index] ?? 'nothing'))
  if (decisions.length === 0) return
  const { clock } = journal
  expect(await decideApprovals(world.log, { clock, runId: RUN, decisions })).toBe(decisions.length)
  expect(await decideApprovals(world.log, { clock, runId: RUN, decisions })).toBe(0)
  await expectSame(world, journal)
}

async function runSegment(world: World, segment: Segment, from: number): Promise<RunResult> {
  const { onApproval, message } = segment
  const handle =
    from === 0
      ? world.agent.stream('Go', { runId: RUN, onApproval })
      : world.agent.resume(RUN, { onApproval, ...(message === undefined ? {} : { message }) })
  return attend(handle, segment)
}

/** Sits with a run to its end: decides, answers, says something, cancels. */
async function attend(handle: RunHandle, segment: Segment): Promise<RunResult> {
  const { onApproval, inside, cancelAt, messageAt } = segment
  const given: Promise<void>[] = []
  let updates = 0
  let asked = 0
  for await (const update of handle) {
    updates += 1
    if (updates === cancelAt) handle.cancel('enough')
    if (updates === messageAt) unlessOver(() => handle.send('hello'))
    if (onApproval === 'deny' || !isAsking(update)) continue
    const verdict = inside[(asked += 1) % inside.length] ?? 'nothing'
    // Where somebody is waited for, somebody has to come.
    const isDecided = verdict !== 'nothing' || onApproval === 'suspend'
    unlessOver(() => given.push(...giveTo(handle, update, isDecided ? verdict : 'approve')))
  }
  for (const outcome of await Promise.allSettled(given)) if (outcome.status === 'rejected') assertOver(outcome.reason)
  return handle.result
}

type Asking = Extract<RunUpdate, { readonly type: 'approval-requested' | 'question-asked' }>

function isAsking(update: RunUpdate): update is Asking {
  return update.type === 'approval-requested' || update.type === 'question-asked'
}

function giveTo(handle: RunHandle, asked: Asking, verdict: Verdict): readonly Promise<void>[] {
  if (asked.type === 'approval-requested') {
    return decisionOn(asked, verdict).map((decision) => handle.decide([decision]))
  }
  return verdict === 'nothing' ? [] : [handle.answer(asked.questionId, answerTo(asked, verdict))]
}

function answerTo({ question }: Pick<QuestionRequest, 'question'>, verdict: Verdict): ToolAnswer {
  if (verdict === 'deny') return { action: 'decline' }
  return question.type === 'url' ? { action: 'accept' } : { action: 'accept', content: contentFor(question.message) }
}

let edits = 0

function decisionOn(request: ApprovalRequest, verdict: Verdict): readonly CallDecision[] {
  const { callId, turnId, argsHash, question, held, input } = request
  const base = { callId, turnId, argsHash }
  if (verdict === 'nothing' || held === true) return []
  if (verdict === 'deny') return [{ ...base, decision: 'deny' }]
  if (question !== undefined) {
    return [{ ...base, decision: 'approve', input: answerTo({ question }, verdict).content }]
  }
  if (verdict === 'answer') return [{ ...base, decision: 'answer', result: '"by hand"' }]
  if (verdict === 'approve') return [{ ...base, decision: 'approve' }]
  return [{ ...base, decision: 'approve', input: JSON.stringify({ ...JSON.parse(input), edit: (edits += 1) }) }]
}

function unlessOver(work: () => void): void {
  try {
    work()
  } catch (error) {
    assertOver(error)
  }
}

/** Whoever comes when a run, or a call, has ended is told so. */
function assertOver(error: unknown): void {
  expect(error).toMatchObject({ code: expect.stringMatching(/^CORE_(RUN_ENDED|NOT_WAITING)$/) })
}

/** Checks that a replay reproduces every event, from the start and from the middle, and that nothing is called for it. */
async function expectSame(world: World, journal: Journal): Promise<void> {
  journal.isClosed = true
  await expectMatch(world)
  const { length } = await world.log.read(RUN)
  for (const share of [0.4, 0.9]) {
    const fromSeq = Math.max(1, Math.floor(length * share))
    expect(await world.agent.replay(RUN, { fromSeq, collect: 'all' })).toMatchObject({
      status: 'match',
      divergences: [],
    })
  }
  journal.isClosed = false
}

/** What is wrong with a call that was made, by what was on record before. */
function faultsOf({ name, turnId, callId }: Entered, events: readonly Recorded[]): readonly string[] {
  const at = events.findIndex((event) => isSchedule(event, turnId) && event.payload.callId === callId)
  const schedule = events[at]
  if (schedule === undefined || !isSchedule(schedule, turnId)) return [`${name} was called before its schedule`]
  const planned = schedule.payload.reissueOf ?? callId
  const before = events.slice(0, at).filter(({ event }) => event.seq > turnStart(events, turnId))
  const schedules = before
    .filter((event) => isSchedule(event, turnId))
    .filter(({ payload }) => plannedIn(payload) === planned)
  const approvedAt = before.findLastIndex((event) => isApproval(event, planned))
  const policy = POLICIES[name]
  const faults = policy.approval === true && approvedAt < 0 ? [`${name} was called without an approval`] : []
  const last = schedules.at(-1)
  if (last === undefined || policy.idempotent !== false || approvedAt > before.indexOf(last)) return faults
  const ids = new Set(schedules.map(({ payload }) => payload.callId))
  const goesOn = name === 'faithful' && isStanding(before, before.indexOf(last), ids)
  return goesOn ? faults : [...faults, `${name} was called twice`]
}

function plannedIn({ callId, reissueOf = callId }: Schedule['payload']): string {
  return reissueOf
}

type Schedule = Extract<Recorded, { readonly kind: typeof KIND.ToolCallScheduled }>

function isSchedule(event: Recorded, turnId: string): event is Schedule {
  return event.kind === KIND.ToolCallScheduled && event.payload.turnId === turnId
}

function turnStart(events: readonly Recorded[], turnId: string): number {
  return events.find(({ kind, payload }) => kind === KIND.TurnStarted && payload.turnId === turnId)?.event.seq ?? 0
}

function isApproval(event: Recorded, planned: string): boolean {
  if (event.kind !== KIND.SideEffectRecorded || event.payload.name !== 'starling/approval') return false
  return event.payload.callId === planned && decodeApproval(event.payload.value).decision === 'approve'
}

/** Whether a call that was scheduled at `since` had a question by then, or asked one, that it has not been given the answer to. */
function isStanding(events: readonly Recorded[], since: number, ids: ReadonlySet<string>): boolean {
  const standing = new Set<number | undefined>()
  for (const [index, { kind, payload }] of events.entries()) {
    if (kind !== KIND.SideEffectRecorded || !ids.has(payload.callId ?? '')) continue
    if (payload.name === QUESTION) standing.add(payload.ordinal)
    else if (payload.name === ANSWER && (index < since || !decodeAnswer(payload.value).outside)) {
      standing.delete(payload.ordinal)
    }
  }
  return standing.size > 0
}

/** Side effects that one call has recorded twice, although it went on from its questions. */
function repeatedEffects(events: readonly Recorded[]): readonly string[] {
  const repeated: string[] = []
  const calls = new Map<string, { loggedId: string; hasAsked: boolean; readonly places: Set<string> }>()
  for (const event of events) {
    if (event.kind === KIND.TurnStarted) calls.clear()
    if (event.kind === KIND.ToolCallScheduled) {
      const { callId, attempt, reissueOf = callId } = event.payload
      const call = calls.get(reissueOf)
      if (call?.hasAsked === true && attempt === 1) call.loggedId = callId
      else calls.set(reissueOf, { loggedId: callId, hasAsked: false, places: new Set() })
    }
    if (event.kind !== KIND.SideEffectRecorded) continue
    const { name, callId = '', value, ordinal } = event.payload
    if (name === 'starling/approval' && 'input' in decodeApproval(value)) calls.delete(callId) // it is another call by now
    const call = [...calls.values()].find(({ loggedId }) => loggedId === callId)
    if (call === undefined || (name.startsWith('starling/') && name !== QUESTION)) continue
    if (name === QUESTION) call.hasAsked = true
    const place = `${name} ${ordinal}`
    if (call.places.has(place)) repeated.push(`${place} of ${callId}`)
    call.places.add(place)
  }
  return repeated
}

async function readRecorded(world: World): Promise<readonly Recorded[]> {
  return (await world.log.read(RUN)).flatMap((event) => toRecorded(event) ?? [])
}

/** Does `work`, which can check that no promise has failed unheard by then. */
async function withoutRejections(work: (assertNone: () => Promise<void>) => Promise<void>): Promise<void> {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  try {
    await work(async () => {
      await setImmediate() // by then the process has heard of them
      expect(rejections.splice(0)).toEqual([])
    })
  } finally {
    process.off('unhandledRejection', note)
  }
}

import { encodeCbor, encodePayload, fromHex, hashEvent, KIND, merkleRoot, toHex } from '@starling/event'
import type { Event } from '@starling/event'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun, RunBuilder } from '../src/conformance/runs.ts'
import { at } from '../src/conformance/test-steps.ts'
import { createValidator, validateEvents } from '../src/index.ts'
import { rechain } from './fixtures.ts'
import { naiveValidate } from './naive-validate.ts'

const PREFIX = 'eventlog: log failed validation: '

describe('a valid run', () => {
  test('is ok, and has the root over all events before the terminal one', () => {
    const events = finishedRun('r')
    expect(validateEvents(events)).toEqual({
      status: 'ok',
      events: events.length,
      root: merkleRoot(events.slice(0, -1).map(hashEvent)),
    })
  })

  test('is open as long as its terminal event is missing, and has the root over all events', () => {
    const events = finishedRun('r').slice(0, 5)
    expect(validateEvents(events)).toEqual({
      status: 'open',
      events: 5,
      seq: 5,
      reason: `${PREFIX}last event kind ToolCallCompleted is not terminal`,
      root: merkleRoot(events.map(hashEvent)),
    })
  })

  test('no events are corrupt', () => {
    expect(validateEvents([])).toEqual({
      status: 'corrupt',
      events: 0,
      reason: `${PREFIX}no events`,
      violation: { detail: 'no events' },
    })
  })
})

describe('a corrupt run', () => {
  test('names the event and the two hashes of a broken link', () => {
    const events = chainOf('r', 4).map((event, index) => (index === 1 ? { ...event, ts: event.ts + 1n } : event))
    const expected = toHex(hashEvent(events[1] ?? fail()))
    const actual = toHex(events[2]?.prevHash ?? fail())
    expect(validateEvents(events)).toMatchObject({
      status: 'corrupt',
      seq: 3,
      reason: `${PREFIX}prev-hash mismatch at index 2`,
      violation: { difference: { field: 'prev_hash', expected, actual } },
    })
  })

  test('names the two roots of a terminal event that covers something else', () => {
    const events = new RunBuilder('r').start().completeWithoutRoot('done').events
    const expected = toHex(hashEvent(events[0] ?? fail()))
    expect(validateEvents(events)).toMatchObject({
      seq: 2,
      reason: `${PREFIX}merkle root mismatch`,
      violation: { difference: { field: 'merkle_root', expected, actual: 'null' } },
    })
  })

  test.each([
    [{ runId: 'other' }, { field: 'run_id', expected: 'r', actual: 'other' }],
    [{ seq: 7 }, { field: 'seq', expected: '3', actual: '7' }],
    [{ prevHash: null }, { field: 'prev_hash', actual: 'null' }],
    [{ prevHash: fromHex('00ff') }, { field: 'prev_hash', actual: '00ff' }],
  ] satisfies [Partial<Event>, object][])('%o in its third event is reported as %o', (change, difference) => {
    const events = chainOf('r', 4).map((event, index) => (index === 2 ? { ...event, ...change } : event))
    expect(validateEvents(events)).toMatchObject({ status: 'corrupt', seq: 3, violation: { seq: 3, difference } })
  })

  test.each([
    [{ seq: 2 }, 'event[0].Seq = 2, want 1', { field: 'seq', expected: '1', actual: '2' }],
    [
      { prevHash: fromHex('00') },
      'event[0].PrevHash is non-empty',
      { field: 'prev_hash', expected: 'null', actual: '00' },
    ],
    [{ kind: 2 }, 'event[0].Kind = UserMessageAppended, want RunStarted', { field: 'kind', expected: 'RunStarted' }],
  ] satisfies [Partial<Event>, string, object][])(
    '%o in its first event is reported as %s',
    (change, detail, difference) => {
      const events = [{ ...(chainOf('r', 1)[0] ?? fail()), ...change }]
      expect(validateEvents(events)).toMatchObject({ status: 'corrupt', seq: 1, violation: { detail, difference } })
    },
  )

  test('names both turns of an answer to the wrong one', () => {
    const [start, turn, answer] = new RunBuilder('r').start().callTool({ turnId: 'open' }).events
    const wrong = new RunBuilder('r').callTool({ turnId: 'wrong' }).events[1]
    const events = rechain([
      start ?? fail(),
      turn ?? fail(),
      { ...(answer ?? fail()), payload: wrong?.payload ?? fail() },
    ])
    expect(validateEvents(events)).toMatchObject({
      status: 'corrupt',
      seq: 3,
      violation: { difference: { field: 'turn_id', expected: 'open', actual: 'wrong' } },
    })
  })

  test('without a terminal event has the reason of the log format, and its own violation beside it', () => {
    const events = new RunBuilder('r').start().schedule('c', 't').schedule('c', 't').say('on').events
    const detail = 'ToolCallScheduled at 2 duplicates open call c/attempt=1'
    expect(validateEvents(events)).toEqual({
      status: 'corrupt',
      events: 4,
      seq: 3,
      reason: `${PREFIX}last event kind UserMessageAppended is not terminal`,
      violation: { detail, seq: 3 },
    })
  })

  test('that goes on after its terminal event is corrupt, not open', () => {
    const events = new RunBuilder('r').start().complete().say('late').events
    expect(validateEvents(events)).toMatchObject({
      status: 'corrupt',
      reason: `${PREFIX}last event kind UserMessageAppended is not terminal`,
      violation: { detail: 'terminal event at index 1 before end', seq: 2 },
    })
  })

  test('whose last event cannot be hashed is corrupt, not open: nothing could follow', () => {
    const events = new RunBuilder('r').start().addRaw(KIND.UserMessageAppended, Uint8Array.of(0xff)).events
    expect(validateEvents(events)).toMatchObject({
      status: 'corrupt',
      reason: `${PREFIX}last event kind UserMessageAppended is not terminal`,
      violation: { detail: expect.stringMatching(/^marshal event\[1\]: ./), seq: 2 },
    })
  })
})

describe('precedence', () => {
  test('a broken link at the end wins over wrong meaning, an early terminal event and a missing one', () => {
    const events = new RunBuilder('r').start().schedule('', 't').complete().say('a').say('b').events
    const broken = events.with(4, { ...(events.at(-1) ?? fail()), prevHash: null })
    expect(validateEvents(broken).reason).toBe(`${PREFIX}prev-hash mismatch at index 4`)
  })

  test('an early terminal event wins over wrong meaning and a wrong root', () => {
    const events = new RunBuilder('r')
      .start()
      .schedule('', 't')
      .completeWithoutRoot('a')
      .completeWithoutRoot('b').events
    expect(validateEvents(events).reason).toBe(`${PREFIX}terminal event at index 2 before end`)
  })

  test('wrong meaning wins over a wrong root, an open turn over an open call', () => {
    const open = new RunBuilder('r').start().schedule('c', 't')
    const turn = { turnId: 't1', promptHash: null, inputTokens: 0 }
    open.add(KIND.TurnStarted, turn).completeWithoutRoot('done')
    expect(validateEvents(open.events).reason).toBe(`${PREFIX}turn "t1" still open at RunCompleted`)
  })

  test('a run id is compared before its number, its number before its link', () => {
    const [first, second] = chainOf('r', 2)
    const events = (change: Partial<Event>): Event[] => [
      first ?? fail(),
      { ...(second ?? fail()), prevHash: null, ...change },
    ]
    expect(validateEvents(events({ runId: 'x', seq: 9 })).reason).toMatch(/RunID mismatch at index 1: "x" vs "r"$/)
    expect(validateEvents(events({ seq: 9 })).reason).toMatch(/seq gap at index 1: want 2 got 9$/)
    expect(validateEvents(events({})).reason).toMatch(/prev-hash mismatch at index 1$/)
  })
})

describe('kinds beyond the format', () => {
  test('are numbers in verdicts, and change nothing else', () => {
    const payload = { turnId: 't', attempt: 1, error: 'x', errorClass: 'server', next: 'retry' }
    const run = new RunBuilder('r')
      .start()
      .add(KIND.TurnFailed, payload)
      .addRaw(200, encodeCbor(['anything']))
    expect(validateEvents(run.events.slice(0, 2)).reason).toBe(`${PREFIX}last event kind Kind(16) is not terminal`)
    expect(validateEvents(run.events).reason).toBe(`${PREFIX}last event kind Kind(200) is not terminal`)
    expect(validateEvents(run.complete().events).status).toBe('ok')
  })
})

/** Of several calls that are open at the end, the format leaves it open which one a verdict names. */
function withoutCall(detail: string | undefined): string | undefined {
  return detail?.replace(/\(call=.*\) has no matching outcome at RunCompleted/s, '(…)')
}

describe('the incremental validator', () => {
  test('agrees with the plain rules on any sequence of events', () => {
    fc.assert(
      fc.property(anyRun(), (events) => {
        const { status, reason } = validateEvents(events)
        const detail = naiveValidate(events)
        const comparable = reason?.slice(PREFIX.length).replace(/(decode [^:]*: |marshal event\[\d+\]: ).*/s, '$1')
        expect(withoutCall(comparable)).toBe(withoutCall(detail))
        expect(status === 'ok').toBe(detail === undefined)
      }),
      { numRuns: 1500 },
    )
  })

  test('calls a run open exactly when some end would make it valid', () => {
    fc.assert(
      fc.property(anyRun(), (events) => {
        const isOpen = validateEvents(events).status === 'open'
        const last = events.at(-1)
        const prevHash = attemptHash(last)
        const root = events.length > 0 && prevHash !== null ? attemptRoot(events) : null
        const payload = { error: '', errorType: '', merkleRoot: root, durationMs: 0 }
        const end: Event = {
          runId: last?.runId ?? '',
          seq: events.length + 1,
          prevHash,
          ts: 0n,
          kind: KIND.RunFailed,
          payload: encodePayload(KIND.RunFailed, payload),
        }
        expect(validateEvents([...events, end]).status === 'ok').toBe(isOpen)
      }),
      { numRuns: 500 },
    )
  })

  test('says the same about every prefix as a validator that sees only the prefix', () => {
    fc.assert(
      fc.property(anyRun(), (events) => {
        const validator = createValidator()
        for (const [index, event] of events.entries()) {
          validator.push(event)
          expect(validator.finish()).toEqual(validateEvents(events.slice(0, index + 1)))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a long run', () => {
  const run = new RunBuilder('r').start()
  for (let n = 0; n < 150; n++) run.say(`message ${n}`)
  const events = run.complete().events
  const changes: readonly (readonly [what: string, change: (event: Event) => Partial<Event>])[] = [
    ['another run id', () => ({ runId: 'x' })],
    ['another number', ({ seq }) => ({ seq: seq + 1 })],
    ['another time', ({ ts }) => ({ ts: ts + 1n })],
    ['no link', () => ({ prevHash: null })],
    ['a link that is too short', ({ prevHash }) => ({ prevHash: prevHash?.slice(1) ?? null })],
    ['a link with another last byte', ({ prevHash }) => ({ prevHash: prevHash?.with(31, 0) ?? null })],
    ['a payload that is no item', () => ({ payload: Uint8Array.of(0x61) })],
  ]

  test('is ok, with the root that its parts make', () => {
    expect(validateEvents(events)).toMatchObject({
      status: 'ok',
      events: 152,
      root: merkleRoot(events.slice(0, -1).map(hashEvent)),
    })
  })

  // Envelopes are looked at in portions: what is wrong at the edge of one is found like anything else.
  test.each(changes)('is damaged by %s anywhere, and the first damage is named', (_, change) => {
    for (const index of [1, 2, 31, 32, 62, 63, 64, 65, 66, 95, 127, 128, 129, 149, 150]) {
      const damaged = events.with(index, { ...at(events, index), ...change(at(events, index)) })
      expect(withoutMarshal(validateEvents(damaged).reason)).toBe(`${PREFIX}${naiveValidate(damaged)}`)
    }
  })

  test('is damaged by an event that is missing, or there twice', () => {
    for (const index of [0, 1, 62, 63, 64, 65, 128, 151]) {
      for (const damaged of [events.toSpliced(index, 1), events.toSpliced(index, 0, at(events, index))]) {
        expect(validateEvents(damaged).reason).toBe(`${PREFIX}${naiveValidate(damaged)}`)
      }
    }
  })
})

function withoutMarshal(reason: string | undefined): string | undefined {
  return reason?.replace(/(marshal event\[\d+\]: ).*/s, '$1')
}

/** Runs of which about half keep the rules for a while: few ids, so that they meet. */
function anyRun(): fc.Arbitrary<readonly Event[]> {
  const damage = fc.option(fc.record({ index: fc.nat(8), change: fc.nat(5) }), { nil: undefined, freq: 5 })
  return fc
    .record({
      started: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      steps: fc.array(anyStep(), { maxLength: 8 }),
      end: fc.constantFrom('complete', 'fail', 'cancel', 'wrong', 'none'),
      damage,
    })
    .map(({ started, steps, end, damage: damaged }) => {
      const run = new RunBuilder('r')
      if (started) run.start()
      for (const { kind, payload } of steps) run.addRaw(kind, payload)
      if (end === 'complete') run.complete()
      if (end === 'fail') run.fail('x')
      if (end === 'cancel') run.cancel('x')
      if (end === 'wrong') run.completeWithoutRoot('x')
      return damaged === undefined ? run.events : hurt(run.events, damaged)
    })
}

function hurt(events: readonly Event[], { index, change }: { index: number; change: number }): readonly Event[] {
  const event = events[index]
  if (event === undefined) return events
  const changes: readonly Partial<Event>[] = [
    { runId: 'x' },
    { seq: event.seq + 1 },
    { prevHash: new Uint8Array(0) },
    { prevHash: new Uint8Array(32) },
    { payload: Uint8Array.of(0xff) },
    { runId: '' },
  ]
  return events.with(index, { ...event, ...changes[change] })
}

function anyStep(): fc.Arbitrary<{ kind: number; payload: Uint8Array }> {
  const turnId = fc.constantFrom('t1', 't1', 't1', 't2', '')
  const callId = fc.constantFrom('c1', 'c1', 'c2', '')
  const attempt = fc.constantFrom(1, 1, 1, 2)
  const nothing = encodeCbor(null)
  return fc.oneof(
    turnId.map((id) => encoded(KIND.TurnStarted, { turn_id: id, prompt_hash: null, input_tokens: 1 })),
    turnId.map((id) => encoded(KIND.AssistantMessageCompleted, { turn_id: id, text: 'hi' })),
    turnId.map((id) => encoded(KIND.BudgetExceeded, { turn_id: id, limit: 'usd' })),
    fc.tuple(callId, attempt).map(([id, n]) => encoded(KIND.ToolCallScheduled, { call_id: id, attempt: n })),
    fc.tuple(callId, attempt).map(([id, n]) => encoded(KIND.ToolCallCompleted, { call_id: id, attempt: n })),
    fc.tuple(callId, attempt).map(([id, n]) => encoded(KIND.ToolCallFailed, { call_id: id, attempt: n })),
    fc.constantFrom(2, 4, 9, 11, 15, 16, 99).map((kind) => ({ kind, payload: nothing })),
    fc.constantFrom(1, 3, 5, 6, 7, 8, 10, 12).map((kind) => encoded(kind, ['not', 'a', 'map'])),
  )
}

function encoded(kind: number, payload: Parameters<typeof encodeCbor>[0]): { kind: number; payload: Uint8Array } {
  return { kind, payload: encodeCbor(payload) }
}

function attemptHash(event: Event | undefined): Uint8Array | null {
  try {
    return event === undefined ? null : hashEvent(event)
  } catch {
    return null
  }
}

function attemptRoot(events: readonly Event[]): Uint8Array | null {
  const hashes = events.map(attemptHash)
  return hashes.includes(null) ? null : merkleRoot(hashes.filter((hash) => hash !== null))
}

function fail(): never {
  throw new Error('the arrangement of this test is wrong')
}

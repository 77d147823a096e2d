import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import type { ChainEnd } from '@starling/eventlog/backend'
import { checkBatch } from '@starling/eventlog/backend'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { extendTail, RunTails } from '../src/run-tails.ts'

describe('extending a remembered tail', () => {
  test('allows and refuses exactly what the judge of all backends does, with the same words', () => {
    const cases = fc.record({
      stored: fc.nat(6),
      count: fc.integer({ min: 1, max: 4 }),
      damage: anyDamage(),
      isKnown: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ stored, count, damage, isKnown }) => {
        const run = [...finishedRun('r'), ...chainOf('r', 20).slice(7)]
        const events = damage(run.slice(stored, stored + count))
        const previous = run.slice(0, stored).at(-1)
        const remembered = tailAfter(isKnown ? previous : undefined, stored)
        const fast = outcomeOf(() => extendTail(remembered, { runId: 'r', events, last: () => previous }))
        const judged = outcomeOf(() => checkBatch(previous, events, 'r'))
        expect(fast.error).toBe(judged.error)
        expect(fast.tail?.seq).toBe(judged.error === undefined ? (events.at(-1)?.seq ?? stored) : undefined)
      }),
      { numRuns: 500 },
    )
  })

  test('does not look at the stored end when it knows it', () => {
    const events = chainOf('r', 5)
    const tail = tailAfter(events[2], 3)
    const last = (): never => {
      throw new Error('looked')
    }
    expect(extendTail(tail, { runId: 'r', events: events.slice(3), last })).toMatchObject({ seq: 5 })
    expect(() => extendTail(undefined, { runId: 'r', events: events.slice(3), last })).toThrow('looked')
  })

  test('leaves the end unknown after a terminal event or a payload that is no CBOR', () => {
    const run = finishedRun('r')
    expect(extendTail(undefined, { runId: 'r', events: run, last: () => undefined }).hash).toBeUndefined()
    const [first] = chainOf('r', 1)
    const broken = { ...(first as Event), payload: new Uint8Array([0xff]) }
    expect(extendTail(undefined, { runId: 'r', events: [broken], last: () => undefined })).toEqual({
      seq: 1,
      hash: undefined,
    })
  })

  test('of a run without events expects the first one', () => {
    const empty = extendTail(undefined, { runId: 'r', events: [], last: () => undefined })
    expect(empty).toEqual({ seq: 0, hash: null })
    expect(extendTail(empty, { runId: 'r', events: chainOf('r', 2), last: () => undefined })).toMatchObject({ seq: 2 })
  })
})

describe('remembered tails', () => {
  test('are bounded, and the runs appended to last are among them', () => {
    const tails = new RunTails()
    for (let n = 0; n < 20_000; n++) tails.set(`run-${n}`, { seq: n, hash: null })
    const known = Array.from({ length: 20_000 }, (_, n) => tails.get(`run-${n}`)).filter((tail) => tail !== undefined)
    expect(known.length).toBeLessThan(10_000)
    for (let n = 16_000; n < 20_000; n++) expect(tails.get(`run-${n}`)).toEqual({ seq: n, hash: null })
  })

  test('are the newest, also when an older one is still around', () => {
    const tails = new RunTails()
    tails.set('r', { seq: 1, hash: null })
    for (let n = 0; n < 5000; n++) tails.set(`run-${n}`, { seq: n, hash: null })
    tails.set('r', { seq: 2, hash: null })
    expect(tails.get('r')).toEqual({ seq: 2, hash: null })
    tails.clear()
    expect(tails.get('r')).toBeUndefined()
  })
})

function tailAfter(previous: Event | undefined, stored: number): ChainEnd | undefined {
  if (previous === undefined) return stored === 0 ? { seq: 0, hash: null } : undefined
  return { seq: previous.seq, hash: hashEvent(previous) }
}

/** Something that may be wrong with one of the events of a batch. */
function anyDamage(): fc.Arbitrary<(events: readonly Event[]) => readonly Event[]> {
  const change = fc.constantFrom<Partial<Event>>(
    {},
    { runId: 'other' },
    { runId: '' },
    { seq: 1 },
    { seq: 99 },
    { prevHash: null },
    { prevHash: new Uint8Array() },
    { prevHash: new Uint8Array(32) },
    { prevHash: new Uint8Array(31) },
    { kind: 256 },
    { kind: -1 },
    { kind: 1.5 },
    { kind: 200 },
    { ts: 2n ** 63n },
    { ts: -(2n ** 63n) },
    { payload: new Uint8Array() },
    { payload: new Uint8Array([0xff]) },
  )
  return fc.tuple(change, fc.nat(3)).map(([damage, index]) => {
    return (events) => events.map((event, n) => (n === index ? { ...event, ...damage } : event))
  })
}

function outcomeOf(action: () => ChainEnd | void): { readonly tail?: ChainEnd | undefined; readonly error?: string } {
  try {
    const tail = action()
    return tail === undefined ? {} : { tail }
  } catch (error) {
    return { error: String(error) }
  }
}

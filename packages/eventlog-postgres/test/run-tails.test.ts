import { hashEvent } from '@starling/event'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { expect, test } from 'vitest'

import { extendTail, judge, NO_EVENTS, RunTails, tailOf } from '../src/run-tails.ts'
import { at } from './raw.ts'

test('the end of a run is what the next event has to link to', () => {
  const events = chainOf('r', 3)
  const tail = extendTail(NO_EVENTS, 'r', events)
  expect(tail?.seq).toBe(3)
  expect(tail?.hash).toEqual(hashEvent(at(events, 2)))
  expect(tail?.digest).toEqual(tailOf(at(events, 2)).digest)
})

test('whatever does not link to the end has none', () => {
  const events = chainOf('r', 4)
  const tail = extendTail(NO_EVENTS, 'r', events.slice(0, 2))
  if (tail === undefined) throw new Error('expected an end')
  for (const [runId, batch] of [
    ['r', events.slice(3)],
    ['r', [at(events, 2), at(events, 2)]],
    ['other', events.slice(2)],
    ['', events.slice(2)],
    ['r', [{ ...at(events, 2), prevHash: null }]],
    ['r', [{ ...at(events, 2), prevHash: new Uint8Array(32) }]],
    ['r', [{ ...at(events, 2), kind: 256 }]],
    ['r', [{ ...at(events, 2), ts: 2n ** 63n }]],
    ['r', [{ ...at(events, 2), runId: 's' }]],
  ] as const) {
    expect(extendTail(tail, runId, batch)).toBeUndefined()
  }
  expect(extendTail(tail, 'r', [])).toBe(tail)
})

test('every part of an event that its hash depends on changes how the server recognises it', () => {
  const event = at(chainOf('r', 2), 1)
  const changed = [
    event,
    { ...event, ts: event.ts + 1n },
    { ...event, kind: event.kind + 1 },
    { ...event, prevHash: null },
    { ...event, prevHash: new Uint8Array(0) },
    { ...event, prevHash: new Uint8Array(32) },
    { ...event, payload: Uint8Array.of(...event.payload, 0) },
    { ...event, prevHash: new Uint8Array(0), payload: Uint8Array.of(...(event.prevHash ?? []), ...event.payload) },
  ]
  const digests = changed.map((each) => Buffer.from(tailOf(each).digest ?? []).toString('hex'))
  expect(new Set(digests).size).toBe(changed.length)
})

test('nothing is known to follow a terminal event, or one that cannot be hashed', () => {
  const last = at(finishedRun('r'), 6)
  expect(tailOf(last).hash).toBeUndefined()
  expect(tailOf({ ...at(chainOf('r', 1), 0), payload: Uint8Array.of(0xff) }).hash).toBeUndefined()
})

test('a run that was not appended to for long is forgotten, one that was is not', () => {
  const tails = new RunTails()
  tails.set('old', NO_EVENTS)
  for (let n = 0; n < 10_000; n++) tails.set(`r${n}`, { ...NO_EVENTS, seq: n })
  expect(tails.get('old')).toBeUndefined()
  expect(tails.get('r9999')).toMatchObject({ seq: 9999 })
  tails.delete('r9999')
  expect(tails.get('r9999')).toBeUndefined()
})

test('the judge says what is wrong in the words of the log format', () => {
  const events = chainOf('r', 3)
  expect(() => judge(at(events, 0), 'r', [at(events, 2)])).toThrow('eventlog: invalid append: expected Seq=2, got 3')
  expect(() => judge(undefined, 'r', events)).not.toThrow()
})

import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { extendsChain, linkHashOf } from '../src/chain-end.ts'
import { chainOf, finishedRun } from '../src/conformance/runs.ts'
import { at } from '../src/conformance/test-steps.ts'

const events = chainOf('r', 3)
const [first, second] = [at(events, 0), at(events, 1)]

describe('a chain', () => {
  test('is extended by its first event, and by each one that links to the one before', () => {
    expect(extendsChain({ seq: 0, hash: null }, first)).toBe(true)
    expect(extendsChain({ seq: 1, hash: hashEvent(first) }, second)).toBe(true)
  })

  test.each<[string, Event]>([
    ['links to nothing', { ...second, prevHash: null }],
    ['links to something else', { ...second, prevHash: new Uint8Array(32) }],
    ['links to a part', { ...second, prevHash: hashEvent(first).slice(1) }],
    ['comes too early', { ...second, seq: 1 }],
    ['comes too late', { ...second, seq: 3 }],
    ['has a kind out of range', { ...second, kind: 256 }],
    ['has a negative kind', { ...second, kind: -1 }],
    ['has a time out of range', { ...second, ts: 2n ** 63n }],
  ])('is not certainly extended by an event that %s', (_, event) => {
    expect(extendsChain({ seq: 1, hash: hashEvent(first) }, event)).toBe(false)
  })

  test('whose end is not known is certainly extended by nothing', () => {
    for (const event of [second, { ...second, prevHash: null }]) {
      expect(extendsChain({ seq: 1, hash: undefined }, event)).toBe(false)
    }
  })

  test('that is empty is not begun by an event with a link', () => {
    expect(extendsChain({ seq: 0, hash: null }, { ...first, prevHash: new Uint8Array(32) })).toBe(false)
  })
})

test('the hash to link to is that of the event', () => {
  expect(linkHashOf(second)).toEqual(hashEvent(second))
})

test('nothing links to a terminal event, nor to one that cannot be hashed', () => {
  expect(linkHashOf(at(finishedRun('r'), -1))).toBeUndefined()
  expect(linkHashOf({ ...first, payload: Uint8Array.of(0xff) })).toBeUndefined()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createInclusionProof,
  decodeEnvelope,
  decodePayload,
  encodeEnvelope,
  encodePayload,
  fromHex,
  hashEvent,
  isTerminalKind,
  KIND,
  merkleRoot,
  toHex,
  verifyInclusionProof,
} from '../src/index.ts'
import type { Event } from '../src/index.ts'
import { readVectors } from './event-fixtures.ts'

interface ValidateVectors {
  readonly reference_cases: readonly ValidateCase[]
  readonly derived_cases: readonly ValidateCase[]
}

interface ValidateCase {
  readonly name: string
  readonly expect: string
  readonly events: readonly VectorEvent[]
}

interface VectorEvent {
  readonly run_id: string
  readonly seq: number
  readonly prev_hash: string | null
  readonly ts: number | { readonly $int: string }
  readonly kind: number
  readonly payload_hex: string
  readonly envelope_hex: string
  readonly event_hash: string
}

describe('recorded chains', () => {
  const { reference_cases: reference, derived_cases: derived } = readVectors('validate.json') as ValidateVectors
  const valid = [...reference, ...derived].filter((vector) => vector.expect === 'valid')

  test.each(valid)('$name links up, and its root is the one it carries', ({ events: recorded }) => {
    const events = recorded.map((event) => eventOfVector(event))
    expect(brokenLinks(events)).toEqual([])
    expect(carriedRoot(events.at(-1))).toBe(toHex(merkleRoot(events.slice(0, -1).map((event) => hashEvent(event)))))
  })

  test.each([...reference, ...derived])('$name: every event has the recorded bytes and hash', ({ events }) => {
    for (const recorded of events) {
      const event = eventOfVector(recorded)
      expect(toHex(encodeEnvelope(event))).toBe(recorded.envelope_hex)
      expect(decodeEnvelope(fromHex(recorded.envelope_hex))).toEqual(event)
      expect(toHex(hashEvent(event))).toBe(recorded.event_hash)
    }
  })

  test('there are valid ones and others', () => {
    expect(valid.length).toBeGreaterThan(10)
    expect(valid.length).toBeLessThan(reference.length + derived.length)
  })
})

describe('a chain', () => {
  test('links up as it was built', () => {
    fc.assert(
      fc.property(chains(), (events) => {
        expect(brokenLinks(events)).toEqual([])
      }),
    )
  })

  test('breaks behind an event in which any one byte was changed', () => {
    const place = fc.record({ event: fc.nat(), offset: fc.nat(), bit: fc.nat(7) })
    fc.assert(
      fc.property(chains(), place, (events, { event: at, offset, bit }) => {
        const index = at % (events.length - 1)
        const original = events[index]
        fc.pre(original !== undefined)
        const payload = original.payload.slice()
        // The text of the payload; a change of its head would no longer be CBOR at all.
        const position = payload.length - 1 - (offset % 4)
        payload[position] = (payload[position] ?? 0) ^ (1 << bit)
        expect(brokenLinks(events.with(index, { ...original, payload }))).toEqual([index + 1])
      }),
    )
  })

  test.each([
    ['run', { runId: 'another' }],
    ['number', { seq: 1_000_000 }],
    ['time', { ts: -1n }],
    ['kind', { kind: 255 }],
    ['link', { prevHash: new Uint8Array(32) }],
  ] satisfies [string, Partial<Event>][])('breaks behind an event whose %s was changed', (_, change) => {
    fc.assert(
      fc.property(chains(), fc.nat(), (events, at) => {
        const index = at % (events.length - 1)
        const original = events[index]
        fc.pre(original !== undefined)
        expect(brokenLinks(events.with(index, { ...original, ...change }))).toContain(index + 1)
      }),
      { numRuns: 30 },
    )
  })

  test('breaks where an event was taken out, put twice or swapped with its neighbour', () => {
    fc.assert(
      fc.property(chains(), fc.nat(), (events, at) => {
        const index = at % (events.length - 1)
        const [here, next] = [events[index], events[index + 1]]
        fc.pre(here !== undefined && next !== undefined)
        const tampered = [
          events.toSpliced(index, 1),
          events.toSpliced(index, 0, here),
          events.with(index, next).with(index + 1, here),
        ]
        expect(tampered.filter((chain) => brokenLinks(chain).length === 0)).toEqual([])
      }),
    )
  })

  test('has a proof for each of its events under the root of all', () => {
    fc.assert(
      fc.property(chains(), fc.nat(), (events, at) => {
        const leaves = events.map((event) => hashEvent(event))
        const index = at % leaves.length
        const proof = createInclusionProof(leaves, index)
        const shown = leaves.map((leaf) => verifyInclusionProof(proof, leaf, merkleRoot(leaves)))
        expect(shown.indexOf(true)).toBe(index)
        expect(shown.lastIndexOf(true)).toBe(index)
      }),
      { numRuns: 40 },
    )
  })
})

function eventOfVector(recorded: VectorEvent): Event {
  return {
    runId: recorded.run_id,
    seq: recorded.seq,
    prevHash: recorded.prev_hash === null ? null : fromHex(recorded.prev_hash),
    ts: BigInt(typeof recorded.ts === 'number' ? recorded.ts : recorded.ts.$int),
    kind: recorded.kind,
    payload: fromHex(recorded.payload_hex),
  }
}

/** The positions whose event does not name the hash of the one before; an event that cannot be hashed has none. */
function brokenLinks(events: readonly Event[]): number[] {
  return events.flatMap((event, index) => {
    const previous = events[index - 1]
    const expected = previous === undefined ? null : toHex(hashEvent(previous))
    return (event.prevHash === null ? null : toHex(event.prevHash)) === expected ? [] : [index]
  })
}

function carriedRoot(terminal: Event | undefined): string {
  if (terminal === undefined || !isTerminalKind(terminal.kind)) throw new Error('no terminal event')
  // All three terminal payloads carry it under the same key.
  const { merkleRoot: root } = decodePayload(KIND.RunFailed, terminal.payload)
  return root === null ? '' : toHex(root)
}

/** Chains of two events or more, each a message of at least four ASCII characters. */
function chains(): fc.Arbitrary<Event[]> {
  const messages = fc.array(fc.string({ minLength: 4, maxLength: 80 }), { minLength: 2, maxLength: 12 })
  return messages.map((contents) => {
    const events: Event[] = []
    for (const [index, content] of contents.entries()) {
      const previous = events.at(-1)
      events.push({
        runId: 'run',
        seq: index + 1,
        prevHash: previous === undefined ? null : hashEvent(previous),
        ts: BigInt(index),
        kind: KIND.UserMessageAppended,
        payload: encodePayload(KIND.UserMessageAppended, { content }),
      })
    }
    return events
  })
}

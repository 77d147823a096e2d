import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blake3,
  CborTag,
  decodeEnvelope,
  encodeCbor,
  encodeEnvelope,
  fromHex,
  hashEvent,
  hashScannedEvent,
  toHex,
} from '../src/index.ts'
import type { CborValue, Event } from '../src/index.ts'
import { DECODED_OR_REFUSED, errorCodeOf, payloadOf, readVectors } from './event-fixtures.ts'
import type { Notation } from './event-fixtures.ts'

interface GoldenEnvelope {
  readonly envelope: { readonly run_id: string; readonly seq: number; readonly ts: { readonly $int: string } }
  readonly payload: { readonly [key: string]: Notation }
  readonly params_hex: string
  readonly payload_hex: string
  readonly envelope_hex: string
  readonly derived: { readonly event_hash_blake3: string }
}

describe('the recorded first event', () => {
  const golden = readVectors('golden-run-started.json') as GoldenEnvelope
  const first: Event = {
    runId: golden.envelope.run_id,
    seq: golden.envelope.seq,
    prevHash: null,
    ts: BigInt(golden.envelope.ts.$int),
    kind: 1,
    payload: fromHex(golden.payload_hex),
  }

  test('has the recorded 596 bytes and hash', () => {
    expect(toHex(encodeEnvelope(first))).toBe(golden.envelope_hex)
    expect(encodeEnvelope(first)).toHaveLength(596)
    expect(toHex(hashEvent(first))).toBe(golden.derived.event_hash_blake3)
  })

  test('decodes to the same event', () => {
    expect(decodeEnvelope(fromHex(golden.envelope_hex))).toEqual(first)
  })

  test('carries the recorded payload', () => {
    const fields = { ...golden.payload, params: { $cbor: golden.params_hex } }
    expect(payloadOf(1, fields)).toMatchObject({ goal: 'summarize the article', params: fromHex(golden.params_hex) })
  })
})

describe('an envelope', () => {
  test('with no payload carries null', () => {
    const encoded = 'a6627473016373657101646b696e64016672756e5f6964627231677061796c6f6164f669707265765f68617368f6'
    expect(toHex(encodeEnvelope(event({ payload: new Uint8Array(0) })))).toBe(encoded)
    expect(decodeEnvelope(fromHex(encoded))).toEqual(event({ payload: Uint8Array.of(0xf6) }))
  })

  test('tells a missing hash from an empty one', () => {
    const empty = event({ prevHash: new Uint8Array(0) })
    expect(toHex(encodeEnvelope(empty)).slice(-2)).toBe('40')
    expect(toHex(hashEvent(empty))).not.toBe(toHex(hashEvent(event({}))))
    expect(decodeEnvelope(encodeEnvelope(empty))).toEqual(empty)
  })

  test('keeps the payload verbatim, also when it is not canonical or deeper than can be decoded', () => {
    const odd = fromHex('a2616218016161f6')
    const deep = Uint8Array.from([...Array<number>(500).fill(0x81), 0])
    for (const payload of [odd, deep]) {
      expect(decodeEnvelope(encodeEnvelope(event({ payload }))).payload).toEqual(payload)
    }
  })

  test('comes back as it was', () => {
    fc.assert(
      fc.property(events(), (original) => {
        expect(decodeEnvelope(encodeEnvelope(original))).toEqual(original)
        expect(toHex(hashEvent(original))).toBe(toHex(blake3(encodeEnvelope(original))))
        expect(toHex(hashScannedEvent(original))).toBe(toHex(hashEvent(original)))
      }),
    )
  })

  test('has another hash as soon as anything in it changes', () => {
    fc.assert(
      fc.property(events(), events(), (one, other) => {
        for (const key of ['runId', 'seq', 'prevHash', 'ts', 'kind', 'payload'] as const) {
          const changed = { ...one, [key]: other[key] }
          const same = String(one[key]) === String(other[key])
          expect(toHex(hashEvent(changed)) === toHex(hashEvent(one))).toBe(same)
        }
      }),
    )
  })

  test.each([
    ['ts', { ts: 2n ** 63n }, 'ts 9223372036854775808 is out of range'],
    ['ts', { ts: -(2n ** 63n) - 1n }, 'ts -9223372036854775809 is out of range'],
    ['seq', { seq: -1 }, 'seq -1 is out of range'],
    ['seq', { seq: 1.5 }, 'seq 1.5 is out of range'],
    ['seq', { seq: 2 ** 53 }, 'seq 9007199254740992 is out of range'],
    ['kind', { kind: 256 }, 'kind 256 is out of range'],
    ['kind', { kind: -1 }, 'kind -1 is out of range'],
    ['payload', { payload: fromHex('a1') }, 'payload is not one well-formed CBOR item'],
    ['payload', { payload: fromHex('a0a0') }, 'payload is not one well-formed CBOR item'],
    ['payload', { payload: fromHex('bfff') }, 'payload is not one well-formed CBOR item'],
  ] satisfies [string, Partial<Event>, string][])('with a wrong %s is not encoded: %o', (_, change, message) => {
    const refused: unknown = expect.objectContaining({ code: 'EVENT_ENCODE', message })
    expect(() => encodeEnvelope(event(change))).toThrow(refused)
    expect(() => hashEvent(event(change))).toThrow(refused)
  })
})

describe('decoding an envelope', () => {
  test('fills in what is missing or null', () => {
    const nothing = { runId: '', seq: 0, prevHash: null, ts: 0n, kind: 0, payload: new Uint8Array(0) }
    expect(decodeEnvelope(fromHex('a0'))).toEqual(nothing)
    expect(decodeEnvelope(encodeCbor({ ts: null, seq: null, run_id: null, extra: [1] }))).toEqual(nothing)
  })

  test('reads a timestamp to the last digit', () => {
    for (const ts of [2n ** 63n - 1n, -(2n ** 63n), 1_795_256_960_788_984_087n]) {
      expect(decodeEnvelope(encodeEnvelope(event({ ts }))).ts).toBe(ts)
    }
  })

  test.each([
    ['a timestamp that is a float', { ts: new CborTag(1, 'x') }, 'tag 1 before an item of the wrong type'],
    ['a timestamp that is a text', { ts: 'now' }, 'ts is not an integer'],
    ['a timestamp beyond 63 bits', { ts: 2n ** 63n }, 'ts 9223372036854775808 does not fit 64 bits'],
    ['a seq beyond 53 bits', { seq: 2n ** 53n }, 'seq 9007199254740992 is not a safe integer'],
    ['a kind beyond 8 bits', { kind: 256 }, 'kind 256 is above 255'],
    ['a negative kind', { kind: -1 }, 'envelope.kind: expected int (u32), got a negative integer'],
    ['an integer', 0, 'envelope: expected a map, got an integer'],
  ] satisfies [string, CborValue, string][])('refuses %s', (_, value, message) => {
    expect(() => decodeEnvelope(encodeCbor(value))).toThrow(message)
  })

  test('of random bytes gives an event or an error with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), events(), fc.nat(), (noise, original, at) => {
        const damaged = encodeEnvelope(original)
        damaged.set(noise.subarray(0, 2), at % (damaged.length - 1))
        for (const input of [noise, damaged]) {
          expect(DECODED_OR_REFUSED).toContain(errorCodeOf(() => decodeEnvelope(input)))
        }
      }),
      { numRuns: 1000 },
    )
  })
})

function event(change: Partial<Event>): Event {
  return { runId: 'r1', seq: 1, prevHash: null, ts: 1n, kind: 1, payload: fromHex('a0'), ...change }
}

function events(): fc.Arbitrary<Event> {
  return fc.record({
    runId: fc.string({ minLength: 1, unit: 'grapheme' }),
    seq: fc.nat(),
    prevHash: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
    ts: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    kind: fc.nat(255),
    payload: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }).map((value) => encodeCbor(value)),
  })
}

import { describe, expect, test } from 'vitest'
import {
  blake3,
  decodeCbor,
  decodeEnvelope,
  decodePayload,
  encodeCbor,
  encodeEnvelope,
  encodePayload,
  fromHex,
  hashEvent,
  isKnownKind,
  isTerminalKind,
  merkleRoot,
  toHex,
} from '../src/index.ts'
import type { Event } from '../src/index.ts'
import { eventOf, GOLDEN_RUNS, readGolden, readRun, readVectors } from './event-fixtures.ts'

interface Edit {
  readonly op: 'set' | 'flip' | 'drop' | 'dup' | 'swap' | 'truncate' | 'insert' | 'rechain'
  readonly index?: number
  readonly to?: number
  readonly length?: number
  readonly field?: string
  readonly value?: string
  readonly null?: boolean
  readonly offset?: number
  readonly xor?: number
  readonly kind?: number
  readonly payload_hex?: string
  readonly ts?: string
}

interface Mutations {
  readonly bases: readonly string[]
  readonly cases: readonly {
    readonly id: string
    readonly base: string
    readonly description: string
    readonly edits: readonly Edit[]
    readonly result_digest_hex: string | null
  }[]
}

interface HashInputs {
  readonly vectors: readonly {
    readonly name: string
    readonly input_hex?: string
    readonly input_utf8?: string
    readonly frames?: readonly string[]
    readonly hash?: string | null
    readonly value_hex?: string
  }[]
}

// The payload of this run nests deeper than any reader has to follow; the reference cannot decode it either.
const TOO_DEEP: ReadonlySet<string> = new Set(['args-nesting-30'])

describe('every recorded run', () => {
  test.each(GOLDEN_RUNS)('%s: envelopes, hashes and chain', (name) => {
    const run = readRun(name)
    let previous: string | null = null
    for (const recorded of run.events) {
      const event = eventOf(run, recorded)
      const hash = toHex(hashEvent(event))
      expect(hash).toBe(recorded.event_hash_hex)
      expect(recorded.prev_hash_hex).toBe(previous)
      // The compact recordings leave the envelopes out; the hashes cover them all the same.
      expect([toHex(encodeEnvelope(event)), undefined]).toContain(recorded.envelope_cbor_hex)
      expect(decodeEnvelope(encodeEnvelope(event))).toEqual(event)
      previous = hash
    }
  })

  test.each(GOLDEN_RUNS.filter((name) => !TOO_DEEP.has(name)))('%s: payloads decode and encode alike', (name) => {
    for (const { kind, payload_cbor_hex: payload } of readRun(name).events) {
      if (!isKnownKind(kind)) throw new Error(`kind ${kind} is unknown`)
      expect(toHex(encodePayload(kind, decodePayload(kind, fromHex(payload))))).toBe(payload)
    }
  })

  test.each(GOLDEN_RUNS)('%s: Merkle root', (name) => {
    const run = readRun(name)
    const covered = run.events.filter(({ kind }) => !isTerminalKind(kind))
    expect(toHex(merkleRoot(covered.map((recorded) => fromHex(recorded.event_hash_hex))))).toBe(run.merkle_root_hex)
  })

  test.each(GOLDEN_RUNS.filter((name) => readRun(name).provider_requests !== undefined))('%s: requests', (name) => {
    for (const request of readRun(name).provider_requests ?? []) {
      const bytes = fromHex(request.cbor_hex)
      expect(toHex(blake3(bytes))).toBe(request.hash_hex)
      expect(toHex(encodeCbor(decodeCbor(bytes, { maxDepth: 100 })))).toBe(request.cbor_hex)
    }
  })

  test('but one decodes in full', () => {
    const run = readRun('args-nesting-30')
    const deep = run.events.find(({ kind }) => kind === 5)
    expect(() => decodePayload(5, fromHex(deep?.payload_cbor_hex ?? ''))).toThrow('nested deeper than 32 levels')
  })
})

describe('recorded mutations', () => {
  const { bases, cases } = readGolden('mutations.json') as Mutations
  const runs = new Map(bases.map((name) => [name, readRun(name)]))

  test.each(cases)('$id hashes as recorded: $description', ({ base, edits, result_digest_hex: expected }) => {
    const run = runs.get(base)
    if (run === undefined) throw new Error(`no run ${base}`)
    const events = run.events.map((recorded) => eventOf(run, recorded))
    for (const edit of edits) applyEdit(events, edit, run.run_id)
    expect(digestOf(events)).toBe(expected)
  })
})

describe('recorded content hashes', () => {
  const { vectors } = readVectors('hash-inputs.json') as HashInputs

  test.each(vectors.filter(({ hash }) => typeof hash === 'string'))('$name', (vector) => {
    const text = vector.input_utf8 ?? vector.frames?.join('')
    const input = text === undefined ? fromHex(vector.input_hex ?? '') : new TextEncoder().encode(text)
    expect(toHex(blake3(input))).toBe(vector.hash)
  })

  test.each(vectors.filter((vector) => vector.value_hex !== undefined))('$name is canonical', (vector) => {
    expect(toHex(encodeCbor(decodeCbor(fromHex(vector.value_hex ?? ''))))).toBe(vector.value_hex)
  })
})

/** The hash over all envelopes; null when one of them cannot be encoded. */
function digestOf(events: readonly Event[]): string | null {
  const envelopes = events.map((event) => tryEncode(event))
  if (envelopes.includes(null)) return null
  return toHex(blake3(Buffer.concat(envelopes.map((bytes) => bytes ?? new Uint8Array(0)))))
}

function tryEncode(event: Event): Uint8Array | null {
  try {
    return encodeEnvelope(event)
  } catch {
    // The recordings say null where the reference refuses, too.
    return null
  }
}

function applyEdit(events: Event[], edit: Edit, runId: string): void {
  const index = edit.index ?? 0
  const event = events[index]
  switch (edit.op) {
    case 'set':
      if (event !== undefined) events[index] = { ...event, ...changeOf(edit) }
      break
    case 'flip':
      if (event !== undefined) events[index] = flip(event, edit)
      break
    case 'drop':
      events.splice(index, 1)
      break
    case 'dup':
      if (event !== undefined) events.splice(edit.to ?? index + 1, 0, event)
      break
    case 'swap': {
      const other = events[edit.to ?? 0]
      if (event !== undefined && other !== undefined) [events[index], events[edit.to ?? 0]] = [other, event]
      break
    }
    case 'truncate':
      events.length = edit.length ?? 0
      break
    case 'insert':
      events.splice(index, 0, {
        runId,
        seq: 0,
        prevHash: null,
        ts: BigInt(edit.ts ?? 0),
        kind: edit.kind ?? 0,
        payload: fromHex(edit.payload_hex ?? ''),
      })
      break
    case 'rechain':
      rechain(events)
      break
    default:
      throw new Error(`unknown edit ${String(edit.op satisfies never)}`)
  }
}

function changeOf({ field, value = '', null: absent }: Edit): Partial<Event> {
  switch (field) {
    case 'seq':
      return { seq: Number(value) }
    case 'ts':
      return { ts: BigInt(value) }
    case 'kind':
      return { kind: Number(value) }
    case 'run_id':
      return { runId: value }
    case 'payload':
      return { payload: fromHex(value) }
    default:
      return { prevHash: absent === true ? null : fromHex(value) }
  }
}

function flip(event: Event, { field, offset = 0, xor = 0 }: Edit): Event {
  const bytes = (field === 'payload' ? event.payload : (event.prevHash ?? new Uint8Array(0))).slice()
  bytes[offset] = (bytes[offset] ?? 0) ^ xor
  return field === 'payload' ? { ...event, payload: bytes } : { ...event, prevHash: bytes }
}

function rechain(events: Event[]): void {
  let prevHash: Uint8Array | null = null
  for (const [index, event] of events.entries()) {
    const chained: Event = { ...event, seq: index + 1, prevHash }
    events[index] = chained
    prevHash = tryEncode(chained) === null ? null : hashEvent(chained)
  }
}

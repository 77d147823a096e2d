import { blake3, encodeEnvelope, fromHex, toHex } from '@starling/event'
import type { Event } from '@starling/event'

import { readFixture, rechain } from './fixtures.ts'

/** A tampered run with the verdict recorded for it. */
export interface Mutation {
  readonly id: string
  readonly base: string
  readonly description: string
  readonly edits: readonly Edit[]
  readonly verdict: string
  readonly compare_prefix?: string
  readonly result_digest_hex: string | null
}

interface Edit {
  readonly op: 'set' | 'flip' | 'drop' | 'dup' | 'swap' | 'truncate' | 'insert' | 'rechain'
  readonly index?: number
  readonly to?: number
  readonly length?: number
  readonly field?: 'seq' | 'ts' | 'kind' | 'run_id' | 'payload' | 'prev_hash'
  readonly value?: string | number
  readonly null?: boolean
  readonly offset?: number
  readonly xor?: number
  readonly kind?: number
  readonly ts?: string | number
  readonly payload_hex?: string
}

/** Reads all recorded mutations. */
export function readMutations(): readonly Mutation[] {
  const { cases } = readFixture('golden/mutations.json') as { readonly cases: readonly Mutation[] }
  return cases
}

/** Applies the edits of a mutation to the events of its base run. */
export function mutate(base: readonly Event[], mutation: Mutation): readonly Event[] {
  return mutation.edits.reduce((events, edit) => apply(events, edit), base)
}

/** The digest that tells whether edits were applied as meant: of all envelopes; null when one cannot be encoded. */
export function digestOf(events: readonly Event[]): string | null {
  try {
    return toHex(blake3(concat(events.map(encodeEnvelope))))
  } catch {
    return null
  }
}

function apply(events: readonly Event[], edit: Edit): readonly Event[] {
  const { op, index = 0 } = edit
  const target = events[index]
  switch (op) {
    case 'set':
      return target === undefined ? events : events.with(index, setField(target, edit))
    case 'flip':
      return target === undefined ? events : events.with(index, flip(target, edit))
    case 'drop':
      return events.toSpliced(index, 1)
    case 'dup':
      return target === undefined ? events : events.toSpliced(edit.to ?? index + 1, 0, target)
    case 'swap':
      return swap(events, index, edit.to ?? index)
    case 'truncate':
      return events.slice(0, edit.length)
    case 'insert':
      return events.toSpliced(index, 0, inserted(events, edit))
    case 'rechain':
      return rechain(events)
  }
}

function setField(event: Event, { field, value = '', null: isNull }: Edit): Event {
  switch (field) {
    case 'seq':
      return { ...event, seq: Number(value) }
    case 'ts':
      return { ...event, ts: BigInt(value) }
    case 'kind':
      return { ...event, kind: Number(value) }
    case 'run_id':
      return { ...event, runId: String(value) }
    case 'payload':
      return { ...event, payload: fromHex(String(value)) }
    default:
      return { ...event, prevHash: isNull === true ? null : fromHex(String(value)) }
  }
}

function flip(event: Event, { field, offset = 0, xor = 0 }: Edit): Event {
  const bytes = Uint8Array.from((field === 'payload' ? event.payload : event.prevHash) ?? [])
  bytes[offset] = (bytes[offset] ?? 0) ^ xor
  return field === 'payload' ? { ...event, payload: bytes } : { ...event, prevHash: bytes }
}

function swap(events: readonly Event[], a: number, b: number): readonly Event[] {
  const [first, second] = [events[a], events[b]]
  return first === undefined || second === undefined ? events : events.with(a, second).with(b, first)
}

function inserted(events: readonly Event[], edit: Edit): Event {
  return {
    runId: events[0]?.runId ?? '',
    seq: 0,
    prevHash: null,
    ts: BigInt(edit.ts ?? 0),
    kind: edit.kind ?? 0,
    payload: fromHex(edit.payload_hex ?? ''),
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

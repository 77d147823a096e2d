import { isTerminalKind } from '@starling/event'
import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { validateEvents } from '../src/index.ts'
import { readGoldenRun } from './fixtures.ts'

const COLUMNS = ['runId', 'seq', 'prevHash', 'ts', 'kind', 'payload'] as const
type Column = (typeof COLUMNS)[number]

// Every other byte value for a short run; the eight single bits and the complement for longer ones.
const EVERY_VALUE = Array.from({ length: 255 }, (_, mask) => mask + 1)
const BITS = [1, 2, 4, 8, 16, 32, 64, 128, 255]

describe('changing one byte of a finished run', () => {
  test.each([
    { name: 'cancel-mid-stream', masks: EVERY_VALUE },
    { name: 'text-only', masks: BITS },
    { name: 'one-tool', masks: BITS },
    { name: 'budget-output-mid-stream', masks: BITS },
    { name: 'tool-failure', masks: BITS },
    { name: 'resume-extra-message', masks: BITS },
  ])('is found in every column of every event before the end: $name', ({ name, masks }) => {
    const { events } = readGoldenRun(name)
    const missed = events
      .slice(0, -1)
      .flatMap((event, index) =>
        COLUMNS.flatMap((column) =>
          changesOf(event, column, masks).filter((change) => !isFound(events, index, change)),
        ),
      )
    expect(validateEvents(events).status).toBe('ok')
    expect(missed).toEqual([])
  })

  test.each(['cancel-mid-stream', 'one-tool', 'tool-failure'])(
    'is found in id, seq and link of the terminal event: %s',
    (name) => {
      const { events } = readGoldenRun(name)
      const index = events.length - 1
      const terminal = lastOf(events)
      for (const column of ['runId', 'seq', 'prevHash'] as const) {
        const changes = changesOf(terminal, column, EVERY_VALUE)
        expect(changes.length).toBeGreaterThan(0)
        expect(changes.filter((change) => !isFound(events, index, change))).toEqual([])
      }
    },
  )

  test.each(['cancel-mid-stream', 'one-tool', 'tool-failure'])(
    'is found in the Merkle root of the terminal event: %s',
    (name) => {
      const { events, merkle_root_hex } = readGoldenRun(name)
      const terminal = lastOf(events)
      const start = Buffer.from(terminal.payload).indexOf(Buffer.from(merkle_root_hex, 'hex'))
      expect(start).toBeGreaterThan(0)
      for (let at = start; at < start + 32; at++) {
        for (const mask of EVERY_VALUE) {
          const payload = flipped(terminal.payload, at, mask)
          expect(validateEvents(events.with(events.length - 1, { ...terminal, payload })).status).toBe('corrupt')
        }
      }
    },
  )

  test('is not found in the time, the kind and the totals of the terminal event: nothing covers them', () => {
    const { events } = readGoldenRun('text-only')
    const terminal = lastOf(events)
    const missed = COLUMNS.flatMap((column) =>
      changesOf(terminal, column, BITS)
        .filter((change) => validateEvents(events.with(events.length - 1, { ...terminal, ...change })).status === 'ok')
        .map((change) => ({ column, change })),
    )
    expect(new Set(missed.map(({ column }) => column))).toEqual(new Set(['ts', 'kind', 'payload']))
    const kinds = missed.filter(({ column }) => column === 'kind').map(({ change }) => change.kind ?? 0)
    expect(kinds.every(isTerminalKind)).toBe(true)
  })

  test('bytes in the empty link of the first event are found', () => {
    const { events } = readGoldenRun('one-tool')
    for (let byte = 0; byte < 256; byte++) expect(isFound(events, 0, { prevHash: Uint8Array.of(byte) })).toBe(true)
    expect(isFound(events, 0, { prevHash: new Uint8Array(0) })).toBe(true)
  })
})

function isFound(events: readonly Event[], index: number, change: Partial<Event>): boolean {
  const event = events[index]
  if (event === undefined) return false
  return validateEvents(events.with(index, { ...event, ...change })).status === 'corrupt'
}

/** Every event that differs from `event` in one byte of the stored form of `column`. */
function changesOf(event: Event, column: Column, masks: readonly number[]): readonly Partial<Event>[] {
  const stored = storedBytes(event, column)
  return Array.from(stored).flatMap((_, at) => masks.map((mask) => parsed(column, flipped(stored, at, mask))))
}

/** What a database keeps of a column: text and blobs as they are, numbers in 64 bits, the kind in 8. */
function storedBytes(event: Event, column: Column): Uint8Array {
  switch (column) {
    case 'runId':
      return new TextEncoder().encode(event.runId)
    case 'prevHash':
      return event.prevHash ?? new Uint8Array(0)
    case 'payload':
      return event.payload
    case 'kind':
      return Uint8Array.of(event.kind)
    default: {
      const bytes = new DataView(new ArrayBuffer(8))
      bytes.setBigInt64(0, BigInt(event[column]))
      return new Uint8Array(bytes.buffer)
    }
  }
}

function parsed(column: Column, bytes: Uint8Array): Partial<Event> {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  switch (column) {
    case 'runId':
      return { runId: new TextDecoder().decode(bytes) }
    case 'prevHash':
      return { prevHash: bytes }
    case 'payload':
      return { payload: bytes }
    case 'kind':
      return { kind: view.getUint8(0) }
    case 'seq':
      return { seq: Number(view.getBigInt64(0)) }
    case 'ts':
      return { ts: view.getBigInt64(0) }
  }
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ mask
  return copy
}

function lastOf(events: readonly Event[]): Event {
  const last = events.at(-1)
  if (last === undefined) throw new RangeError('expected a run with events')
  return last
}

import { Buffer } from 'node:buffer'

import type { Event } from '@starling/event'
import type { Fence } from '@starling/eventlog'

import type { Refusal, RefusalRow } from './append-function.ts'
import type { Statement } from './driver.ts'
import { EVENT_ROW } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import type { Names } from './names.ts'
import type { RunTail } from './run-tails.ts'

/** Events to append to a run, which extend `tail`. */
export interface AppendRequest {
  readonly runId: string
  readonly events: readonly Event[]
  readonly fence: Fence | undefined
  readonly tail: RunTail
}

/** Why the server did not write a request. */
export interface Refused {
  readonly refusal: Refusal
  /** The newest token of the run's lease. */
  readonly token: number
  /** The last event of the run. */
  readonly last: EventRow | undefined
}

/** Returns the call of the server's function that writes a request of one event or two; `undefined` for any other. */
export function toFew(
  names: Names,
  { runId, events, fence, tail }: AppendRequest,
  lockTimeoutMs?: number,
): Statement | undefined {
  if (events.length === 0 || events.length > 2) return undefined
  const values: readonly unknown[] = [
    runId,
    fence?.token,
    tail.seq,
    tail.digest,
    ...events.flatMap(({ seq, prevHash, ts, kind, payload }) => [seq, prevHash, ts, kind, payload]),
    lockTimeoutMs,
  ]
  const [name, append] = events.length === 1 ? ['one', names.appendOne] : ['two', names.appendTwo]
  const places = values.map((_, index) => `$${index + 1}`)
  return { name: `${names.channel}_append_${name}`, text: `SELECT ${append}(${places.join(', ')})`, values }
}

/**
 * Returns the call of the server's function that writes the requests.
 *
 * All payloads go as one value, since an array of byte strings would have to be
 * written out in text. `lockTimeoutMs` is for a connection that is not ours to
 * set up.
 */
export function toStatement(names: Names, requests: readonly AppendRequest[], lockTimeoutMs?: number): Statement {
  const events = requests.flatMap((request, index) => request.events.map((event) => ({ event, index: index + 1 })))
  let offset = 1
  const offsets = events.map(({ event }) => {
    const start = offset
    offset += event.payload.length
    return start
  })
  const [single] = events
  return {
    name: `${names.channel}_append`,
    text: `SELECT e.request, e.refusal, e.token, ${EVENT_ROW}
      FROM ${names.append}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS e`,
    values: [
      requests.map(({ runId }) => runId),
      requests.map(({ fence }) => fence?.token ?? null),
      requests.map(({ tail }) => tail.seq),
      requests.map(({ tail }) => tail.digest),
      events.map(({ index }) => index),
      events.map(({ event }) => event.seq),
      events.map(({ event }) => event.prevHash),
      events.map(({ event }) => event.ts),
      events.map(({ event }) => event.kind),
      offsets,
      events.map(({ event }) => event.payload.length),
      single !== undefined && events.length === 1
        ? single.event.payload
        : Buffer.concat(events.map(({ event }) => event.payload)),
      lockTimeoutMs ?? null,
    ],
  }
}

/** Reads what the function returned, by the index of the request. */
export function readRefusals(rows: readonly RefusalRow[]): ReadonlyMap<number, Refused> {
  return new Map(
    rows.map(([request, refusal, token, seq, prevHash, ts, kind, payload, size]) => [
      request - 1,
      {
        refusal,
        token: Number(token ?? 0n),
        last:
          seq === null || ts === null || kind === null || size === null
            ? undefined
            : [seq, prevHash, ts, kind, payload, size],
      },
    ]),
  )
}

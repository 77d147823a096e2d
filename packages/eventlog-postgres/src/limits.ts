import { Buffer } from 'node:buffer'

import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { goQuote } from '@starling/eventlog/backend'

// What an index takes in a key of it and a number of 64 bits, in whatever language and without compression.
const MAX_RUN_ID_BYTES = 2684

// A payload is read as hexadecimal digits in one text, and a text has at most 2^29 characters.
const MAX_PAYLOAD_BYTES = 250_000_000

// A message to the server has less than 1 GiB, with everything else that is in it.
const MAX_BATCH_BYTES = 1_000_000_000

const SHOWN = 40

/**
 * Checks that events can be stored and read back.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` for a run id that cannot be stored, `EVENTLOG_FULL` for more
 * bytes than there is room for.
 */
export function checkStorable(runId: string, events: readonly Event[], maxBatchBytes: number = MAX_BATCH_BYTES): void {
  checkRunId(runId)
  let batch = 0
  for (const { seq, payload } of events) {
    batch += payload.length
    if (payload.length <= MAX_PAYLOAD_BYTES) continue
    throw tooLarge(`event ${seq} of run ${goQuote(runId)} has ${payload.length} bytes`, MAX_PAYLOAD_BYTES)
  }
  if (batch > maxBatchBytes) {
    throw tooLarge(`a batch of ${events.length} events of run ${goQuote(runId)} has ${batch} bytes`, maxBatchBytes)
  }
}

/**
 * Checks that a run of this id can be stored.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`.
 */
export function checkRunId(runId: string): void {
  if (!isStorable(runId)) throw invalid(`Postgres stores no U+0000, as in run ${goQuote(runId)}`)
  const bytes = Buffer.byteLength(runId)
  if (bytes <= MAX_RUN_ID_BYTES) return
  const start = goQuote(runId.slice(0, SHOWN).toWellFormed())
  throw invalid(
    `a run id has at most ${MAX_RUN_ID_BYTES} bytes in Postgres, the one that begins with ${start} has ${bytes}`,
  )
}

/** Returns whether a text can be stored at all: the server takes none with U+0000 in it. */
export function isStorable(text: string): boolean {
  return !text.includes('\0')
}

/** The most bytes of payloads that go in one text. */
export const MAX_TEXT_BYTES: number = MAX_PAYLOAD_BYTES

function invalid(text: string): EventLogError {
  return new EventLogError('EVENTLOG_INVALID_APPEND', `eventlog: invalid append: ${text}`)
}

function tooLarge(text: string, limit: number): EventLogError {
  return new EventLogError(
    'EVENTLOG_FULL',
    `eventlog/postgres: ${text}, Postgres takes at most ${limit}; nothing was written`,
  )
}

import { equalBytes, hashEvent } from '@starling/event'
import type { Event } from '@starling/event'

import { EventLogError } from './event-log-error.ts'
import { goQuote } from './go-quote.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * Checks that `event` extends the chain of run `runId`, whose last event is `previous`.
 *
 * Kind, payload, timestamp order and whether the run has already ended are not
 * looked at: a log stores what it is given, and validation judges it. One hash
 * is computed, that of `previous`.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`.
 */
export function checkAppend(previous: Event | undefined, event: Event, runId: string): void {
  if (runId === '') throw invalid('empty runID parameter')
  if (event.runId === '') throw invalid('event has empty RunID')
  if (event.runId !== runId) {
    throw invalid(`runID parameter ${goQuote(runId)} does not match event RunID ${goQuote(event.runId)}`)
  }
  if (previous === undefined) checkFirst(event)
  else checkNext(previous, event)
  checkRanges(event)
}

/**
 * Checks a batch: each event must extend the chain that the ones before it leave behind.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` for the first event that does not; nothing may be written then.
 */
export function checkBatch(previous: Event | undefined, events: readonly Event[], runId: string): void {
  let last = previous
  for (const event of events) {
    checkAppend(last, event, runId)
    last = event
  }
}

function checkFirst(event: Event): void {
  if (event.seq !== 1) throw invalid(`first event must have Seq=1, got ${event.seq}`)
  if (event.prevHash === null) return
  // Storage reads an empty value back as null, which hashes differently: the next link would break.
  const kind = event.prevHash.length === 0 ? ' (null, not zero bytes)' : ''
  throw invalid(`first event must have empty PrevHash${kind}`)
}

function checkNext(previous: Event, event: Event): void {
  const expected = previous.seq + 1
  if (event.seq !== expected) throw invalid(`expected Seq=${expected}, got ${event.seq}`)
  let hash: Uint8Array
  try {
    hash = hashEvent(previous)
  } catch (cause) {
    throw invalid(`re-marshal previous event: ${messageOf(cause)}`, cause)
  }
  if (event.prevHash === null || !equalBytes(event.prevHash, hash)) {
    throw invalid('PrevHash does not match prior event hash')
  }
}

// What the column types of every backend can hold; beyond it a database would store something else.
function checkRanges(event: Event): void {
  if (!Number.isInteger(event.kind) || event.kind < 0 || event.kind > 255) {
    throw invalid(`kind ${event.kind} is not an integer from 0 to 255`)
  }
  if (event.ts < INT64_MIN || event.ts > INT64_MAX) {
    throw invalid(`ts ${event.ts} does not fit into 64 bits`)
  }
}

function invalid(detail: string, cause?: unknown): EventLogError {
  return new EventLogError('EVENTLOG_INVALID_APPEND', `eventlog: invalid append: ${detail}`, { cause })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

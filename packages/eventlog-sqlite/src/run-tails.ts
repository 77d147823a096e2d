import { hashEvents } from '@starling/event'
import type { Event } from '@starling/event'
import { checkBatch, extendsChain, linkHashOf } from '@starling/eventlog/backend'
import type { ChainEnd } from '@starling/eventlog/backend'

// Ten times the runs that a process has alive at once; a run costs about 200 bytes here.
const MAX_RUNS = 4096

// For fewer, hashing one after the other is as fast.
const MIN_TOGETHER = 4

const HASH_BYTES = 32

/**
 * The ends of the runs that were appended to last, so that an append neither
 * reads nor hashes the event before it.
 *
 * Valid as long as nobody else writes the file: whoever owns this must
 * {@link clear} it then. Runs that were not appended to for a while are
 * forgotten: of two generations the older one is dropped when the younger one
 * is full.
 */
export class RunTails {
  #young = new Map<string, ChainEnd>()
  #old = new Map<string, ChainEnd>()

  get(runId: string): ChainEnd | undefined {
    return this.#young.get(runId) ?? this.#old.get(runId)
  }

  set(runId: string, tail: ChainEnd): void {
    this.#young.set(runId, tail)
    if (this.#young.size <= MAX_RUNS) return
    this.#old = this.#young
    this.#young = new Map()
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}

/**
 * Checks that `events` extend the run whose end is `tail`, and returns its new end.
 *
 * The common case costs one hash per event. Anything unusual is left to
 * {@link checkBatch}, the judge of all backends, which is given the last event
 * itself.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`.
 */
export function extendTail(tail: ChainEnd | undefined, batch: Batch): ChainEnd {
  return (tail && linkTail(tail, batch)) ?? judgeTail(batch)
}

/** Events to append to a run, and how to read the last event it has. */
export interface Batch {
  readonly runId: string
  readonly events: readonly Event[]
  readonly last: () => Event | undefined
  /** The hashes of the events, when they have been computed already. */
  readonly hashes?: EventHashes | undefined
}

/** The hash of the event at `index`; `undefined` when it has none, or nothing can follow it. */
export type EventHashes = (index: number) => Uint8Array | undefined

/**
 * Hashes the events of several batches at once, which takes half the time; the
 * result has those of one batch after the other. `undefined` when that is not
 * worth it, or not possible because one of them has no hash.
 */
export function hashTogether(batches: readonly Pick<Batch, 'events'>[]): EventHashes | undefined {
  const events = batches.length === 1 ? (batches[0]?.events ?? []) : batches.flatMap((batch) => batch.events)
  if (events.length < MIN_TOGETHER) return undefined
  try {
    const hashes = hashEvents(events)
    return (index) => hashes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  } catch {
    return undefined
  }
}

const NO_EVENTS: ChainEnd = { seq: 0, hash: null }

function judgeTail(batch: Batch): ChainEnd {
  const { runId, events, last } = batch
  const previous = last()
  const begun = previous === undefined ? linkTail(NO_EVENTS, batch) : undefined
  if (begun !== undefined) return begun
  checkBatch(previous, events, runId)
  const final = events.at(-1) ?? previous
  return final === undefined ? { seq: 0, hash: null } : { seq: final.seq, hash: linkHashOf(final) }
}

/** Returns the new end, or `undefined` when anything is other than expected. */
function linkTail(tail: ChainEnd, { runId, events, hashes }: Batch): ChainEnd | undefined {
  if (runId === '') return undefined
  let { seq, hash } = tail
  for (const [index, event] of events.entries()) {
    if (event.runId !== runId || !extendsChain({ seq, hash }, event)) return undefined
    seq = event.seq
    hash = hashes === undefined ? linkHashOf(event) : hashes(index)
  }
  return { seq, hash }
}

import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'

import type { Event } from '@starling/event'
import { checkBatch, extendsChain, linkHashOf } from '@starling/eventlog/backend'
import type { ChainEnd } from '@starling/eventlog/backend'

// Ten times the runs that a process has alive at once; a run costs about 300 bytes here.
const MAX_RUNS = 4096

/** The end of a run's chain: what the next event must link to, and how the server recognises it. */
export interface RunTail extends ChainEnd {
  /** What the server computes of the last event to tell whether it is still the same; `null` for none. */
  readonly digest: Uint8Array | null
}

/** The end of a run that has no events. */
export const NO_EVENTS: RunTail = { seq: 0, hash: null, digest: null }

/**
 * The ends of the runs that were appended to last, so that an append needs not
 * ask first.
 *
 * Nothing here is trusted: the server compares each with what it has. Runs that
 * were not appended to for a while are forgotten: of two generations the older
 * one is dropped when the younger one is full.
 */
export class RunTails {
  #young = new Map<string, RunTail>()
  #old = new Map<string, RunTail>()

  get(runId: string): RunTail | undefined {
    return this.#young.get(runId) ?? this.#old.get(runId)
  }

  set(runId: string, tail: RunTail): void {
    this.#young.set(runId, tail)
    if (this.#young.size <= MAX_RUNS) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(runId: string): void {
    this.#young.delete(runId)
    this.#old.delete(runId)
  }
}

/** Returns the end of a run whose last event is `event`, whose bytes nobody changes any more. */
export function tailOf(event: Event): RunTail {
  return new EventTail(event)
}

/** The end of a run, hashed when somebody asks; the event itself is not kept longer than that. */
class EventTail implements RunTail {
  readonly seq: number
  #event: Event | undefined
  #hash: Uint8Array | undefined
  #digest: Uint8Array | null = null

  constructor(event: Event) {
    this.seq = event.seq
    this.#event = event
  }

  get hash(): Uint8Array | undefined {
    this.#compute()
    return this.#hash
  }

  get digest(): Uint8Array | null {
    this.#compute()
    return this.#digest
  }

  #compute(): void {
    if (this.#event === undefined) return
    this.#hash = linkHashOf(this.#event)
    this.#digest = digestOf(this.#event)
    this.#event = undefined
  }
}

/** Hashes what the next append will need, so that it need not wait for that. */
export function prepareTail(tail: RunTail): void {
  void tail.hash
}

/**
 * Returns the end of the run after `events`, or `undefined` when they do not
 * extend `tail`, or it cannot be told without the last event itself.
 */
export function extendTail(tail: RunTail, runId: string, events: readonly Event[]): RunTail | undefined {
  if (runId === '') return undefined
  let last = tail
  for (const event of events) {
    if (event.runId !== runId || !extendsChain(last, event)) return undefined
    last = tailOf(event)
  }
  return last
}

/**
 * Judges events that follow `previous`, the last event that is stored.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`.
 */
export function judge(previous: Event | undefined, runId: string, events: readonly Event[]): void {
  checkBatch(previous, events, runId)
}

const FIXED_BYTES = 16

/** The same bytes as in the function that appends: time, kind, length of the link, link, payload. */
function digestOf({ ts, kind, prevHash, payload }: Event): Uint8Array {
  const link = prevHash ?? new Uint8Array(0)
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + link.length + payload.length)
  bytes.writeBigInt64BE(ts, 0)
  bytes.writeInt32BE(kind, 8)
  bytes.writeInt32BE(prevHash === null ? -1 : link.length, 12)
  bytes.set(link, FIXED_BYTES)
  bytes.set(payload, FIXED_BYTES + link.length)
  return hash('sha256', bytes, 'buffer')
}

import { createMerkleAccumulator, equalBytes, hashEvent, hashScannedEvent, toHex } from '@starling/event'
import type { Event } from '@starling/event'

import { goQuote } from './go-quote.ts'
import type { Violation } from './validation.ts'

/**
 * Checks ids, numbering and hash chain of a run event by event, and builds its
 * Merkle tree on the way.
 *
 * Keeps one event, one hash and a logarithmic number of tree nodes.
 */
export class EnvelopeCheck {
  readonly #tree = createMerkleAccumulator()
  #last: Event | undefined
  #lastIsWellFormed = false
  #lastHash: Uint8Array | undefined

  /**
   * Takes the next event; returns the rule that it breaks, or that the one before it turns out to break.
   *
   * `wellFormed` says that the payload has been found to be one well-formed item.
   */
  push(event: Event, wellFormed: boolean): Violation | undefined {
    const previous = this.#last
    const violation = previous === undefined ? checkFirst(event) : this.#checkNext(previous, event)
    this.#last = event
    this.#lastIsWellFormed = wellFormed
    this.#lastHash = undefined
    return violation
  }

  /** The Merkle root over all events before the last, or over all once {@link EnvelopeCheck.sealLast} was called. */
  root(): Uint8Array {
    return this.#tree.root()
  }

  /** Adds the last event to the tree; returns the violation when it cannot be hashed. */
  sealLast(): Violation | undefined {
    if (this.#last === undefined || this.#lastHash !== undefined) return undefined
    try {
      this.#lastHash = this.#lastIsWellFormed ? hashScannedEvent(this.#last) : hashEvent(this.#last)
    } catch (error) {
      const { seq } = this.#last
      return { detail: `marshal event[${seq - 1}]: ${error instanceof Error ? error.message : String(error)}`, seq }
    }
    this.#tree.append(this.#lastHash)
    return undefined
  }

  #checkNext(previous: Event, event: Event): Violation | undefined {
    // Everything up to `previous` has been found dense, so its seq is its position.
    const index = previous.seq
    const seq = index + 1
    if (event.runId !== previous.runId) {
      const [actual, expected] = [goQuote(event.runId), goQuote(previous.runId)]
      const detail = `RunID mismatch at index ${index}: ${actual} vs ${expected}`
      return { detail, seq, difference: { field: 'run_id', expected: previous.runId, actual: event.runId } }
    }
    if (event.seq !== seq) {
      const difference = { field: 'seq', expected: String(seq), actual: String(event.seq) }
      return { detail: `seq gap at index ${index}: want ${seq} got ${event.seq}`, seq, difference }
    }
    const unhashable = this.sealLast()
    if (unhashable !== undefined) return unhashable
    const expected = this.#lastHash ?? new Uint8Array(0)
    if (equalBytes(event.prevHash ?? new Uint8Array(0), expected)) return undefined
    const actual = event.prevHash === null ? 'null' : toHex(event.prevHash)
    const difference = { field: 'prev_hash', expected: toHex(expected), actual }
    return { detail: `prev-hash mismatch at index ${index}`, seq, difference }
  }
}

function checkFirst(event: Event): Violation | undefined {
  if (event.runId === '') return { detail: 'event[0] has empty RunID', seq: 1 }
  if (event.seq !== 1) {
    const difference = { field: 'seq', expected: '1', actual: String(event.seq) }
    return { detail: `event[0].Seq = ${event.seq}, want 1`, seq: 1, difference }
  }
  if (event.prevHash === null || event.prevHash.length === 0) return undefined
  const difference = { field: 'prev_hash', expected: 'null', actual: toHex(event.prevHash) }
  return { detail: 'event[0].PrevHash is non-empty', seq: 1, difference }
}

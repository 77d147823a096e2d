import { equalBytes, hashEvent, isTerminalKind } from '@starling/event'
import type { Event } from '@starling/event'

/** The end of a run's chain: what the next event must link to. */
export interface ChainEnd {
  /** `seq` of the last event; 0 for a run without events. */
  readonly seq: number
  /** Hash of the last event; `null` for a run without events, `undefined` when it is not known. */
  readonly hash: Uint8Array | null | undefined
}

/**
 * Reports whether an event certainly extends a chain.
 *
 * For the common case: whatever it says no to is left to {@link checkBatch},
 * which judges by the last event itself.
 */
export function extendsChain({ seq, hash }: ChainEnd, { seq: next, prevHash, kind, ts }: Event): boolean {
  return next === seq + 1 && isLinked(prevHash, hash) && (kind & 0xff) === kind && BigInt.asIntN(64, ts) === ts
}

/**
 * Returns the hash that the next event links to; `undefined` for an event that
 * nothing follows: usually nothing does after a terminal one, and nothing can
 * after a payload that is not well-formed. {@link checkBatch} says so when
 * something does.
 */
export function linkHashOf(event: Event): Uint8Array | undefined {
  if (isTerminalKind(event.kind)) return undefined
  try {
    return hashEvent(event)
  } catch {
    return undefined
  }
}

function isLinked(prevHash: Uint8Array | null, last: Uint8Array | null | undefined): boolean {
  if (prevHash === null || last === null || last === undefined) return prevHash === null && last === null
  return equalBytes(prevHash, last)
}

import { decodePayload, isKnownKind } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'

/** One emitted event with its payload decoded. */
export type Recorded = {
  [K in Kind]: { readonly kind: K; readonly payload: PayloadByKind[K]; readonly event: Event }
}[Kind]

/** Told of events one by one, in their order. */
export type RecordedListener = (recorded: Recorded) => void

/**
 * Decodes the payload of an event; `undefined` for a kind that this version does not know.
 *
 * @throws `EventError` `EVENT_DECODE` when the payload is not one of its kind.
 */
export function toRecorded(event: Event): Recorded | undefined {
  const { kind } = event
  return isKnownKind(kind) ? pairUp(kind, decodePayload(kind, event.payload), event) : undefined
}

/** Puts an event together with its payload; both must be of this kind. */
export function pairUp<K extends Kind>(kind: K, payload: PayloadByKind[K], event: Event): Recorded {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kind and payload come from one K, which the union cannot see
  return { kind, payload, event } as Recorded
}

/** Reports whether `recorded` is of a kind, and so has its payload. */
export function isOfKind<K extends Kind>(
  recorded: Recorded | undefined,
  kind: K,
): recorded is Recorded & { readonly kind: K; readonly payload: PayloadByKind[K] } {
  return recorded?.kind === kind
}

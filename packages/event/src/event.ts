/**
 * One event of a run: the envelope, with its payload still in canonical CBOR.
 *
 * The payload bytes are kept verbatim, because the hash of the event covers
 * exactly these bytes. {@link decodePayload} reads them.
 */
export interface Event {
  /** The run this event belongs to; any non-empty text. */
  readonly runId: string
  /** The position in the run: 1 for the first event, then dense. */
  readonly seq: number
  /** The hash of the previous event (32 bytes); `null` for the first. */
  readonly prevHash: Uint8Array | null
  /** When the event was emitted, in nanoseconds since the Unix epoch. */
  readonly ts: bigint
  /** One of {@link KIND}, 0 to 255; an unknown kind is kept and passed through. */
  readonly kind: number
  /** The payload: one canonical CBOR map. Empty bytes stand for CBOR null. */
  readonly payload: Uint8Array
}

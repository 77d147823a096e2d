/** What a page does with a run: the same code in a browser and in Node, so that the two can be compared. */
import {
  createInclusionProof,
  decodePayload,
  encodePayload,
  equalBytes,
  fromHex,
  hashEvent,
  isKnownKind,
  isTerminalKind,
  merkleRoot,
  readableJson,
  toHex,
  verifyInclusionProof,
} from '@starling/event'
import type { Event, Kind } from '@starling/event'

/** A recorded run as its file holds it. */
export interface GoldenRun {
  readonly run_id: string
  readonly merkle_root_hex: string
  readonly events: readonly {
    readonly seq: number
    readonly kind: number
    readonly ts: string
    readonly prev_hash_hex: string | null
    readonly payload_cbor_hex: string
    readonly event_hash_hex: string
  }[]
}

/** What the event package makes of a run; plain JSON data. */
export interface Inspection {
  readonly hashes: readonly string[]
  /** Whether every payload is the same bytes again after decoding and encoding. */
  readonly isStable: boolean
  readonly lines: readonly string[]
  readonly root: string
  /** One for each event under the root. */
  readonly proven: readonly boolean[]
  /** The same proofs for the leaf beside the right one. */
  readonly forged: readonly boolean[]
}

/** Hashes, decodes and proves every event of a run. */
export function inspectRun(run: GoldenRun): Inspection {
  const events = run.events.map((recorded): Event => ({
    runId: run.run_id,
    seq: recorded.seq,
    prevHash: recorded.prev_hash_hex === null ? null : fromHex(recorded.prev_hash_hex),
    ts: BigInt(recorded.ts),
    kind: recorded.kind,
    payload: fromHex(recorded.payload_cbor_hex),
  }))
  const leaves = events.filter((event) => !isTerminalKind(event.kind)).map((event) => hashEvent(event))
  const root = merkleRoot(leaves)
  const trusted = fromHex(run.merkle_root_hex)
  const prove = (leafOf: (index: number) => Uint8Array | undefined): boolean[] =>
    leaves.map((_, index) => verifyInclusionProof(createInclusionProof(leaves, index), leafOf(index) ?? root, trusted))
  return {
    hashes: events.map((event) => toHex(hashEvent(event))),
    isStable: events.every((event) => isKnownKind(event.kind) && isSameAgain(event.kind, event.payload)),
    lines: events.map((event) => readableJson(event)),
    root: toHex(root),
    proven: prove((index) => leaves[index]),
    forged: prove((index) => leaves[index + 1]),
  }
}

function isSameAgain(kind: Kind, payload: Uint8Array): boolean {
  return equalBytes(encodePayload(kind, decodePayload(kind, payload)), payload)
}

export { blake3, createBlake3, type Blake3 } from './blake3.ts'
export { equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Decode, utf8Encode } from './bytes.ts'
export { CborFloat, CborRaw, CborSimple, CborTag, type CborObject, type CborValue } from './cbor.ts'
export { decodeCbor, type DecodeCborOptions } from './cbor-decode.ts'
export { encodeCbor } from './cbor-encode.ts'
export type { CborOutput } from './cbor-output.ts'
export { checkWellFormed } from './cbor-scan.ts'
export { decodeEnvelope, encodeEnvelope } from './envelope.ts'
export { hashEvent, hashEvents, hashScannedEvent, type HashEventsOptions } from './event-hash.ts'
export { EventError, type EventErrorCode } from './event-error.ts'
export type { Event } from './event.ts'
export { createInclusionProof, verifyInclusionProof, type InclusionProof } from './inclusion-proof.ts'
export { isKnownKind, isTerminalKind, KIND, kindName, type Kind, type KindName } from './kinds.ts'
export { createMerkleAccumulator, merkleRoot, type MerkleAccumulator } from './merkle.ts'
export { decodePayload, encodePayload } from './payload-codec.ts'
export { payloadFields, type IntegerWidth, type PayloadField, type PayloadFieldType } from './payload-fields.ts'
export type {
  AssistantMessageCompleted,
  BudgetCaps,
  BudgetExceeded,
  ContextTruncated,
  PayloadByKind,
  PlannedToolUse,
  ReasoningEmitted,
  RunCancelled,
  RunCompleted,
  RunFailed,
  RunResumed,
  RunStarted,
  SideEffectRecorded,
  ToolCallCompleted,
  ToolCallFailed,
  ToolCallScheduled,
  ToolSchemaRef,
  TurnFailed,
  TurnStarted,
  RecordedAttachment,
  RecordedToolSource,
  RecordedCitation,
  RecordedPart,
  UsedRate,
  UserMessageAppended,
} from './payloads.ts'
export { createTreeHash, type TreeHash } from './tree-hash.ts'
export { hasCode, isStarlingError, StarlingError, type StarlingErrorOptions } from './starling-error.ts'
export { cborToJson, formatJsonCanonical, type CborToJsonOptions } from './cbor-to-json.ts'
export { jsonToCbor } from './json-to-cbor.ts'
export { editDistance, nearestName, nearestNames } from './nearest-name.ts'
export { readableEvent, readableJson, type ReadableEvent, type ReadableValue } from './projection-readable.ts'
export { referenceJson, referencePayloadJson } from './projection-reference.ts'
export { formatUlid } from './ulid.ts'
export { decodeValue } from './value-decode.ts'
export { encodeValue } from './value-encode.ts'

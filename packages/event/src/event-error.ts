import { StarlingError } from './starling-error.ts'

/** Why something in this package was refused. */
export type EventErrorCode =
  /** Bytes or text do not decode: malformed, too deep, duplicate keys, a wrong type. */
  | 'EVENT_DECODE'
  /** A value cannot be encoded: out of range, of a wrong type, a malformed embedded item. */
  | 'EVENT_ENCODE'
  /** A JSON text does not parse, or a value has no JSON form. */
  | 'EVENT_JSON'
  /** An inclusion proof cannot be made, or does not have the shape of one. */
  | 'EVENT_PROOF'

/** An error of events, their encoding, their hashes or their proofs. */
export class EventError extends StarlingError<EventErrorCode> {}

import { KIND, kindName } from '@starling/event'

/**
 * What validation says about a run: whole and intact, intact so far, or damaged.
 *
 * An `open` run is a valid prefix: nothing is wrong with it except that its
 * terminal event has not been written yet.
 */
export type ValidationStatus = 'ok' | 'open' | 'corrupt'

/** The two values that should have been equal. */
export interface Difference {
  /** What was compared: `seq`, `prev_hash`, `merkle_root`, `run_id`, `turn_id`, `kind`, `schema_version`. */
  readonly field: string
  /** What the rest of the log asks for; bytes in hexadecimal, null as `null`. */
  readonly expected: string
  /** What is stored. */
  readonly actual: string
}

/** The first rule that a run breaks. */
export interface Violation {
  /** The rule's own text, the words of the log format. */
  readonly detail: string
  /** The position of the event in the run, from 1; absent when the run as a whole is meant. */
  readonly seq?: number | undefined
  /** The values that differ, where the rule compares two. */
  readonly difference?: Difference | undefined
}

/** The result of validating one run. */
export interface Validation {
  readonly status: ValidationStatus
  /** How many events were looked at. */
  readonly events: number
  /**
   * The full verdict text of the log format, `eventlog: log failed validation: …`; absent when `ok`.
   *
   * A run without a terminal event always gets the text that says so, also when
   * it is `corrupt` for another reason: {@link Validation.violation} has that.
   */
  readonly reason?: string | undefined
  /** The position of the event at fault, from 1. */
  readonly seq?: number | undefined
  /** What makes the run corrupt; absent otherwise. */
  readonly violation?: Violation | undefined
  /** The Merkle root: over all events before the terminal one, of an open run over all; absent when corrupt. */
  readonly root?: Uint8Array | undefined
}

/** The verdict text of the log format for `detail`. */
export function verdictText(detail: string): string {
  return `eventlog: log failed validation: ${detail}`
}

/** The name of a kind in verdict texts, which know none for the kinds added since the log format was fixed. */
export function kindInVerdict(kind: number): string {
  return kind > KIND.RunResumed ? `Kind(${kind})` : kindName(kind)
}

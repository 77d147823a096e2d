import { decodePayload, KIND, utf8Decode } from '@starling/event'

import { scanFieldsOf, scanPayload } from './payload-scan.ts'
import type { ScanField } from './payload-scan.ts'

/** The kinds that turns and tool calls are made of. */
export type StepKind =
  | typeof KIND.TurnStarted
  | typeof KIND.AssistantMessageCompleted
  | typeof KIND.ToolCallScheduled
  | typeof KIND.ToolCallCompleted
  | typeof KIND.ToolCallFailed
  | typeof KIND.BudgetExceeded

/** What pairs the events of a turn or of a tool call; a field that the kind lacks is empty. */
export interface Step {
  readonly turnId: string
  readonly callId: string
  readonly attempt: number
}

const FIELDS: Readonly<Record<StepKind, readonly ScanField[]>> = {
  [KIND.TurnStarted]: scanFieldsOf(KIND.TurnStarted),
  [KIND.AssistantMessageCompleted]: scanFieldsOf(KIND.AssistantMessageCompleted),
  [KIND.ToolCallScheduled]: scanFieldsOf(KIND.ToolCallScheduled),
  [KIND.ToolCallCompleted]: scanFieldsOf(KIND.ToolCallCompleted),
  [KIND.ToolCallFailed]: scanFieldsOf(KIND.ToolCallFailed),
  [KIND.BudgetExceeded]: scanFieldsOf(KIND.BudgetExceeded),
}

/** Reads the ids of payloads, remembering the last ones: the events of a turn, and of a call, follow each other. */
export class StepReader {
  readonly #turnIds = new IdReader()
  readonly #callIds = new IdReader()
  /** Whether the last payload was scanned from end to end, and so is one well-formed item. */
  hasScanned = false

  /**
   * Reads the ids of a payload, all of which is checked for it: a payload with
   * any damaged field is refused.
   *
   * @throws {@link EventError} `EVENT_DECODE`.
   */
  read(kind: StepKind, payload: Uint8Array): Step {
    const scan = scanPayload(payload, FIELDS[kind])
    this.hasScanned = scan !== undefined
    if (scan === undefined) return decodeStep(kind, payload)
    return {
      turnId: this.#turnIds.read(payload, scan.turnStart, scan.turnEnd),
      callId: this.#callIds.read(payload, scan.callStart, scan.callEnd),
      attempt: scan.attempt,
    }
  }
}

/** Decodes short texts that often come twice in a row. Comparing bytes costs a fraction of making a string. */
class IdReader {
  #data: Uint8Array = new Uint8Array(0)
  #start = 0
  #length = 0
  #text = ''

  read(data: Uint8Array, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    if (length === this.#length && this.#isSame(data, start)) return this.#text
    this.#text = utf8Decode(data, start, end)
    this.#data = data
    this.#start = start
    this.#length = length
    return this.#text
  }

  #isSame(data: Uint8Array, start: number): boolean {
    const known = this.#data
    const offset = this.#start - start
    for (let at = start + this.#length - 1; at >= start; at--) if (data[at] !== known[at + offset]) return false
    return true
  }
}

function decodeStep(kind: StepKind, payload: Uint8Array): Step {
  const fields: Fields = decodePayload<StepKind>(kind, payload)
  return { turnId: fields.turnId ?? '', callId: fields.callId ?? '', attempt: fields.attempt ?? 0 }
}

type Fields = { readonly [Name in keyof Step]?: Step[Name] | undefined }

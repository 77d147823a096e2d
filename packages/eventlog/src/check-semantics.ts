import { decodePayload, hasCode, KIND } from '@starling/event'
import type { Event } from '@starling/event'

import { goQuote } from './go-quote.ts'
import { nameOf, OpenCalls } from './open-calls.ts'
import { StepReader } from './read-step.ts'
import { kindInVerdict } from './validation.ts'
import type { Violation } from './validation.ts'

const MAX_SCHEMA_VERSION = 1

/**
 * Checks turns and tool calls of a run event by event: a turn is closed by its
 * own answer, an outcome has its schedule.
 *
 * Keeps the open turn and the open calls. Kinds that no rule speaks of are not
 * decoded.
 */
export class SemanticsCheck {
  readonly #steps = new StepReader()
  readonly #openCalls = new OpenCalls()
  #openTurn = ''

  /** Whether the payload of the last event turned out to be one well-formed item. */
  get hasScanned(): boolean {
    return this.#steps.hasScanned
  }

  /** Takes the event at `index`, counted from 0; returns the rule that it breaks. */
  push(event: Event, index: number): Violation | undefined {
    this.#steps.hasScanned = false
    try {
      const violation = index === 0 ? checkStart(event) : this.#walk(event, index)
      return violation && { seq: index + 1, ...violation }
    } catch (error) {
      if (!hasCode(error, 'EVENT_DECODE')) throw error
      const where = index === 0 ? '' : ` at ${index}`
      return { detail: `decode ${kindInVerdict(event.kind)}${where}: ${error.message}`, seq: index + 1 }
    }
  }

  /** Returns the rule that a run breaks by being completed while something is open. */
  checkCompletion(): Violation | undefined {
    if (this.#openTurn !== '') return { detail: `turn ${goQuote(this.#openTurn)} still open at RunCompleted` }
    const call = this.#openCalls.any()
    if (call === undefined) return undefined
    return { detail: `ToolCallScheduled (${call}) has no matching outcome at RunCompleted` }
  }

  #walk(event: Event, index: number): Violation | undefined {
    switch (event.kind) {
      case KIND.RunResumed:
        this.#openTurn = ''
        this.#openCalls.clear()
        return undefined
      case KIND.TurnStarted:
        return this.#startTurn(event.payload, index)
      case KIND.AssistantMessageCompleted:
        return this.#endTurn(event.payload, index)
      case KIND.BudgetExceeded:
        return this.#breakTurn(event.payload, index)
      case KIND.ToolCallScheduled:
        return this.#openCall(event.payload, index)
      case KIND.ToolCallCompleted:
      case KIND.ToolCallFailed:
        return this.#closeCall(event.kind, event.payload, index)
      default:
        return undefined
    }
  }

  #startTurn(payload: Uint8Array, index: number): Violation | undefined {
    const open = this.#openTurn
    if (open !== '') return { detail: `TurnStarted at index ${index} while turn ${goQuote(open)} is still open` }
    const { turnId } = this.#steps.read(KIND.TurnStarted, payload)
    if (turnId === '') return { detail: `TurnStarted at ${index} has empty TurnID` }
    this.#openTurn = turnId
    return undefined
  }

  #endTurn(payload: Uint8Array, index: number): Violation | undefined {
    const { turnId } = this.#steps.read(KIND.AssistantMessageCompleted, payload)
    const open = this.#openTurn
    this.#openTurn = ''
    return turnId === open ? undefined : wrongTurn(`AssistantMessageCompleted at ${index}`, turnId, open)
  }

  #breakTurn(payload: Uint8Array, index: number): Violation | undefined {
    const { turnId } = this.#steps.read(KIND.BudgetExceeded, payload)
    const open = this.#openTurn
    this.#openTurn = ''
    if (open === '' || turnId === '' || turnId === open) return undefined
    return wrongTurn(`BudgetExceeded at ${index}`, turnId, open)
  }

  #openCall(payload: Uint8Array, index: number): Violation | undefined {
    const { callId, attempt } = this.#steps.read(KIND.ToolCallScheduled, payload)
    if (callId === '') return { detail: `ToolCallScheduled at ${index} has empty CallID` }
    if (this.#openCalls.open(callId, attempt)) return undefined
    return { detail: `ToolCallScheduled at ${index} duplicates open call ${callId}/attempt=${attempt}` }
  }

  #closeCall(kind: CallEnd, payload: Uint8Array, index: number): Violation | undefined {
    const { callId, attempt } = this.#steps.read(kind, payload)
    if (this.#openCalls.close(callId, attempt)) return undefined
    return { detail: `${kindInVerdict(kind)} at ${index} has no matching schedule (${nameOf(callId, attempt)})` }
  }
}

type CallEnd = typeof KIND.ToolCallCompleted | typeof KIND.ToolCallFailed

function checkStart(event: Event): Violation | undefined {
  if (event.kind !== KIND.RunStarted) {
    const difference = { field: 'kind', expected: 'RunStarted', actual: kindInVerdict(event.kind) }
    return { detail: `event[0].Kind = ${kindInVerdict(event.kind)}, want RunStarted`, difference }
  }
  const { schemaVersion } = decodePayload(KIND.RunStarted, event.payload)
  if (schemaVersion >= 1 && schemaVersion <= MAX_SCHEMA_VERSION) return undefined
  return {
    detail: `RunStarted.SchemaVersion ${schemaVersion} unsupported (max ${MAX_SCHEMA_VERSION})`,
    difference: { field: 'schema_version', expected: String(MAX_SCHEMA_VERSION), actual: String(schemaVersion) },
  }
}

function wrongTurn(what: string, actual: string, expected: string): Violation {
  return {
    detail: `${what} turn ${goQuote(actual)}, want open turn ${goQuote(expected)}`,
    difference: { field: 'turn_id', expected, actual },
  }
}

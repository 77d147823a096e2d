import { CoreError, type ApprovalChoice } from '@starling/core'
import { cborToJson, decodePayload, jsonToCbor, KIND, type Event } from '@starling/event'
import { readApprovalEvent, type RecordedApproval } from './recorded-approval.ts'

/** A decision on a call, or the answer to a question of it, that is on record. */
export type RecordedDecision = Extract<RecordedApproval, { type: 'approval-decided' | 'question-answered' }>

/** The calls of a run, and what has been decided on them, read without an agent. */
export interface DecidedCalls {
  /** The ids of every call that the model has planned. */
  readonly known: readonly string[]
  /** What was decided last on a call, under the id by which it was planned; with `question`, on that question of it. */
  find(callId: string, question?: string): RecordedDecision | undefined
  /** What was decided on the calls of the last answer that had any such; the last decision on each counts. */
  ofLastTurn(): readonly RecordedDecision[]
}

/** Collects the decisions of a run out of its events, taken in order. */
export class DecisionReader implements DecidedCalls {
  readonly known: string[] = []
  /** The id by which the call was planned, by those of later attempts. */
  readonly #plannedAs = new Map<string, string>()
  readonly #decided: { readonly turn: number; readonly decision: RecordedDecision }[] = []
  #turn = 0

  /** Takes the next event in. */
  follow(event: Event): void {
    const { kind, payload } = event
    if (kind === KIND.AssistantMessageCompleted) {
      this.#turn += 1
      this.known.push(...(decodePayload(kind, payload).toolUses ?? []).map(({ callId }) => callId))
    } else if (kind === KIND.ToolCallScheduled) {
      const { callId, reissueOf } = decodePayload(kind, payload)
      if (reissueOf !== undefined) this.#plannedAs.set(callId, this.#plannedId(reissueOf))
    } else {
      const recorded = readApprovalEvent(event)
      if (recorded?.type !== 'approval-decided' && recorded?.type !== 'question-answered') return
      const decision = { ...recorded, callId: this.#plannedId(recorded.callId) }
      this.#decided.push({ turn: this.#turn, decision })
    }
  }

  find(callId: string, question?: string): RecordedDecision | undefined {
    return this.#decided.findLast(({ decision }) => {
      if (decision.callId !== callId) return false
      if (question === undefined) return true
      return question !== '' && hashOf(decision)?.startsWith(question.toLowerCase()) === true
    })?.decision
  }

  ofLastTurn(): readonly RecordedDecision[] {
    const last = this.#decided.at(-1)?.turn
    const decisions = this.#decided.filter(({ turn }) => turn === last).map(({ decision }) => decision)
    return [
      ...new Map(decisions.map((decision) => [`${decision.callId} ${hashOf(decision) ?? ''}`, decision])).values(),
    ]
  }

  #plannedId(callId: string): string {
    return this.#plannedAs.get(callId) ?? callId
  }
}

/**
 * Sees to it that what has been decided is what is decided now.
 *
 * @throws `CoreError` `CORE_DECIDED`, which says who was first.
 */
export function checkSame(decided: readonly RecordedDecision[], choice: ApprovalChoice): void {
  const others = decided.filter((decision) => !isSame(decision, choice))
  if (others.length > 0) throw new CoreError('CORE_DECIDED', others.map(describe).join('; '))
}

function isSame(decided: RecordedDecision, choice: ApprovalChoice): boolean {
  if (decided.type === 'question-answered') {
    if (choice.decision === 'deny') return decided.action === 'decline'
    if (choice.decision === 'answer' || decided.action !== 'accept') return false
    // Who gives no answer has nothing against the one that was given.
    return choice.input === undefined || canonical(choice.input) === canonical(decided.content)
  }
  if (decided.decision !== choice.decision) return false
  if (choice.decision === 'approve') return canonical(choice.input) === canonical(decided.input)
  return choice.decision === 'deny' || canonical(choice.result) === canonical(decided.result)
}

function describe(decided: RecordedDecision): string {
  const { type, callId, by } = decided
  const who = by === undefined ? '' : ` by ${by}`
  if (type === 'approval-decided') {
    const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[decided.decision]
    const edited = decided.input === undefined ? '' : ' with other arguments'
    return `call ${callId} has been ${how}${edited}${who} already`
  }
  const how = { accept: 'answered', decline: 'declined', cancel: 'cancelled' }[decided.action]
  return `the question of call ${callId} has been ${how} already${who}`
}

/** The hash of the arguments, or of the question. */
export function hashOf(decided: RecordedDecision): string | undefined {
  return decided.type === 'question-answered' ? decided.questionHash : decided.argsHash
}

function canonical(json: string | undefined): string | undefined {
  return json === undefined ? undefined : cborToJson(jsonToCbor(json))
}

import { isTerminalKind, KIND } from '@starling/event'
import { describeDivergence, DivergenceError, ENGINE, rateFromRecord } from '@starling/step'
import type { AnswerSource, ModelRate, Recorded, ReplayedBatch, ReplayRecorder } from '@starling/step'
import { APPROVAL, decodeApproval, isDecidedOutside } from './approval.ts'
import { isAnswerFromOutside } from './call-questions.ts'
import type { Input, Inputs } from './inputs.ts'
import { isFromAnother } from './message-parts.ts'
import { OUTPUT_ORIGIN } from './output.ts'
import { replayAnswer } from './recorded-answer.ts'
import type { PlannedCall } from './planned-call.ts'
import type { RunState } from './run-state.ts'

/** What the inputs of a replay have beside the recording. */
export interface ReplayInputsOptions {
  /** For recordings that hold no rate. */
  readonly rate: ModelRate | undefined
  /** The provider of the run. */
  readonly providerId: string
  /** Ends the replay, and is what tools see. */
  readonly signal: AbortSignal | undefined
}

/** The inputs of a replay: what the recording says came from outside. */
export class ReplayInputs implements Inputs {
  readonly answers: AnswerSource
  readonly signal: AbortSignal
  readonly #recorder: ReplayRecorder
  readonly #state: RunState
  readonly #rate: ModelRate | undefined

  constructor(recorder: ReplayRecorder, state: RunState, options: ReplayInputsOptions) {
    this.#recorder = recorder
    this.#state = state
    this.#rate = options.rate
    this.signal = options.signal ?? new AbortController().signal
    this.answers = (request) => replayAnswer(recorder, { providerId: options.providerId, model: request.model })
  }

  poll(): Input | undefined {
    const next = this.#recorder.peek()
    // What the run itself asks the model follows from the answer before it.
    if (next !== undefined && isInput(next)) return inputIn(next)
    // While calls are open, no failure follows from what the run has done: something else ended it.
    if (next?.kind === KIND.RunFailed && this.#state.isPending) return { type: 'fault', failed: next.payload }
    return seamAt(next)
  }

  isWaiting(): boolean {
    return this.poll() !== undefined
  }

  announce(): void {}

  wait(): Promise<void> {
    return Promise.resolve()
  }

  replayed(): ReplayedBatch {
    return {
      recorder: this.#recorder,
      fateOf: (callId) => this.#fateOf(callId),
      isCutOff: () => this.poll() !== undefined,
    }
  }

  /** Takes over what is left of a turn or a batch in which something differed: it cannot be compared from its middle on. */
  skipStep(): void {
    const { openTurn } = this.#state
    const isUnderWay = (): boolean =>
      openTurn === undefined ? TOOL_KINDS.has(this.#recorder.peek()?.kind ?? 0) : this.#state.openTurn === openTurn
    if (openTurn === undefined && !this.#state.pending.some((call) => call.status === 'scheduled')) return
    while ((this.poll() === undefined && isUnderWay()) || this.#isAmongCalls()) this.#recorder.adopt()
  }

  /** Whether what comes next was said or decided while calls of the last answer ran. */
  #isAmongCalls(): boolean {
    for (let ahead = 0; ; ahead += 1) {
      const recorded = this.#recorder.peek(ahead)
      if (recorded === undefined) return false
      if (isInput(recorded)) continue
      return ahead > 0 && TOOL_KINDS.has(recorded.kind) && !isPlanned(recorded, this.#state)
    }
  }

  isCutOff(): boolean {
    const seam = seamAt(this.#recorder.peek())
    return seam !== undefined && seam.type !== 'fault'
  }

  /** The rate that was in force: a price list that has changed since changes no replay. */
  rate(): ModelRate | undefined {
    if (this.#recorder.engine === ENGINE.reference) return this.#rate // it records none
    for (let ahead = 0; ; ahead += 1) {
      const recorded = this.#recorder.peek(ahead)
      if (recorded === undefined) return this.#state.lastRate ?? this.#rate
      if (recorded.kind !== KIND.AssistantMessageCompleted || isFromAnother(recorded.payload)) continue
      const { rate } = recorded.payload
      return rate === undefined ? undefined : rateFromRecord(rate)
    }
  }

  unexpected(): Error {
    return new DivergenceError(describeDivergence(this.#recorder.peek()?.event, undefined))
  }

  reissueId(call: PlannedCall): string {
    for (let ahead = 0; ; ahead += 1) {
      const recorded = this.#recorder.peek(ahead)
      if (recorded === undefined) return call.callId // nothing recorded: the schedule itself will differ
      if (recorded.kind !== KIND.ToolCallScheduled) continue
      const { reissueOf, callId, tool } = recorded.payload
      // Only the reference does not say for which call: elsewhere it is a call that was not made before.
      const isUnsaid = this.#recorder.engine === ENGINE.reference && (reissueOf === undefined || reissueOf === '')
      if (isUnsaid ? tool === call.tool : reissueOf === call.callId) return callId
    }
  }

  /**
   * Whether a cancellation or the deadline came while the calls under way were
   * running: how each of them took it only the recording knows.
   */
  #isBatchInterrupted(): boolean {
    for (let ahead = 0; ; ahead += 1) {
      const recorded = this.#recorder.peek(ahead)
      if (recorded !== undefined && (TOOL_KINDS.has(recorded.kind) || isInput(recorded))) continue
      const seam = seamAt(recorded)?.type
      return seam === 'cancel' || seam === 'deadline'
    }
  }

  #fateOf(callId: string): 'interrupted' | 'cut-off' | undefined {
    let interrupted = this.#isBatchInterrupted()
    for (let ahead = 0; ; ahead += 1) {
      const recorded = this.#recorder.peek(ahead)
      if (
        recorded === undefined ||
        recorded.kind === KIND.TurnStarted ||
        isTerminalKind(recorded.kind) ||
        seamAt(recorded) !== undefined
      )
        return 'cut-off'
      if (!('callId' in recorded.payload) || recorded.payload.callId !== callId) continue
      if (recorded.kind === KIND.ToolCallCompleted) return interrupted ? 'interrupted' : undefined
      if (recorded.kind !== KIND.ToolCallFailed) continue
      interrupted ||= INTERRUPTIONS.has(recorded.payload.errorType)
      if (recorded.payload.final === true) return interrupted ? 'interrupted' : undefined
    }
  }
}

/** Whether somebody said or decided it: a message, a decision, or an answer that another process has recorded. */
export function isInput({ kind, payload }: Recorded): boolean {
  if (kind === KIND.UserMessageAppended) return payload.origin !== OUTPUT_ORIGIN
  return kind === KIND.SideEffectRecorded && (payload.name === APPROVAL || isAnswerFromOutside(payload))
}

/** Whether an event schedules a call of the last answer. */
export function isPlanned({ kind, payload }: Recorded, state: RunState): boolean {
  if (kind !== KIND.ToolCallScheduled) return false
  const { callId, reissueOf = '' } = payload
  return reissueOf !== '' || state.isPlanned(callId)
}

function inputIn({ kind, payload }: Recorded): Input | undefined {
  if (kind === KIND.UserMessageAppended) return { type: 'message', ...payload }
  if (kind !== KIND.SideEffectRecorded) return undefined
  const { name, callId = '', value } = payload
  if (name !== APPROVAL) return { type: 'answer', recorded: payload }
  return { type: 'decision', callId, decision: decodeApproval(value), outside: isDecidedOutside(value) }
}

/** What is recorded while calls run. */
const TOOL_KINDS: ReadonlySet<number> = new Set([
  KIND.ToolCallScheduled,
  KIND.ToolCallCompleted,
  KIND.ToolCallFailed,
  KIND.SideEffectRecorded,
])

/** Failures that come from outside the tool: calling it again would not reproduce them. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['cancelled', 'timeout', 'deadlock'])

/** The errors of a run that follow from nothing else in its recording. */
const FAULTS: ReadonlySet<string> = new Set(['internal', 'provider', 'budget'])

/** The input from outside that a recorded event stands for, when it cuts off whatever was going on. */
function seamAt(recorded: Recorded | undefined): Input | undefined {
  if (recorded === undefined) return { type: 'end' }
  switch (recorded.kind) {
    case KIND.RunResumed: {
      const { extraMessage, reissueTools } = recorded.payload
      return { type: 'resumed', message: extraMessage === '' ? undefined : extraMessage, reissueTools }
    }
    case KIND.RunCancelled:
      return { type: 'cancel', reason: recorded.payload.reason }
    case KIND.RunFailed:
      return FAULTS.has(recorded.payload.errorType) ? { type: 'fault', failed: recorded.payload } : undefined
    case KIND.BudgetExceeded:
      return recorded.payload.limit === 'wall_clock' ? { type: 'deadline', recorded: recorded.payload } : undefined
    default:
      return undefined
  }
}

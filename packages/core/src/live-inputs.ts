import type { UserMessageAppended } from '@starling/event'
import type { AnswerSource, CallEnvironment, CallOrigin, IdSource, ModelRate } from '@starling/step'
import type { ToolAnswer, ToolProgress, ToolQuestion } from '@starling/tool'
import { settleDecision } from './approval.ts'
import { checkText } from './agent-options.ts'
import { checkAnswer, settleAnswer } from './question.ts'
import { CoreError } from './core-error.ts'
import type { AgentDefinition, ApprovalDecision, ApprovalRequest, QuestionRequest } from './definition.ts'
import type { Input, Inputs } from './inputs.ts'

/** Why a run's signal was aborted: told apart by identity, never by the type of an error. */
class RunCancelledReason extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(`the run was cancelled: ${reason}`)
    this.name = 'AbortError'
    this.reason = reason
  }
}

/** Why a run's signal was aborted by its own wall-clock budget. */
class DeadlineReason extends Error {
  constructor() {
    super('the wall-clock budget of the run has run out')
    this.name = 'AbortError'
  }
}

/** Why a run's signal was aborted by a process that has taken the run over. */
class LostReason extends Error {
  constructor(cause: Error) {
    super('another process has taken the run over', { cause })
    this.name = 'AbortError'
  }
}

interface Waiting {
  readonly request: ApprovalRequest
  readonly resolve: (decision: ApprovalDecision | undefined) => void
}

/** What a live run tells whoever holds its handle, apart from what it records. */
export interface LiveListener {
  readonly onApprovalRequested: (request: ApprovalRequest) => void
  readonly onQuestion: (request: QuestionRequest) => void
  readonly onProgress: (report: ToolProgress, from: CallOrigin) => void
}

/** How the inputs of a live run are made. */
export interface LiveInputsOptions {
  readonly runId: string
  readonly definition: AgentDefinition
  readonly ids: IdSource
  readonly rate: ModelRate | undefined
  /** Someone may decide later, through the run handle. Default: nobody will. */
  readonly listener?: LiveListener | undefined
  /** Cancels the run when aborted. */
  readonly signal: AbortSignal | undefined
}

/** The inputs of a live run: what people and the clock do to it. */
export class LiveInputs implements Inputs {
  readonly answers: AnswerSource
  readonly onProgress: CallEnvironment['onProgress']
  readonly #options: LiveInputsOptions
  readonly #controller = new AbortController()
  readonly #messages: UserMessageAppended[] = []
  readonly #early = new Map<string, ApprovalDecision>()
  readonly #decided = new Set<string>()
  readonly #requested = new Map<string, Promise<ApprovalDecision> | undefined>()
  readonly #onAbort = (): void => this.cancel(cancelReason(this.#options.signal?.reason))
  readonly #questions = new Map<string, (answer: ToolAnswer) => void>()
  #asked = 0
  #waiting: Waiting | undefined
  #sealed = false

  constructor(options: LiveInputsOptions) {
    this.#options = options
    const { provider } = options.definition
    this.answers = (request, callOptions) => provider.stream(request, callOptions)
    this.onProgress = options.listener?.onProgress
    const { signal } = options
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Takes nothing more in: the run has its terminal event. */
  seal(): void {
    this.#sealed = true
  }

  /** Lets go of the caller's signal: the run has ended. */
  close(): void {
    this.seal()
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  cancel(reason: string): void {
    checkText(reason, 'the reason of a cancellation')
    this.#abort(new RunCancelledReason(reason))
  }

  /** Ends the run because its wall-clock budget ran out. */
  expire(): void {
    this.#abort(new DeadlineReason())
  }

  /** Stops what is under way because the run is another process's now: nothing more can be recorded. */
  lose(error: Error): void {
    this.#abort(new LostReason(error))
  }

  /** Takes a message in; one that nobody would ever read is refused. */
  send(message: UserMessageAppended): void {
    if (this.#sealed) throw new CoreError('CORE_RUN_ENDED', 'the run has ended and takes no message')
    this.#messages.push(message)
    this.#interrupt()
  }

  /** Takes a decision; one that comes before its call is asked for waits for it. */
  resolve(callId: string, decision: ApprovalDecision): void {
    const waiting = this.#waiting
    if (waiting?.request.callId === callId) {
      this.#waiting = undefined
      waiting.resolve(decision)
      return
    }
    if (this.#early.has(callId) || this.#decided.has(callId)) {
      throw new CoreError('CORE_NOT_WAITING', `call ${callId} has been decided already`)
    }
    if (this.#sealed) throw new CoreError('CORE_RUN_ENDED', `the run has ended: nobody waits for call ${callId}`)
    this.#early.set(callId, decision)
  }

  readonly ask = async (question: ToolQuestion, from: CallOrigin): Promise<ToolAnswer> => {
    const { definition, listener, runId } = this.#options
    const { turnId, callId, tool, signal } = from
    signal.throwIfAborted()
    const questionId = `${callId}?${(this.#asked += 1)}`
    const request = { runId, turnId, callId, tool, questionId, question }
    const { answer } = definition
    if (answer === undefined && listener === undefined) return { action: 'cancel' }
    return new Promise((resolve, reject) => {
      const settle = (given: ToolAnswer): void => {
        this.#questions.delete(questionId)
        signal.removeEventListener('abort', onAbort)
        resolve(given)
      }
      const onAbort = (): void => {
        this.#questions.delete(questionId)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#questions.set(questionId, settle)
      listener?.onQuestion(request)
      if (answer !== undefined) void settleAnswer(() => answer(request)).then(settle)
    })
  }

  /** Answers a question that waits. */
  answer(questionId: string, given: ToolAnswer): void {
    const settle = this.#questions.get(questionId)
    if (settle === undefined) throw new CoreError('CORE_NOT_WAITING', `no question ${questionId} waits for an answer`)
    settle(checkAnswer(given))
  }

  poll(): Input | undefined {
    const { aborted, reason } = this.signal
    if (aborted) {
      if (reason instanceof LostReason) throw reason.cause
      return reason instanceof DeadlineReason
        ? { type: 'deadline' }
        : { type: 'cancel', reason: reason instanceof RunCancelledReason ? reason.reason : 'context_canceled' }
    }
    const message = this.#messages.shift()
    return message === undefined ? undefined : { type: 'message', ...message }
  }

  isWaiting(): boolean {
    return this.signal.aborted || this.#messages.length > 0
  }

  async decide(request: ApprovalRequest): Promise<ApprovalDecision | undefined> {
    const { callId } = request
    const early = this.#early.get(callId)
    const decision = early ?? (await this.#ask(request))
    if (decision === undefined) return undefined
    this.#early.delete(callId)
    this.#requested.delete(callId)
    this.#decided.add(callId)
    return decision
  }

  replayed(): undefined {
    return undefined
  }

  unexpected(): Error {
    return new Error('the run could not go on')
  }

  reissueId(): string {
    return this.#options.ids.mint('call')
  }

  isCutOff(): boolean {
    return this.signal.aborted
  }

  rate(): ModelRate | undefined {
    return this.#options.rate
  }

  /** Asks whoever can decide, once per call; what comes first counts: their answer, or a message, or the end. */
  async #ask(request: ApprovalRequest): Promise<ApprovalDecision | undefined> {
    if (this.signal.aborted || this.#messages.length > 0) return undefined
    const { definition, listener } = this.#options
    const { approve } = definition
    if (!this.#requested.has(request.callId)) {
      listener?.onApprovalRequested(request)
      const answer = approve === undefined ? undefined : settleDecision(() => approve(request))
      this.#requested.set(request.callId, answer)
    }
    if (approve === undefined && listener === undefined)
      return { decision: 'deny', reason: 'nobody was there to approve it' }
    const asked = new Promise<ApprovalDecision | undefined>((resolve) => (this.#waiting = { request, resolve }))
    const answer = this.#requested.get(request.callId)
    const decision = await (answer === undefined ? asked : Promise.race([asked, answer]))
    this.#waiting = undefined
    return decision
  }

  #abort(reason: Error): void {
    this.#controller.abort(reason)
    this.#interrupt()
  }

  /** Something else came first: whoever waits for a decision asks again afterwards. */
  #interrupt(): void {
    this.#waiting?.resolve(undefined)
    this.#waiting = undefined
  }
}

function cancelReason(reason: unknown): string {
  if (reason instanceof RunCancelledReason) return reason.reason
  if (typeof reason === 'string' && reason !== '') return reason
  if (!(reason instanceof Error)) return 'context_canceled'
  // What the platform says when nobody gave a reason is none; whoever gave an error meant its message.
  if (reason.name === 'TimeoutError') return 'deadline_exceeded'
  return reason.name === 'AbortError' || reason.message === '' ? 'context_canceled' : reason.message
}

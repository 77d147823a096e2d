import type { UserMessageAppended } from '@starling/event'
import { ENGINE } from '@starling/step'
import type { AnswerSource, CallEnvironment, CallOrigin, Clock, Engine, IdSource, ModelRate } from '@starling/step'
import type { ToolAnswer, ToolProgress } from '@starling/tool'
import { ApprovalDesk } from './approval-desk.ts'
import type { RunPlace } from './approval-desk.ts'
import { checkText, refuse } from './agent-options.ts'
import { CoreError } from './core-error.ts'
import type { AgentDefinition, ApprovalRequest, CallDecision, QuestionRequest } from './definition.ts'
import type { Input, Inputs, RunningInput } from './inputs.ts'
import { QuestionDesk } from './question-desk.ts'

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

/** Why a run cannot be left to wait. */
export const NO_PLACE = 'its log has no place for what waits'

/** What whoever comes too late is told. */
const SEALED = {
  ended: {
    decision: 'the run has ended: no call waits for a decision',
    message: 'the run has ended and takes no message',
  },
  suspended: {
    decision: 'the run is suspended and takes no decision here: record it with decideApprovals, and resume the run',
    message: 'the run is suspended and takes no message here: resume it with the message',
  },
} as const

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
  /** What becomes of a call that waits for a decision which nobody here has made. */
  readonly onApproval: 'wait' | 'deny' | 'suspend'
  readonly clock: Clock
  /** Cancels the run when aborted. */
  readonly signal: AbortSignal | undefined
}

/** The inputs of a live run: what people and the clock do to it. */
export class LiveInputs implements Inputs {
  readonly answers: AnswerSource
  readonly ask: CallEnvironment['ask']
  readonly onProgress: CallEnvironment['onProgress']
  readonly #options: LiveInputsOptions
  readonly #controller = new AbortController()
  readonly #queue: Input[] = []
  readonly #desk: ApprovalDesk
  readonly #onAbort = (): void => this.cancel(cancelReason(this.#options.signal?.reason))
  readonly #questions: QuestionDesk
  #place: RunPlace | undefined
  #engine: Engine
  #onApproval: LiveInputsOptions['onApproval']
  #take: ((input: RunningInput) => void) | undefined
  /** Whether there is nothing to do but to wait. */
  #isIdle = false
  #wake: (() => void) | undefined
  #sealed: 'ended' | 'suspended' | undefined

  constructor(options: LiveInputsOptions) {
    this.#options = options
    const { runId, clock, listener } = options
    this.#onApproval = options.onApproval
    this.#engine = options.definition.profile === 'reference' ? ENGINE.reference : ENGINE.asking
    const onApproval = (): LiveInputsOptions['onApproval'] => this.#onApproval
    const { provider, approve, answer } = options.definition
    this.#desk = new ApprovalDesk({
      approve,
      onApproval,
      clock,
      onRequested: (request) => listener?.onApprovalRequested(request),
      onDecided: (taken) => this.#bring({ type: 'decision', ...taken }),
    })
    const onAsked = listener === undefined ? undefined : (request: QuestionRequest) => listener.onQuestion(request)
    const plannedId = (callId: string): string =>
      this.#place?.planned.find(({ loggedId }) => loggedId === callId)?.callId ?? callId
    this.#questions = new QuestionDesk({ runId, answer, onApproval, clock, onAsked, plannedId })
    this.ask = this.#questions.ask
    this.answers = (request, callOptions) => provider.stream(request, callOptions)
    this.onProgress = listener?.onProgress
    const { signal } = options
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Follows where the run stands. */
  attach(place: RunPlace, engine: Engine): void {
    this.#place = place
    this.#engine = engine
    this.#desk.attach(place)
  }

  /** Whether the run is left as it is when a call waits that nobody here decides on. */
  get maySuspend(): boolean {
    return this.#onApproval === 'suspend'
  }

  /** Takes nothing more in: the run has its terminal event, or is left to another process. */
  seal(how: 'ended' | 'suspended' = 'ended'): void {
    this.#sealed ??= how
    const refusal = new CoreError('CORE_RUN_ENDED', SEALED[this.#sealed].decision)
    this.#desk.close(refusal)
    this.#questions.close(refusal)
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

  /** Has nobody waited for any longer: the run is left as soon as there is nothing else to do. */
  suspend(): void {
    if (this.#sealed !== undefined) return
    if (this.#engine < ENGINE.governed) refuse(`run ${this.#options.runId} cannot be suspended: ${NO_PLACE}`)
    this.#onApproval = 'suspend'
    this.#questions.suspend()
    if (this.#isIdle && !this.#desk.isAsking) this.#push({ type: 'suspend' })
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
    if (this.#sealed !== undefined) throw new CoreError('CORE_RUN_ENDED', SEALED[this.#sealed].message)
    this.#bring({ type: 'message', ...message })
  }

  /** Takes decisions, all or none; one that comes before its call is asked for waits for it. */
  resolve(decisions: readonly CallDecision[]): Promise<void> {
    if (this.#sealed !== undefined) return this.#desk.resolve(decisions)
    const { give, rest } = this.#questions.take(decisions)
    if (give.length === 0) return this.#desk.resolve(rest)
    const taken = this.#desk.resolve(rest)
    const all = Promise.all([taken, ...give.map((answer) => answer())]).then(() => undefined)
    all.catch(() => undefined) // whoever does not wait for it must not end the process
    return all
  }

  /** Answers a question that waits; returns when the answer is durable. */
  answer(questionId: string, given: ToolAnswer, by?: string): Promise<void> {
    if (this.#sealed !== undefined) throw new CoreError('CORE_RUN_ENDED', SEALED[this.#sealed].decision)
    return this.#questions.answer(questionId, given, by)
  }

  poll(): Input | undefined {
    const { aborted, reason } = this.signal
    if (aborted) {
      if (reason instanceof LostReason) throw reason.cause
      return reason instanceof DeadlineReason
        ? { type: 'deadline' }
        : { type: 'cancel', reason: reason instanceof RunCancelledReason ? reason.reason : 'context_canceled' }
    }
    const next = this.#queue.shift()
    if (next?.type !== 'suspend') return next
    // What has come in since comes first; the run finds out again whether it can go on.
    if (this.#queue.length > 0) return this.#queue.shift()
    this.seal('suspended')
    return next
  }

  isWaiting(): boolean {
    return this.signal.aborted || this.#queue.length > 0
  }

  announce(requests: readonly ApprovalRequest[]): void {
    for (const request of requests) this.#desk.announce(request)
  }

  wait(): Promise<void> {
    if (!this.isWaiting() && !this.#desk.isAsking) this.#push({ type: 'suspend' })
    if (this.isWaiting()) return Promise.resolve()
    this.#isIdle = true
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#isIdle = false
        resolve()
      }
    })
  }

  takeAtOnce(take: (input: RunningInput) => void): () => void {
    this.#take = take
    return () => (this.#take = undefined)
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

  #abort(reason: Error): void {
    this.#controller.abort(reason)
    this.#wake?.()
  }

  #bring(input: RunningInput): void {
    if (this.#take === undefined) this.#push(input)
    else this.#take(input)
  }

  #push(input: Input): void {
    this.#queue.push(input)
    this.#wake?.()
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

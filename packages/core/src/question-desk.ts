import { SuspendedError } from '@starling/step'
import type { CallOrigin, Clock, GivenAnswer, OpenQuestion } from '@starling/step'
import type { ToolAnswer } from '@starling/tool'
import { answerIn, isSameAnswer } from './answer-decision.ts'
import { alreadyAnswered, checkDecisions, findMismatch, isOver, notWaiting } from './approval.ts'
import { questionHash } from './call-questions.ts'
import type { CoreError } from './core-error.ts'
import type { AgentDefinition, CallDecision, QuestionRequest } from './definition.ts'
import { checkAnswer, settleAnswer } from './question.ts'

/** Whom a {@link QuestionDesk} asks, and what it does when there is nobody. */
export interface QuestionDeskOptions {
  readonly runId: string
  readonly answer: AgentDefinition['answer']
  /** `wait`: someone may answer later; `deny`: nobody will; `suspend`: nobody here will. */
  readonly onApproval: 'wait' | 'deny' | 'suspend'
  readonly clock: Clock
  /** Told of every question that somebody may answer. Default: nobody is there to be told. */
  readonly onAsked: ((request: QuestionRequest) => void) | undefined
  /** The model's id of a call, given the one that it is recorded under. */
  readonly plannedId: (callId: string) => string
}

interface Entry {
  readonly request: QuestionRequest
  readonly open: OpenQuestion
  /** Gives the answer; resolves when it is durable. */
  readonly settle: (given: GivenAnswer) => Promise<void>
}

const TOO_LATE: GivenAnswer = { answer: { action: 'cancel' }, reason: 'nobody answered in time', by: 'timeout' }

const NOBODY: GivenAnswer = { answer: { action: 'cancel' }, reason: 'nobody was there to answer it' }

/** Where the questions of running tools wait for their answers, in one live run. */
export class QuestionDesk {
  readonly #options: QuestionDeskOptions
  readonly #open = new Map<string, Entry>()
  /** Answers that are not durable yet, and how to say that they will never be. */
  readonly #unrecorded = new Set<(refusal: CoreError) => void>()
  #asked = 0

  constructor(options: QuestionDeskOptions) {
    this.#options = options
  }

  /**
   * Resolves with the answer; rejects with the reason of the call's signal, or, where the run is left for another process
   * to answer, with {@link SuspendedError}.
   */
  readonly ask = async (open: OpenQuestion, from: CallOrigin): Promise<GivenAnswer> => {
    const { runId, answer, onApproval, clock, onAsked } = this.#options
    const { turnId, callId, tool, signal } = from
    signal.throwIfAborted()
    if (isOver(open, clock.now())) return TOO_LATE
    const { question, held, expiresAt } = open
    const questionId = `${callId}?${(this.#asked += 1)}`
    const request = { runId, turnId, callId, tool, questionId, question, held, expiresAt }
    if (answer !== undefined) return this.#wait({ request, open, signal, answer })
    if (onApproval === 'suspend') {
      if (held) return NOBODY
      onAsked?.(request)
      throw new SuspendedError()
    }
    if (onApproval === 'deny' || onAsked === undefined) return NOBODY
    return this.#wait({ request, open, signal, answer: undefined })
  }

  /** Answers a question that waits; returns when the answer is durable. */
  answer(questionId: string, given: ToolAnswer, by: string | undefined): Promise<void> {
    const entry = this.#open.get(questionId)
    if (entry === undefined) throw notWaiting(`no question ${questionId} waits for an answer`)
    return entry.settle({ answer: checkAnswer(given), by })
  }

  /**
   * Finds the decisions that answer a question which waits here, and checks them.
   *
   * @returns how to give the answers, and the decisions that are about something else.
   * @throws `CoreError` `CORE_NOT_WAITING`, `CORE_DECIDED`, `CORE_INVALID_OPTIONS`.
   */
  take(decisions: readonly CallDecision[]): {
    readonly give: readonly (() => Promise<void>)[]
    readonly rest: readonly CallDecision[]
  } {
    const rest: CallDecision[] = []
    const taken = new Map<Entry, GivenAnswer>()
    for (const decision of decisions) {
      const entry = this.#entryOf(decision)
      if (entry === undefined) rest.push(decision)
      else taken.set(entry, this.#answerTo(entry, decision, taken.get(entry)))
    }
    const give = [...taken].map(
      ([{ settle }, given]) =>
        () =>
          settle(given),
    )
    return { give, rest }
  }

  /** What is not durable by now will never be. */
  close(refusal: CoreError): void {
    for (const refuse of this.#unrecorded) refuse(refusal)
  }

  #entryOf({ callId, argsHash }: CallDecision): Entry | undefined {
    const { plannedId } = this.#options
    const ofCall = [...this.#open.values()].filter(
      ({ request }) => request.callId === callId || plannedId(request.callId) === callId,
    )
    return argsHash === undefined ? ofCall[0] : ofCall.find(({ open }) => questionHash(open) === argsHash)
  }

  #answerTo(entry: Entry, given: CallDecision, other: GivenAnswer | undefined): GivenAnswer {
    const [checked] = checkDecisions([given])
    if (checked === undefined) throw new Error('a decision was lost')
    const { open, request } = entry
    const asked = { ...request, argsHash: questionHash(open) }
    const misfit = findMismatch(checked, asked, this.#options.clock.now())
    if (misfit !== undefined) throw misfit
    const answer = answerIn(checked, open)
    if (other === undefined || isSameAnswer(other.answer, answer.answer)) return other ?? answer
    throw alreadyAnswered(request.callId, other.by)
  }

  #wait({ request, open, signal, answer }: Wait): Promise<GivenAnswer> {
    const { clock, onAsked } = this.#options
    const { questionId } = request
    const { promise, resolve, reject } = Promise.withResolvers<GivenAnswer>()
    const over = new AbortController()
    const leave = (): boolean => {
      over.abort()
      signal.removeEventListener('abort', onAbort)
      return this.#open.delete(questionId)
    }
    const settle = (given: GivenAnswer): Promise<void> => {
      if (!leave()) return Promise.resolve()
      const recorded = this.#expectRecord()
      resolve({ ...given, onRecorded: recorded.done })
      return recorded.promise
    }
    const onAbort = (): void => {
      leave()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#open.set(questionId, { request, open, settle })
    onAsked?.(request)
    if (answer !== undefined) void settleAnswer(() => answer(request)).then(async (given) => settle({ answer: given }))
    if (open.expiresAt !== undefined) {
      const leftMs = open.expiresAt - Number(clock.now() / 1_000_000n)
      const expire = async (): Promise<void> => settle(TOO_LATE)
      clock.sleep(leftMs, { signal: over.signal }).then(expire, () => undefined) // answered before, or cut off
    }
    return promise
  }

  #expectRecord(): { readonly promise: Promise<void>; readonly done: () => void } {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined) // not every answer has someone who waits for it
    this.#unrecorded.add(reject)
    const done = (): void => {
      this.#unrecorded.delete(reject)
      resolve()
    }
    return { promise, done }
  }
}

interface Wait {
  readonly request: QuestionRequest
  readonly open: OpenQuestion
  readonly signal: AbortSignal
  readonly answer: AgentDefinition['answer']
}

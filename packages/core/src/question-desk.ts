import { SuspendedError } from '@starling/step'
import type { CallOrigin, Clock, GivenAnswer, OpenQuestion } from '@starling/step'
import type { ToolAnswer } from '@starling/tool'
import { answerIn, isSameAnswer } from './answer-decision.ts'
import { alreadyAnswered, checkGiven, contradictory, findMismatch, isOver, notWaiting } from './approval.ts'
import type { GivenDecision } from './approval.ts'
import { questionHash } from './call-questions.ts'
import type { CoreError } from './core-error.ts'
import type { AgentDefinition, CallDecision, QuestionRequest } from './definition.ts'
import { checkAnswer, settleAnswer } from './question.ts'

/** Whom a {@link QuestionDesk} asks, and what it does when there is nobody. */
export interface QuestionDeskOptions {
  readonly runId: string
  readonly answer: AgentDefinition['answer']
  /** `wait`: someone may answer later; `deny`: nobody will; `suspend`: nobody here will. It may change. */
  readonly onApproval: () => 'wait' | 'deny' | 'suspend'
  readonly clock: Clock
  /** Told of every question that somebody may answer. Default: nobody is there to be told. */
  readonly onAsked: ((request: QuestionRequest) => void) | undefined
  /** The model's id of a call, given the one that it is recorded under. */
  readonly plannedId: (callId: string) => string
}

/** A question of an attempt that is under way. */
interface Entry {
  readonly request: QuestionRequest
  readonly open: OpenQuestion
  readonly resolve: (given: GivenAnswer) => void
  readonly reject: (reason: unknown) => void
  /** Settled when the answer is durable. */
  readonly recorded: PromiseWithResolvers<void>
  /** Aborted when nobody waits for the answer any longer. */
  readonly timer: AbortController
  given: GivenAnswer | undefined
}

const TOO_LATE: GivenAnswer = { answer: { action: 'cancel' }, reason: 'nobody answered in time', by: 'timeout' }

const NOBODY_HERE: GivenAnswer = { answer: { action: 'cancel' }, reason: 'nobody was there to answer it' }

/** Where the questions of running tools wait for their answers, in one live run. */
export class QuestionDesk {
  readonly #options: QuestionDeskOptions
  /** By their ids, in the order in which they were asked; each until its attempt has ended. */
  readonly #entries = new Map<string, Entry>()
  #asked = 0

  constructor(options: QuestionDeskOptions) {
    this.#options = options
  }

  /**
   * Resolves with the answer; rejects with the reason of the signal, or, where the run is left for another process to
   * answer, with {@link SuspendedError}.
   *
   * @param from - its signal is aborted when the attempt that asks has ended.
   */
  readonly ask = async (open: OpenQuestion, from: CallOrigin): Promise<GivenAnswer> => {
    const { runId, answer, clock, onAsked, plannedId } = this.#options
    const { turnId, callId: loggedId, tool, signal } = from
    signal.throwIfAborted()
    if (isOver(open, clock.now())) return TOO_LATE
    const { question, held, expiresAt } = open
    const questionId = `${loggedId}?${(this.#asked += 1)}`
    const callId = plannedId(loggedId)
    const request = { runId, turnId, callId, loggedId, tool, questionId, question, held, expiresAt }
    const onApproval = this.#options.onApproval()
    if (answer === undefined && onApproval === 'suspend') {
      if (held) return NOBODY_HERE
      onAsked?.(request)
      throw new SuspendedError()
    }
    if (answer === undefined && (onApproval === 'deny' || onAsked === undefined)) return NOBODY_HERE
    return this.#wait(request, open, signal)
  }

  /** Answers a question that waits; returns when the answer is durable. */
  answer(questionId: string, given: ToolAnswer, by: string | undefined): Promise<void> {
    const entry = this.#entries.get(questionId)
    if (entry === undefined || entry.given !== undefined) {
      throw notWaiting(`no question ${questionId} waits for an answer`)
    }
    return settle(entry, { answer: checkAnswer(given, entry.open.question), by })
  }

  /**
   * Finds the decisions that answer a question which was asked here, and checks them.
   *
   * @returns how to give the answers, and the decisions that are about something else.
   * @throws `CoreError` `CORE_NOT_WAITING`, `CORE_DECIDED`, `CORE_INVALID_OPTIONS`.
   */
  take(decisions: readonly CallDecision[]): {
    readonly give: readonly (() => Promise<void>)[]
    readonly rest: readonly CallDecision[]
  } {
    const rest: CallDecision[] = []
    const taken = new Map<Entry, { readonly by: GivenDecision; readonly given: GivenAnswer }>()
    for (const decision of decisions) {
      const entry = this.#entryOf(decision, taken)
      if (entry === undefined) {
        rest.push(decision)
        continue
      }
      const by = checkGiven(decision)
      const given = this.#answerIn(by, entry)
      const other = taken.get(entry)
      if (other === undefined) taken.set(entry, { by, given })
      else if (!isSameAnswer(other.given.answer, given.answer)) {
        throw contradictory(by.callId, other.by.decision, by.decision)
      }
    }
    return {
      give: [...taken].map(
        ([entry, { given }]) =>
          async () =>
            settle(entry, given),
      ),
      rest,
    }
  }

  /** Waits for nobody any longer, but for the agent's own code. */
  suspend(): void {
    if (this.#options.answer !== undefined) return
    for (const entry of this.#entries.values()) {
      if (entry.given !== undefined) continue
      if (entry.open.held) settleIfOpen(entry, NOBODY_HERE)
      else entry.reject(new SuspendedError())
    }
  }

  /** Takes no more answers; those that are not durable yet will never be. */
  close(refusal: CoreError): void {
    for (const { timer, recorded } of this.#entries.values()) {
      timer.abort()
      recorded.reject(refusal)
    }
    this.#entries.clear()
  }

  /** The question that a decision is about: one that waits, the first that no other has been taken for, else one that has its answer. */
  #entryOf({ callId, argsHash }: CallDecision, taken: ReadonlyMap<Entry, unknown>): Entry | undefined {
    const meant = [...this.#entries.values()].filter(
      ({ request, open }) =>
        (request.callId === callId || request.loggedId === callId) &&
        (argsHash === undefined || questionHash(open) === argsHash),
    )
    const waiting = meant.filter(({ given }) => given === undefined)
    return waiting.find((entry) => !taken.has(entry)) ?? waiting.at(-1) ?? meant.at(-1)
  }

  #answerIn(by: GivenDecision, { open, request, given }: Entry): GivenAnswer {
    const misfit = findMismatch(by, { ...request, argsHash: questionHash(open) }, this.#options.clock.now())
    if (misfit !== undefined && given === undefined) throw misfit
    const answer = answerIn(by, open)
    if (given === undefined || isSameAnswer(given.answer, answer.answer)) return answer
    throw alreadyAnswered(by.callId, given.by)
  }

  #wait(request: QuestionRequest, open: OpenQuestion, signal: AbortSignal): Promise<GivenAnswer> {
    const { clock, onAsked, answer } = this.#options
    const { questionId } = request
    const { promise, resolve, reject } = Promise.withResolvers<GivenAnswer>()
    const recorded = Promise.withResolvers<void>()
    recorded.promise.catch(() => undefined) // not every answer has someone who waits for it
    const timer = new AbortController()
    const entry: Entry = {
      request,
      open,
      resolve,
      reject: (reason) => {
        timer.abort()
        this.#entries.delete(questionId)
        recorded.reject(notWaiting(`call ${request.callId} has ended without the answer`))
        reject(reason)
      },
      recorded,
      timer,
      given: undefined,
    }
    const onEnded = (): void => entry.reject(signal.reason)
    signal.addEventListener('abort', onEnded, { once: true })
    this.#entries.set(questionId, entry)
    onAsked?.(request)
    if (answer !== undefined) {
      void settleAnswer(open.question, () => answer(request)).then((given) => settleIfOpen(entry, given))
    }
    if (open.expiresAt !== undefined) {
      const leftMs = open.expiresAt - Number(clock.now() / 1_000_000n)
      clock.sleep(leftMs, { signal: timer.signal }).then(
        () => settleIfOpen(entry, TOO_LATE),
        () => undefined, // answered before, or nobody asks any more
      )
    }
    return promise
  }
}

/** Gives the answer, the first time; resolves when that is durable. */
function settle(entry: Entry, given: GivenAnswer): Promise<void> {
  const { timer, recorded, resolve } = entry
  if (entry.given === undefined) {
    entry.given = given
    timer.abort()
    resolve({ ...given, onRecorded: () => recorded.resolve() })
  }
  return recorded.promise
}

/** Gives an answer that nobody waits to hear of. */
function settleIfOpen(entry: Entry, given: GivenAnswer): void {
  settle(entry, given).catch(() => undefined)
}

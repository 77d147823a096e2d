import { ProtocolError, type ElicitResult, type Progress, type RequestOptions } from '@modelcontextprotocol/client'
import { isTransient, ToolError, transient, type ToolProgress, type ToolQuestion } from '@starling/tool'

import type { CallStep, StepAnswers } from './call-step.ts'
import type { Connection } from './connection.ts'
import type { CallInFlight, Link, Question } from './link.ts'
import { isSessionForgotten, toCallFailure, type FailureContext } from './failure.ts'
import { isSameQuestion, limitStep, questionOf, stepOfError, toElicitResult } from './questions.ts'
import type { Mask } from './mask.ts'
import type { RemoteRequest, RequestExtra } from './remote-request.ts'
import { MAX_TIMER_MS } from './resolve-options.ts'

/** What a call runs in. */
export interface RemoteCallOptions {
  readonly connection: Connection
  readonly runId: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Whether the request may be made again when the process that made it is gone. */
  readonly isRepeatable: boolean
  readonly classify: ((error: unknown) => boolean) | undefined
  readonly mask: Mask
  progress(report: ToolProgress): void
}

/** What was answered before the process ended that asked. */
interface KnownAnswer {
  readonly question: ToolQuestion
  readonly result: ElicitResult
}

/** How long a server gets to end a call by itself whose question nobody answers. */
const WIND_DOWN_MS = 2000

type Event = { readonly step: CallStep } | { readonly error: unknown }

/**
 * One call of a server, which may stop to ask a person.
 *
 * Since 2026 a server that asks ends its answer, and the request is made again
 * with what was answered. Before, it asks while the request stays open; another
 * process makes the request again, and gives the answers that are known by then
 * when the server asks the same.
 */
export class RemoteCall implements CallInFlight {
  readonly #request: RemoteRequest
  readonly #options: RemoteCallOptions
  /** Its reasons go to the server: what aborts a run is not for it to read. */
  readonly #cancelled = new AbortController()
  readonly #events: Event[] = []
  /** The question that the server waits with on the open request, by its key. */
  readonly #held = new Map<string, (answer: ElicitResult) => void>()
  #known: readonly KnownAnswer[] = []
  /** Lets the next call of the source have its turn. */
  #leave: (() => void) | undefined
  #wake: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #link: Link | undefined
  #isOpen = false
  #isEnded = false
  #questions = 0
  #lastProgress = -Infinity

  constructor(request: RemoteRequest, options: RemoteCallOptions) {
    this.#request = request
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort)
  }

  get runId(): string {
    return this.#options.runId
  }

  get isGivenUp(): boolean {
    return this.#cancelled.signal.aborted
  }

  /**
   * Makes the request, or goes on with it; resolves with what the server says next.
   *
   * @param given - what was answered since the request was first made, in order.
   */
  async advance(given: readonly StepAnswers[]): Promise<CallStep> {
    const { signal } = this.#options
    signal.throwIfAborted()
    const last = given.at(-1)
    if (last?.step.resume === 'answer' && this.#link !== undefined && !this.#isCutOff()) await this.#answer(last)
    else await this.#start(given)
    const event = await this.#next()
    signal.throwIfAborted()
    if ('step' in event) return event.step
    throw event.error
  }

  /** To be called when nobody waits any more: what is still open is cancelled. */
  end(): void {
    this.#isEnded = true
    this.#leave?.()
    clearTimeout(this.#timer)
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    const wasAsked = this.#held.size > 0
    this.#dismiss()
    if (!this.#isOpen) return
    // A server that hears that nobody answers ends the call by itself, and nothing of it is left open.
    if (wasAsked) this.#timer = setTimeout(() => this.#giveUp(), WIND_DOWN_MS).unref()
    else this.#giveUp()
  }

  /** A question on the open request, which the next {@link advance} answers, unless the answer is known. */
  ask(question: Question): Promise<ElicitResult> {
    if (this.#isEnded) return Promise.resolve({ action: 'cancel' })
    const asked = questionOf(question)
    const known = this.#findKnown(asked)
    if (known !== undefined) {
      this.#timer?.refresh()
      this.#known = this.#known.filter((other) => other !== known)
      return Promise.resolve(known.result)
    }
    const key = String(++this.#questions)
    const step = limitStep({ questions: [{ key, ...asked }], resume: 'answer' }, this.#request.what)
    const { promise, resolve } = Promise.withResolvers<ElicitResult>()
    this.#held.set(key, resolve)
    this.#happened({ step })
    return promise
  }

  expects(question: Question): boolean {
    return !this.#isEnded && this.#known.length > 0 && this.#findKnown(questionOf(question)) !== undefined
  }

  missed(): void {
    const why = 'the server asks again what was answered, and calls of several runs are open'
    this.#happened({ error: transient(`${this.#request.what}: ${why}`) })
  }

  progressed({ progress, total, message }: Progress): void {
    if (this.#isEnded) return
    this.#timer?.refresh()
    if (progress <= this.#lastProgress) return
    this.#lastProgress = progress
    this.#options.progress({ progress, total, message })
  }

  /** Whether the connection was lost while a person was asked, and the request can be made again. */
  #isCutOff(): boolean {
    if (this.#isOpen || !this.#options.isRepeatable) return false
    return this.#events.some((event) => 'error' in event && isTransient(event.error))
  }

  #findKnown(asked: ToolQuestion): KnownAnswer | undefined {
    return this.#known.find(({ question }) => isSameQuestion(question, asked))
  }

  #dismiss(): void {
    for (const answer of this.#held.values()) answer({ action: 'cancel' })
    this.#held.clear()
  }

  #giveUp(): void {
    this.#cancelled.abort('the call was given up')
  }

  readonly #onAbort = (): void => {
    this.#cancelled.abort('the call was cancelled')
    this.#happened({ error: this.#options.signal.reason })
  }

  async #start(given: readonly StepAnswers[]): Promise<void> {
    const { connection, signal, isRepeatable } = this.#options
    if (given.at(-1)?.step.resume === 'answer' && !isRepeatable) {
      throw transient(`${this.#request.what}: the connection on which the server asked is gone`)
    }
    this.#leave ??= await connection.line.enter(signal)
    this.#events.length = 0
    this.#dismiss() // A server that has lost the connection only may still wait on the request before.
    this.#known = await knownAnswers(given)
    const retry = await retryParams(given[0])
    let link: Link
    try {
      link = await connection.use(signal)
    } catch (error) {
      signal.throwIfAborted()
      throw toCallFailure(error, this.#failureContext())
    }
    this.#link = link
    this.#isOpen = true
    this.#send(link, retry).then(
      (step) => this.#happened({ step }),
      (error: unknown) => this.#happened({ error }),
    )
  }

  async #send(link: Link, retry: Retry): Promise<CallStep> {
    const { connection, signal } = this.#options
    try {
      try {
        return await this.#sendOver(link, retry)
      } catch (error) {
        if (!link.hasSession || !isSessionForgotten(error)) throw error
        // The protocol says: begin another session. The request was not looked at, so it can be made again.
        connection.failed(link, error)
        this.#link = await connection.use(signal)
        return await this.#sendOver(this.#link, retry)
      }
    } catch (error) {
      if (error instanceof ProtocolError) connection.succeeded() // A refusal is an answer too.
      const asked = stepOfError(error)
      if (asked !== undefined) return limitStep(asked, this.#request.what)
      const failure = toCallFailure(error, this.#failureContext())
      // A session that was refused when it had just begun is not the matter.
      if (this.#link !== undefined && !isSessionForgotten(error)) connection.failed(this.#link, error)
      throw failure
    } finally {
      this.#isOpen = false
      if (this.#isEnded) clearTimeout(this.#timer)
    }
  }

  async #sendOver(link: Link, retry: Retry): Promise<CallStep> {
    const options: RequestOptions = {
      signal: this.#cancelled.signal,
      timeout: MAX_TIMER_MS, // Ours stands still while a person is asked.
      allowInputRequired: true,
    }
    const step = await link.during(this, (progressToken) => {
      const extra = { ...retry, _meta: { progressToken } }
      return this.#request.send(link.client, extra, options)
    })
    this.#options.connection.succeeded()
    return limitStep(step, this.#request.what)
  }

  async #answer({ step, answers }: StepAnswers): Promise<void> {
    for (const { key, ...question } of step.questions) {
      const hand = this.#held.get(key)
      const answer = answers[key]
      if (hand === undefined || answer === undefined) continue
      const result = await toElicitResult(answer, question)
      this.#held.delete(key)
      hand(result)
    }
  }

  /** What happened first of what was not told yet; silence is a failure. */
  async #next(): Promise<Event> {
    const before = this.#events.shift()
    if (before !== undefined) return before
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#wake = () => resolve(undefined)
    this.#timer = setTimeout(() => this.#timedOut(), this.#options.timeoutMs)
    await promise
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#events.shift() ?? { error: new Error('nothing happened') }
  }

  #happened(event: Event): void {
    this.#events.push(event)
    this.#wake?.()
  }

  #timedOut(): void {
    const { timeoutMs } = this.#options
    const message = `${this.#request.what} was silent for ${timeoutMs} ms`
    this.#happened({ error: new ToolError('TOOL_TIMEOUT', message) })
    this.#cancelled.abort(`no answer within ${timeoutMs} ms`)
    this.#link?.checkAlive()
  }

  #failureContext(): FailureContext {
    const { mask, classify } = this.#options
    return { what: this.#request.what, mask, detail: this.#link?.describeEnd(), classify }
  }
}

type Retry = Omit<RequestExtra, '_meta'>

async function retryParams(given: StepAnswers | undefined): Promise<Retry> {
  if (given?.step.resume !== 'retry') return {}
  const { step, answers } = given
  const responses: [string, ElicitResult][] = []
  for (const { key, ...question } of step.questions) {
    const answer = answers[key]
    if (answer !== undefined) responses.push([key, await toElicitResult(answer, question)])
  }
  return {
    ...(responses.length === 0 ? {} : { inputResponses: Object.fromEntries(responses) }),
    ...(step.request_state === undefined ? {} : { requestState: step.request_state }),
  }
}

async function knownAnswers(given: readonly StepAnswers[]): Promise<readonly KnownAnswer[]> {
  const known: KnownAnswer[] = []
  for (const { step, answers } of given) {
    if (step.resume !== 'answer') continue
    for (const { key, ...question } of step.questions) {
      const answer = answers[key]
      if (answer !== undefined) known.push({ question, result: await toElicitResult(answer, question) })
    }
  }
  return known
}

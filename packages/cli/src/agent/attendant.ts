import type { AgentDefinition, ApprovalDecision, RunHandle, RunUpdate } from '@starling/core'
import { hasCode, toHex } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { hashQuestion } from '@starling/step'
import { readApprovalEvent, type RecordedApproval } from '../approvals/recorded-approval.ts'
import type { CliIo } from '../io.ts'
import { createPaint, wantsColour } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { messageOf } from '../report-failure.ts'
import { askApproval } from './ask-approval.ts'
import { askQuestion, type ToolAnswer } from './ask-question.ts'
import { standsStill } from './stands-still.ts'
import { createPrompts, type Prompts } from './prompts.ts'
import type { Screen } from './screen.ts'

/** What {@link createAttendant} stands on. */
export interface AttendantOptions {
  readonly io: Pick<CliIo, 'ask' | 'env' | 'nowMs' | 'stderr' | 'user'>
  readonly log: EventLog
  readonly definition: Pick<AgentDefinition, 'approve' | 'answer' | 'maxParallelTools' | 'tools' | 'profile'>
  readonly screen: Screen
  /** `--approve`. Default: `ask`. */
  readonly approve: string | undefined
  /** Writes to the person, where there is one to read it. */
  readonly tell: (text: string) => void
  /** Whether decisions that nobody was asked about are told. */
  readonly tellsDenials: boolean
}

/**
 * Decides on what a run asks, or has the person at the terminal decide. What is
 * put off leaves the run, as soon as that can do nothing else.
 */
export interface Attendant {
  /** Takes note of what happened in the run. */
  attend(update: RunUpdate): void
  /** Takes every question back; resolves when the terminal is free. */
  close(): Promise<void>
}

/** Makes the attendant of one live run. */
export function createAttendant(handle: RunHandle, options: AttendantOptions): Attendant {
  return new RunAttendant(handle, options)
}

type ApprovalRequested = Extract<RunUpdate, { type: 'approval-requested' }>
type QuestionAsked = Extract<RunUpdate, { type: 'question-asked' }>
type QuestionAnswered = Extract<RecordedApproval, { type: 'question-answered' }>

class RunAttendant implements Attendant {
  readonly #handle: RunHandle
  readonly #options: AttendantOptions
  readonly #prompts: Prompts | undefined
  /** What was decided here, calls and questions. */
  readonly #decided = new Set<string>()
  /** What the person has put off, calls and questions. */
  readonly #later = new Set<string>()
  /** How many decisions are not durable yet. */
  #recording = 0
  #isToldToWait = false
  /** Whether nobody is asked any more: what comes up waits with what was put off. */
  #isLeaving = false
  /** The calls that a person is asked about. */
  readonly #requests = new Map<string, ApprovalRequested>()
  /** The questions that have no answer yet, in the order in which they were asked. */
  #questions: readonly QuestionAsked[] = []

  constructor(handle: RunHandle, options: AttendantOptions) {
    this.#handle = handle
    this.#options = options
    const { io, screen, tell } = options
    if (io.ask === undefined) return
    this.#prompts = createPrompts({
      ask: io.ask,
      screen,
      tell,
      onFailed: (key, error) => this.#giveUp(key, `nobody could be asked: ${messageOf(error)}`),
      onIdle: () => this.#leaveWhenIdle(),
    })
  }

  attend(update: RunUpdate): void {
    if (update.type === 'approval-requested') this.#decide(update)
    else if (update.type === 'question-asked') this.#answer(update)
    else if (update.type === 'event') {
      const recorded = readApprovalEvent(update.event)
      if (recorded?.type === 'approval-decided') this.#withdraw(recorded)
      else if (recorded?.type === 'question-answered') {
        this.#tellCancelled(recorded)
        this.#withdrawQuestion(recorded)
      }
    } else if (update.type === 'tool-ended') {
      for (const asked of this.#questions.filter(({ loggedId }) => loggedId === update.callId)) {
        this.#forget(asked)
        const why = `${printableLine(update.tool)} has ended: its question needs no answer`
        this.#prompts?.withdraw(questionKey(asked.questionId), why)
      }
      this.#leaveWhenIdle()
    }
  }

  async close(): Promise<void> {
    await this.#prompts?.close()
  }

  #decide(request: ApprovalRequested): void {
    const { approve = 'ask', definition, io } = this.#options
    const { callId } = request
    if (approve === 'later' || this.#isLeaving) return
    if (approve === 'all') return this.#send(request, { decision: 'approve', by: io.user })
    if (approve === 'none') return this.#deny(request, 'nobody was asked (--approve none)', io.user)
    // The agent decides by itself.
    if (definition.approve !== undefined) return
    if (this.#prompts === undefined) {
      const otherwise = 'run on a terminal, or with --approve all or --approve later'
      return this.#deny(request, `nobody is there to approve it; ${otherwise}`)
    }
    this.#requests.set(callId, request)
    this.#prompts.add(callKey(callId), async (ask) => {
      const canWait = definition.profile !== 'reference'
      const schema = definition.tools?.find(({ name }) => name === request.tool)?.inputSchema
      const answer = await askApproval(request, ask, { ...this.#layout(), canWait, schema })
      if (answer.decision === 'later') this.#later.add(callKey(callId))
      else this.#send(request, { ...answer, by: io.user })
    })
  }

  #answer(asked: QuestionAsked): void {
    const { approve = 'ask', definition, io } = this.#options
    // What is left is answered elsewhere; else the agent answers by itself.
    if (approve === 'later' || this.#isLeaving || definition.answer !== undefined) return
    this.#questions = [...this.#questions, asked]
    if (approve === 'none') return this.#settle(asked, { action: 'decline' }, { why: 'by --approve none', by: io.user })
    if (this.#prompts === undefined) {
      const why = 'nobody is there to answer; run on a terminal, or with --approve later'
      return this.#settle(asked, { action: 'cancel' }, { why })
    }
    const key = questionKey(asked.questionId)
    this.#prompts.add(key, async (ask) => {
      const answer = await askQuestion(asked, ask, this.#layout())
      if (answer.action === 'later') this.#later.add(key)
      else this.#sendAnswer(asked, answer, io.user)
    })
  }

  /** A question that hangs on its process cannot be left for later: the run cancels it by itself. */
  #tellCancelled({ callId, action, by }: QuestionAnswered): void {
    const { approve, definition, tell, tellsDenials } = this.#options
    if (approve !== 'later' || definition.answer !== undefined || !tellsDenials) return
    if (action !== 'cancel' || by !== undefined) return
    const why = '--approve later cannot leave it, as only this process can be answered'
    tell(`cancelled the question of call ${printableLine(callId)}: ${why}\n`)
  }

  #layout(): Parameters<typeof askQuestion>[2] {
    const { io, tell } = this.#options
    return { paint: createPaint(wantsColour(io.env, io.stderr.isTTY)), tell, nowMs: io.nowMs() }
  }

  /** Answers a question that nobody was asked about; `by` is who wanted it so. */
  #settle(
    asked: QuestionAsked,
    answer: ToolAnswer,
    { why, by }: { readonly why: string; readonly by?: string | undefined },
  ): void {
    const { tell, tellsDenials } = this.#options
    const how = answer.action === 'decline' ? 'declined' : 'cancelled'
    if (tellsDenials) tell(`${how} the question of ${printableLine(asked.tool)}: ${printableLine(why)}\n`)
    this.#sendAnswer(asked, answer, by)
  }

  /** Denies a call that nobody was asked about; `by` is who wanted it so. */
  #deny(request: ApprovalRequested, reason: string, by?: string): void {
    const { tell, tellsDenials } = this.#options
    if (tellsDenials) tell(`denied ${printableLine(request.tool)}: ${printableLine(reason)}\n`)
    this.#send(request, { decision: 'deny', reason, by })
  }

  /** A decision is about what was shown, and nothing else. */
  #send({ callId, turnId, argsHash }: ApprovalRequested, decision: ApprovalDecision): void {
    this.#record(callKey(callId), async () => this.#handle.decide([{ ...decision, callId, turnId, argsHash }]))
  }

  #sendAnswer({ questionId }: QuestionAsked, answer: ToolAnswer, by: string | undefined): void {
    this.#record(questionKey(questionId), async () => this.#handle.answer(questionId, answer, { by }))
  }

  /** Has a decision recorded. One that comes too late is told to whoever made it, and does no harm. */
  #record(key: string, decide: () => Promise<void>): void {
    this.#decided.add(key)
    this.#recording += 1
    const refused = (error: unknown): void => {
      // What is no decision leaves the call waiting: nobody would be asked again.
      if (hasCode(error, 'CORE_INVALID_OPTIONS')) return this.#giveUp(key, `it cannot be recorded: ${messageOf(error)}`)
      // Else the run has ended, or the process is being terminated.
      if (!hasCode(error, 'CORE_DECIDED') && !hasCode(error, 'CORE_NOT_WAITING')) return
      this.#options.tell(`${printableLine(messageOf(error))}\n`)
    }
    void Promise.resolve()
      .then(decide)
      .catch(refused)
      .then(() => {
        this.#recording -= 1
        this.#leaveWhenIdle()
      })
  }

  #giveUp(key: string, reason: string): void {
    // The question still stands on the line.
    this.#options.tell('\n')
    const request = this.#requests.get(key.slice(callKey('').length))
    if (key.startsWith(callKey('')) && request !== undefined) return this.#deny(request, reason)
    const asked = this.#questions.find(({ questionId }) => questionKey(questionId) === key)
    if (asked !== undefined) this.#settle(asked, { action: 'cancel' }, { why: reason })
  }

  #withdraw({ callId, decision, by }: { callId: string; decision: string; by?: string | undefined }): void {
    const key = callKey(callId)
    this.#later.delete(key)
    if (this.#decided.has(key)) return
    const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[decision] ?? decision
    this.#prompts?.withdraw(key, `${how} by ${printableLine(by ?? 'somebody else')}`)
  }

  #withdrawQuestion({ callId, questionHash, action, by }: QuestionAnswered): void {
    const asked = this.#questions.find((open) => open.loggedId === callId && hashOf(open) === questionHash)
    if (asked === undefined) return
    this.#forget(asked)
    const key = questionKey(asked.questionId)
    if (this.#decided.has(key)) return
    const how = { accept: 'answered', decline: 'declined', cancel: 'cancelled' }[action]
    this.#prompts?.withdraw(key, `${how} by ${printableLine(by ?? 'somebody else')}`)
  }

  #forget(asked: QuestionAsked): void {
    this.#later.delete(questionKey(asked.questionId))
    this.#questions = this.#questions.filter((open) => open !== asked)
  }

  #leaveWhenIdle(): void {
    if (this.#later.size === 0 || this.#recording > 0 || this.#prompts?.isIdle !== true) return
    const { log, definition, tell } = this.#options
    const decide = (isStill: boolean): void => {
      this.#isLeaving ||= isStill
      if (isStill) return this.#handle.suspend()
      if (!this.#isToldToWait) tell('other calls are still made; the run is left when they have ended\n')
      this.#isToldToWait = true
    }
    // A log that cannot be read ends the run by itself.
    void standsStill(log, this.#handle.runId, definition).then(decide, () => undefined)
  }
}

function callKey(callId: string): string {
  return `call:${callId}`
}

function questionKey(questionId: string): string {
  return `question:${questionId}`
}

function hashOf({ question }: QuestionAsked): string {
  return toHex(hashQuestion(question))
}

import {
  readApprovals,
  type AgentDefinition,
  type ApprovalDecision,
  type RunHandle,
  type RunUpdate,
} from '@starling/core'
import { hasCode } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { readApprovalEvent } from '../approvals/recorded-approval.ts'
import { readRunState } from '../approvals/read-run-state.ts'
import type { CliIo } from '../io.ts'
import { createPaint, wantsColour } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { messageOf } from '../report-failure.ts'
import { askApproval } from './ask-approval.ts'
import { askQuestion } from './ask-question.ts'
import { createPrompts, type Prompts } from './prompts.ts'
import type { Screen } from './screen.ts'

/** What {@link createAttendant} stands on. */
export interface AttendantOptions {
  readonly io: Pick<CliIo, 'ask' | 'env' | 'nowMs' | 'stderr' | 'user'>
  readonly log: EventLog
  readonly definition: Pick<AgentDefinition, 'approve' | 'answer'>
  readonly screen: Screen
  /** `--approve`. Default: `ask`. */
  readonly approve: string | undefined
  /** Writes to the person, where there is one to read it. */
  readonly tell: (text: string) => void
  /** Whether decisions that nobody was asked about are told. */
  readonly tellsDenials: boolean
}

/** Decides on what a run asks, or has the person at the terminal decide. */
export interface Attendant {
  /** Takes note of what happened in the run. */
  attend(update: RunUpdate): void
  /** Resolves when the person has put off what the run waits for, and it can do nothing else. */
  readonly left: Promise<'left'>
  /** Takes every question back; resolves when the terminal is free. */
  close(): Promise<void>
}

/** Makes the attendant of one live run. */
export function createAttendant(handle: RunHandle, options: AttendantOptions): Attendant {
  return new RunAttendant(handle, options)
}

type ApprovalRequested = Extract<RunUpdate, { type: 'approval-requested' }>
type QuestionAsked = Extract<RunUpdate, { type: 'question-asked' }>

class RunAttendant implements Attendant {
  readonly #handle: RunHandle
  readonly #options: AttendantOptions
  readonly #prompts: Prompts | undefined
  readonly #left = Promise.withResolvers<'left'>()
  /** The calls that were decided here. */
  readonly #decided = new Set<string>()
  readonly #later = new Set<string>()
  /** How many decisions are not durable yet: while other calls run, they are kept in mind only. */
  #recording = 0
  /** The calls that a person is asked about. */
  readonly #requests = new Map<string, ApprovalRequested>()
  /** The questions on the way of each call. */
  readonly #questions = new Map<string, string[]>()

  constructor(handle: RunHandle, options: AttendantOptions) {
    this.#handle = handle
    this.#options = options
    const { io, screen, tell } = options
    if (io.ask === undefined) return
    this.#prompts = createPrompts({
      ask: io.ask,
      screen,
      tell,
      onFailed: (key, error) => this.#giveUp(key, error),
      onIdle: () => this.#leaveWhenIdle(),
    })
  }

  get left(): Promise<'left'> {
    return this.#left.promise
  }

  attend(update: RunUpdate): void {
    if (update.type === 'approval-requested') this.#decide(update)
    else if (update.type === 'question-asked') this.#answer(update)
    else if (update.type === 'event') {
      const recorded = readApprovalEvent(update.event)
      if (recorded?.type === 'approval-decided') this.#withdraw(recorded)
    } else if (update.type === 'tool-ended') {
      for (const id of this.#questions.get(update.callId) ?? []) {
        this.#prompts?.withdraw(id, `${printableLine(update.tool)} has ended: its question needs no answer`)
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
    if (approve === 'later') return
    if (approve === 'all') return this.#send(request, { decision: 'approve', by: io.user })
    if (approve === 'none') return this.#deny(request, 'denied by --approve none', io.user)
    // The agent decides by itself.
    if (definition.approve !== undefined) return
    if (this.#prompts === undefined) {
      const otherwise = 'run on a terminal, or with --approve all or --approve later'
      return this.#deny(request, `nobody is there to approve it; ${otherwise}`)
    }
    this.#requests.set(callId, request)
    this.#prompts.add(callKey(callId), async (ask) => {
      const answer = await askApproval(request, ask, { ...this.#layout(), nowMs: io.nowMs() })
      if (answer.decision === 'later') this.#later.add(callId)
      else this.#send(request, { ...answer, by: io.user })
    })
  }

  #answer({ questionId, callId, ...request }: QuestionAsked): void {
    const { definition } = this.#options
    if (definition.answer !== undefined) return
    if (this.#prompts === undefined) return this.#handle.answer(questionId, { action: 'cancel' })
    const key = questionKey(questionId)
    this.#questions.set(callId, [...(this.#questions.get(callId) ?? []), key])
    this.#prompts.add(key, async (ask) => {
      const answer = await askQuestion({ ...request, callId, questionId }, ask, this.#layout())
      this.#answerIfOpen(questionId, answer)
    })
  }

  #layout(): Pick<Parameters<typeof askQuestion>[2], 'paint' | 'tell'> {
    const { io, tell } = this.#options
    return { paint: createPaint(wantsColour(io.env, io.stderr.isTTY)), tell }
  }

  /** Denies a call that nobody was asked about; `by` is who wanted it so. */
  #deny(request: ApprovalRequested, reason: string, by?: string): void {
    const { tell, tellsDenials } = this.#options
    if (tellsDenials) tell(`denied ${printableLine(request.tool)}: ${printableLine(reason)}\n`)
    this.#send(request, { decision: 'deny', reason, by })
  }

  /** A decision that comes too late is told to whoever made it, and does no harm. It is about what was shown, and nothing else. */
  #send({ callId, turnId, argsHash }: ApprovalRequested, decision: ApprovalDecision): void {
    this.#decided.add(callId)
    this.#recording += 1
    const refused = (error: unknown): void => {
      // Else the run has ended, or the process is being terminated.
      if (!hasCode(error, 'CORE_DECIDED') && !hasCode(error, 'CORE_NOT_WAITING')) return
      this.#options.tell(`${printableLine(messageOf(error))}\n`)
    }
    void Promise.resolve()
      .then(async () => this.#handle.decide([{ ...decision, callId, turnId, argsHash }]))
      .catch(refused)
      .then(() => {
        this.#recording -= 1
        this.#leaveWhenIdle()
      })
  }

  #answerIfOpen(questionId: string, answer: Parameters<RunHandle['answer']>[1]): void {
    try {
      this.#handle.answer(questionId, answer)
    } catch (error) {
      if (!hasCode(error, 'CORE_NOT_WAITING')) throw error
    }
  }

  #giveUp(key: string, error: unknown): void {
    const reason = `nobody could be asked: ${messageOf(error)}`
    // The question still stands on the line.
    this.#options.tell('\n')
    const request = this.#requests.get(key.slice(callKey('').length))
    if (key.startsWith(callKey('')) && request !== undefined) this.#deny(request, reason)
    else this.#answerIfOpen(key.slice(questionKey('').length), { action: 'cancel' })
  }

  #withdraw({ callId, decision, by }: { callId: string; decision: string; by?: string | undefined }): void {
    this.#later.delete(callId)
    if (this.#decided.has(callId)) return
    const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[decision] ?? decision
    this.#prompts?.withdraw(callKey(callId), `${how} by ${printableLine(by ?? 'somebody else')}`)
  }

  #leaveWhenIdle(): void {
    if (this.#later.size === 0 || this.#recording > 0 || this.#prompts?.isIdle !== true) return
    void this.#mayLeave().then(
      (may) => may && this.#left.resolve('left'),
      () => undefined, // A log that cannot be read ends the run by itself.
    )
  }

  /** Every call without an outcome has asked: none is being made, and none will be before the last is decided. */
  async #mayLeave(): Promise<boolean> {
    const { log } = this.#options
    const { runId } = this.#handle
    const waiting = await readApprovals(log, runId)
    const { pending } = await readRunState(log, runId)
    const isStill = pending.every(({ request, status }) => request !== undefined && status !== 'scheduled')
    return isStill && waiting.some(({ callId }) => this.#later.has(callId))
  }
}

function callKey(callId: string): string {
  return `call:${callId}`
}

function questionKey(questionId: string): string {
  return `question:${questionId}`
}

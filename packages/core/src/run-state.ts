import { cborToJson, equalBytes, KIND } from '@starling/event'
import type {
  Event,
  AssistantMessageCompleted,
  RunCancelled,
  RunCompleted,
  RunFailed,
  RunStarted,
  SideEffectRecorded,
  ToolCallCompleted,
  ToolCallFailed,
  ToolCallScheduled,
  TurnFailed,
  UserMessageAppended,
} from '@starling/event'
import { STOP_REASONS } from '@starling/provider'
import type { Message, ReasoningBlock, StopReason, UserMessage } from '@starling/provider'
import { ENGINE, placeOfNested, rateFromRecord, toAttachments, toRecorded } from '@starling/step'
import type { EndedCall, ModelRate, Recorded, Spending } from '@starling/step'
import { APPROVAL, APPROVAL_REQUEST, decodeApproval, decodeRequest, isDecidedOutside } from './approval.ts'
import { isAnswerFromOutside } from './call-questions.ts'
import { isFromAnother, toAssistantParts } from './message-parts.ts'
import { OUTPUT_ORIGIN } from './output.ts'
import { Plan } from './plan.ts'
import { decideCall, planCall } from './planned-call.ts'
import type { PlannedCall } from './planned-call.ts'

type Used = Pick<TurnFailed, 'inputTokens' | 'outputTokens' | 'costUsd' | 'cacheReadTokens' | 'cacheCreateTokens'>

interface KnownText {
  readonly result: Uint8Array
  readonly text: string
}

type NestedOutcome = { readonly result: Uint8Array } | { readonly error: string; readonly errorType: string }

/** A call inside another; under an id of its tool's choice it may be any of those that run. */
interface OpenNested {
  readonly calls: readonly PlannedCall[]
  /** Where it was made, when its id tells. */
  readonly place: string | undefined
  readonly tool: string
  readonly args: Uint8Array
}

/** Who gives an answer. */
export interface Author {
  readonly providerId: string
  readonly model: string
}

/** How the run ended. */
export type Terminal =
  | { readonly kind: typeof KIND.RunCompleted; readonly payload: RunCompleted }
  | { readonly kind: typeof KIND.RunFailed; readonly payload: RunFailed }
  | { readonly kind: typeof KIND.RunCancelled; readonly payload: RunCancelled }

/** Prompt-cache use of a run. */
export interface CacheStats {
  /** Turns that read from the cache. */
  hits: number
  /** Turns with input of which nothing came from the cache. */
  misses: number
  readTokens: number
  createTokens: number
}

/**
 * The state of a run: a fold over its events. Running, resuming and replaying
 * look at nothing else to find out what to do next.
 */
export class RunState {
  /** The conversation as the model sees it. */
  readonly messages: Message[] = []
  started: RunStarted | undefined
  terminal: Terminal | undefined
  /** The turn that has no answer yet. */
  openTurn: string | undefined
  /** The last turn that was started. */
  turnId = ''
  turnCount = 0
  /** Schedules, retries and re-issues included. */
  toolCallCount = 0
  inputTokens = 0
  outputTokens = 0
  costUsd = 0
  finalText = ''
  /** Why the model ended its last answer; recordings of the reference do not say. */
  finishReason: StopReason | undefined
  /** The same in the vendor's own word; empty when it gave none. */
  rawFinishReason = ''
  /** Whether the model has called a tool since a person has said something. */
  hasCalled = false
  /** How often the model was asked to correct its answer. */
  outputRepairs = 0
  /** Turns in a row whose calls all failed. */
  failedToolTurns = 0
  /** The cap that was crossed last, by its name in the log. */
  budgetLimit: string | undefined
  /** The rate of the last answer of the run's own model. */
  lastRate: ModelRate | undefined
  lastSeq = 0
  /** `ts` of the first event. */
  startedAtNs = 0n
  /** `ts` of the last event. */
  lastNs = 0n
  readonly cache: CacheStats = { hits: 0, misses: 0, readTokens: 0, createTokens: 0 }
  /** Whether the whole conversation is of use, or its last message only. */
  keepsMessages = true
  /** Whether the calls under way may be cut off and go on from what they have recorded: not those of this very process. */
  keepsEffects = true

  readonly #onMessage: (message: Message) => void
  #plan = new Plan([])
  readonly #own: Author | undefined
  readonly #openSchedules = new Map<string, number>()
  /** Calls that tools have made themselves and that have no outcome. */
  readonly #openNested = new Map<string, OpenNested>()
  readonly #resultTexts = new Map<string, KnownText>()
  #reasoning: ReasoningBlock[] = []
  #queued: UserMessage[] = []
  #promptTokens = 0
  #reissues = 0
  #activeNs = 0n
  #segmentNs = 0n
  /** `ts` of the last event that a process working on the run has recorded. */
  #workedNs = 0n

  /** @param own - whom the agent that goes on asks; answers of others are marked as theirs. Default: the run's own. */
  constructor(onMessage: (message: Message) => void = () => undefined, own?: Author) {
    this.#onMessage = onMessage
    this.#own = own
  }

  /** The calls of the last answer, in plan order. */
  get planned(): readonly PlannedCall[] {
    return this.#plan.calls
  }

  /** The calls of the last answer that have no outcome yet. */
  get pending(): readonly PlannedCall[] {
    return this.isPending ? this.planned.filter((call) => call.status !== 'done') : []
  }

  /** Whether a call of the last answer has no outcome yet. */
  get isPending(): boolean {
    return this.#plan.isOpen
  }

  /** The call of the last answer that the model named so, as long as it has no outcome. */
  findPending(callId: string): PlannedCall | undefined {
    return this.#plan.findNamed(callId)
  }

  /** Whether a call of the last answer goes by this id. */
  isPlanned(id: string): boolean {
    return this.#plan.has(id)
  }

  /** How many schedules have no outcome: what a resume finds open, also when the one before it made none of them again. */
  get openSchedules(): number {
    const open = new Set(this.#openSchedules.keys())
    if (this.started?.engine === undefined || this.started.engine === ENGINE.reference) return open.size
    for (const call of this.planned) if (call.status === 'cut-off') open.add(call.loggedId)
    return open.size
  }

  /** Whether the model has had the last word and planned nothing. */
  get answered(): boolean {
    const last = this.messages.at(-1)
    return last?.role === 'assistant' && last.toolUses.length === 0
  }

  get spent(): Spending {
    const { outputTokens, costUsd, toolCallCount } = this
    return { inputTokens: this.#promptTokens, outputTokens, costUsd, toolCalls: toolCallCount - this.#reissues }
  }

  /**
   * How long the run has been running until `nowNs`, without the time between a crash, or a standstill, and its resume:
   * what is decided from outside meanwhile is no work of the run.
   */
  activeMs(nowNs: bigint): number {
    return Number((this.#activeNs + (nowNs - this.#segmentNs)) / 1_000_000n)
  }

  /** Shows the model this text for a result, when it is the one that the next outcome of the call holds. */
  useResultText(loggedId: string, known: KnownText): void {
    this.#resultTexts.set(loggedId, known)
  }

  /** Takes the next events in as a log holds them; kinds that this version does not know change nothing. */
  follow(events: readonly Event[]): void {
    for (const event of events) {
      const recorded = toRecorded(event)
      if (recorded !== undefined) this.apply(recorded)
    }
  }

  /** Takes the next event in. */
  apply(recorded: Recorded): void {
    this.lastSeq = recorded.event.seq
    const ts = recorded.event.ts
    switch (recorded.kind) {
      case KIND.RunStarted:
        this.started = recorded.payload
        this.startedAtNs = this.#segmentNs = ts
        this.#sayOf(userMessage(recorded.payload.goal, recorded.payload.attachments))
        break
      case KIND.UserMessageAppended:
        this.#append(recorded.payload)
        break
      case KIND.TurnStarted:
        this.#startTurn(recorded.payload.turnId)
        break
      case KIND.ReasoningEmitted: {
        const { content, signature, redacted } = recorded.payload
        // An empty signature is recorded like none, and must be hashed like none.
        this.#reasoning.push({ text: content, signature: signature?.length === 0 ? undefined : signature, redacted })
        break
      }
      case KIND.TurnFailed:
        this.#reasoning = []
        this.#spend(recorded.payload)
        break
      case KIND.AssistantMessageCompleted:
        this.#answer(recorded.payload)
        break
      case KIND.ToolCallScheduled:
        this.#schedule(recorded.payload)
        break
      case KIND.ToolCallCompleted:
        this.#complete(recorded.payload)
        break
      case KIND.ToolCallFailed:
        this.#fail(recorded.payload)
        break
      case KIND.SideEffectRecorded:
        this.#noteEffect(recorded.payload)
        break
      case KIND.BudgetExceeded:
        this.openTurn = undefined
        this.budgetLimit = recorded.payload.limit
        break
      case KIND.RunResumed:
        this.#resume(ts)
        break
      case KIND.RunCompleted:
      case KIND.RunFailed:
      case KIND.RunCancelled:
        this.terminal = recorded
        break
      case KIND.ContextTruncated:
        break
    }
    this.lastNs = ts
    if (!isFromOutside(recorded)) this.#workedNs = ts
  }

  #say(message: Message): void {
    if (!this.keepsMessages) this.messages.length = 0
    this.messages.push(message)
    this.#onMessage(message)
  }

  /** Says what a person has said. */
  #sayOf(message: UserMessage): void {
    this.hasCalled = false
    this.#say(message)
  }

  #append({ content, attachments, origin }: UserMessageAppended): void {
    const message = userMessage(content, attachments)
    if (origin !== OUTPUT_ORIGIN) return this.#hear(message)
    this.outputRepairs += 1
    this.#say(message)
  }

  /** What a person says while calls are open comes after their results. */
  #hear(message: UserMessage): void {
    if (this.isPending) this.#queued.push(message)
    else this.#sayOf(message)
  }

  #startTurn(turnId: string): void {
    // Old recordings do not mark the last failure of a call: that no retry came before the next turn does.
    for (const call of this.pending) if (call.failure !== undefined) this.#settleFailed(call, call.failure)
    this.turnCount += 1
    this.turnId = this.openTurn = turnId
    this.#reasoning = []
    this.#openSchedules.clear()
    this.#openNested.clear()
  }

  #answer(answer: AssistantMessageCompleted): void {
    this.openTurn = undefined
    this.finalText = answer.text
    this.finishReason = STOP_REASONS.find((reason) => reason === answer.finishReason)
    this.rawFinishReason = answer.stopReason
    if ((answer.toolUses?.length ?? 0) > 0) this.hasCalled = true
    this.#spend(answer)
    if (!isFromAnother(answer)) {
      this.lastRate = answer.rate === undefined ? undefined : rateFromRecord(answer.rate)
    }
    if ((answer.cacheReadTokens ?? 0) > 0) this.cache.hits += 1
    else if (answer.inputTokens > 0) this.cache.misses += 1
    this.#plan = new Plan((answer.toolUses ?? []).map((use) => planCall(use, answer.turnId)))
    const reasoning = this.#reasoning.length === 0 ? undefined : this.#reasoning
    this.#reasoning = []
    const toolUses = this.planned.map((call) => ({ callId: call.callId, name: call.tool, arguments: call.input }))
    const message = { role: 'assistant', content: answer.text, toolUses, reasoning } as const
    const parts = toAssistantParts(answer.parts, message)
    const author = this.#authorOf(answer)
    this.#say(parts === undefined && author === undefined ? message : { ...message, parts, ...author })
  }

  /** Counts what a model call has used, whether it had an answer or failed. */
  #spend({ inputTokens = 0, outputTokens = 0, costUsd = 0, cacheReadTokens = 0, cacheCreateTokens = 0 }: Used): void {
    this.inputTokens += inputTokens
    this.outputTokens += outputTokens
    this.costUsd += costUsd
    this.#promptTokens += inputTokens + cacheReadTokens + cacheCreateTokens
    this.cache.readTokens += cacheReadTokens
    this.cache.createTokens += cacheCreateTokens
  }

  /** Who gave an answer, when it is not who is asked now: not even of the run's own, after a resume by another. */
  #authorOf(answer: AssistantMessageCompleted): Author | undefined {
    const { providerId: runProviderId = '', modelId: runModelId = '' } = this.started ?? {}
    const author = { providerId: answer.providerId || runProviderId, model: answer.modelId || runModelId }
    const own = this.#own ?? { providerId: runProviderId, model: runModelId }
    return author.providerId === own.providerId && author.model === own.model ? undefined : author
  }

  #schedule(scheduled: ToolCallScheduled): void {
    this.toolCallCount += 1
    this.#openSchedules.set(scheduled.callId, scheduled.attempt)
    const call = this.#planOf(scheduled)
    if (call === undefined) return this.#scheduleNested(scheduled)
    if (call.status === 'cut-off') {
      this.#reissues += 1
      call.record.reissue()
    } else {
      call.nested.clear()
      call.record.clear()
    }
    this.#plan.schedule(call, scheduled.callId)
    call.attempt = scheduled.attempt
    call.idempotencyKey = scheduled.idempKey ?? call.idempotencyKey
  }

  /** Notes a call that a tool makes itself; its own id tells where, unless the tool has chosen one. */
  #scheduleNested({ callId, tool, args }: ToolCallScheduled): void {
    const running = this.planned.filter((call) => call.status === 'scheduled')
    const maker = running.find((call) => callId.startsWith(nestedPrefix(call)))
    const place = maker === undefined ? undefined : callId.slice(nestedPrefix(maker).length)
    this.#openNested.set(callId, { calls: maker === undefined ? running : [maker], place, tool, args })
  }

  #keepNested(callId: string, outcome: NestedOutcome): void {
    const open = this.#openNested.get(callId)
    if (open === undefined) return
    const { calls, place, tool, args } = open
    this.#openNested.delete(callId)
    for (const { nested } of calls) nested.set(place ?? nextPlace(nested, callId), { tool, args, ...outcome })
  }

  #planOf(scheduled: ToolCallScheduled): PlannedCall | undefined {
    const planned = scheduled.reissueOf ?? scheduled.callId
    return (
      this.#plan.findNamed(planned) ??
      this.#plan.findLogged(scheduled.callId) ??
      // The reference re-issues under a fresh id and does not say for which call: first come, first served.
      this.planned.find((call) => call.status === 'cut-off' && call.tool === scheduled.tool)
    )
  }

  #complete({ callId, result, attachments }: ToolCallCompleted): void {
    this.#openSchedules.delete(callId)
    if (this.#openNested.size > 0) this.#keepNested(callId, { result })
    const known = this.#resultTexts.get(callId)
    if (known !== undefined) this.#resultTexts.delete(callId)
    const isKnown = known !== undefined && (known.result === result || equalBytes(known.result, result))
    const content = isKnown ? known.text : cborToJson(result)
    this.#settle(callId, { content, isError: false, attachments: toAttachments(attachments) })
  }

  #fail(failed: ToolCallFailed): void {
    this.#openSchedules.delete(failed.callId)
    if (this.#openNested.size > 0 && failed.final === true)
      this.#keepNested(failed.callId, { error: failed.error, errorType: failed.errorType })
    const call = this.#plan.findLogged(failed.callId)
    if (call?.status !== 'scheduled') return
    call.failure = failed
    if (failed.final === true) this.#settleFailed(call, failed)
  }

  #settleFailed(call: PlannedCall, failed: ToolCallFailed): void {
    this.#settle(call.loggedId, { content: failed.error, isError: true, errorType: failed.errorType })
  }

  #settle(loggedId: string, outcome: NonNullable<PlannedCall['outcome']>): void {
    const call = this.#plan.findLogged(loggedId)
    if (call === undefined) return
    this.#plan.end(call, outcome)
    call.record.clear()
    if (this.isPending) return
    this.failedToolTurns = this.planned.every((planned) => planned.outcome?.isError === true)
      ? this.failedToolTurns + 1
      : 0
    for (const { callId, outcome: settled } of this.planned) {
      if (settled === undefined) continue
      const { content, isError, attachments } = settled
      const message = { role: 'tool', callId, content, isError } as const
      this.#say(attachments === undefined ? message : { ...message, attachments })
    }
    for (const message of this.#queued) this.#sayOf(message)
    this.#queued = []
  }

  #noteEffect(effect: SideEffectRecorded): void {
    const { name, callId, value } = effect
    if (callId === undefined) return
    const isAboutPlan = name === APPROVAL || name === APPROVAL_REQUEST || isAnswerFromOutside(effect)
    const call = isAboutPlan ? this.#plan.findNamed(callId) : this.#plan.findLogged(callId)
    if (call === undefined || (!isAboutPlan && call.status !== 'scheduled')) return
    if (name === APPROVAL_REQUEST) call.request = decodeRequest(value)
    else if (name === APPROVAL) decideCall(call, decodeApproval(value))
    else call.record.note(effect, this.keepsEffects)
  }

  #resume(ts: bigint): void {
    this.openTurn = undefined
    this.#reasoning = []
    this.#openSchedules.clear()
    for (const { calls } of this.#openNested.values()) for (const { record } of calls) record.disturb()
    this.#openNested.clear()
    this.#activeNs += this.#workedNs - this.#segmentNs
    this.#segmentNs = ts
    for (const call of this.planned) {
      if (call.status === 'scheduled') {
        call.status = 'cut-off'
        call.reissueApproval = call.request = undefined
      }
    }
  }
}

function nestedPrefix({ loggedId, attempt }: PlannedCall): string {
  return `${loggedId}/${attempt}.`
}

function nextPlace(nested: ReadonlyMap<string, EndedCall>, callId: string): string {
  for (let count = 0; ; count += 1) {
    const place = placeOfNested(callId, count)
    if (!nested.has(place)) return place
  }
}

function userMessage(content: string, recorded: UserMessageAppended['attachments']): UserMessage {
  const attachments = toAttachments(recorded)
  return attachments === undefined ? { role: 'user', content } : { role: 'user', content, attachments }
}

/** Whether an event was recorded by a process that has only decided, and not worked on the run. */
function isFromOutside(recorded: Recorded): boolean {
  if (recorded.kind !== KIND.SideEffectRecorded) return false
  const { name, value } = recorded.payload
  return (name === APPROVAL && isDecidedOutside(value)) || isAnswerFromOutside(recorded.payload)
}

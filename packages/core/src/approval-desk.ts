import type { Clock } from '@starling/step'
import { checkDecision, describeDecision, isSameDecision, settleDecision } from './approval.ts'
import { CoreError } from './core-error.ts'
import type { AgentDefinition, ApprovalDecision, ApprovalRequest } from './definition.ts'

/** A decision on its way into the log. */
export interface TakenDecision {
  readonly callId: string
  readonly decision: ApprovalDecision
  /** To be called once the decision is durable. */
  readonly recorded: () => void
}

/** Whom an {@link ApprovalDesk} asks, and what it does when there is nobody. */
export interface ApprovalDeskOptions {
  readonly approve: AgentDefinition['approve']
  /** `wait`: someone may decide later; `deny`: nobody will; `suspend`: nobody here will. */
  readonly onApproval: 'wait' | 'deny' | 'suspend'
  readonly clock: Clock
  /** Told of a request that nobody has decided on. */
  readonly onRequested: (request: ApprovalRequest) => void
  /** Takes a decision on a call that waits. */
  readonly onDecided: (taken: TakenDecision) => void
}

interface Entry {
  /** `undefined` as long as the call has not asked. */
  readonly request: ApprovalRequest | undefined
  /** Settled when the decision is durable. */
  readonly recorded: PromiseWithResolvers<void>
  /** Ends the wait for the time of the request to run out. */
  readonly timer: AbortController
  decision: ApprovalDecision | undefined
}

/** Where decisions on the calls of one live run come in: in any order, before or after they are asked for, once. */
export class ApprovalDesk {
  readonly #options: ApprovalDeskOptions
  readonly #entries = new Map<string, Entry>()
  #refusal: CoreError | undefined

  constructor(options: ApprovalDeskOptions) {
    this.#options = options
  }

  /** Asks for a decision, once. One that has come already is taken. */
  announce(request: ApprovalRequest): void {
    const { callId } = request
    const known = this.#entries.get(callId)
    if (known?.request?.turnId === request.turnId && known.request.reason === request.reason) return
    const early = known?.request === undefined ? known : undefined
    const entry = { ...createEntry(request), ...(early === undefined ? {} : { recorded: early.recorded }) }
    this.#entries.set(callId, entry)
    if (early?.decision === undefined) this.#ask(entry, request)
    else this.#take(callId, entry, early.decision)
  }

  /** Whether an answer may still come from here. */
  get isAsking(): boolean {
    return this.#options.onApproval === 'wait' || this.#options.approve !== undefined
  }

  /**
   * Takes decisions, all of them or none.
   *
   * @returns when they are durable; rejects with {@link CoreError} `CORE_RUN_ENDED` when the run ends before.
   * @throws {@link CoreError} `CORE_DECIDED`, `CORE_RUN_ENDED`, `CORE_INVALID_OPTIONS`.
   */
  resolve(decisions: readonly { readonly callId: string; readonly decision: ApprovalDecision }[]): Promise<void> {
    const checked = decisions.map(({ callId, decision }) => ({ callId, decision: checkDecision(decision) }))
    for (const { callId, decision } of checked) this.#assertOpen(callId, decision)
    const taken = checked.map(({ callId, decision }) => this.#resolve(callId, decision))
    const all = Promise.all(taken).then(() => undefined)
    all.catch(() => undefined) // whoever does not wait for it must not end the process
    return all
  }

  /** Takes no more decisions; those that are not durable yet will never be. */
  close(refusal: CoreError): void {
    this.#refusal ??= refusal
    for (const { timer, recorded } of this.#entries.values()) {
      timer.abort()
      recorded.reject(refusal)
    }
  }

  #assertOpen(callId: string, decision: ApprovalDecision): void {
    const decided = this.#entries.get(callId)?.decision
    if (decided !== undefined && !isSameDecision(decided, decision)) {
      throw new CoreError('CORE_DECIDED', `call ${callId} has been ${describeDecision(decided)} already`)
    }
    if (decided === undefined && this.#refusal !== undefined) throw this.#refusal
  }

  #resolve(callId: string, decision: ApprovalDecision): Promise<void> {
    const entry = this.#entries.get(callId) ?? createEntry(undefined)
    this.#entries.set(callId, entry)
    if (entry.decision !== undefined) return entry.recorded.promise
    if (entry.request === undefined) entry.decision = decision
    else this.#take(callId, entry, decision)
    return entry.recorded.promise
  }

  #take(callId: string, entry: Entry, decision: ApprovalDecision): void {
    entry.decision = decision
    entry.timer.abort()
    this.#options.onDecided({ callId, decision, recorded: entry.recorded.resolve })
  }

  #ask(entry: Entry, request: ApprovalRequest): void {
    const { approve, onApproval, onRequested } = this.#options
    onRequested(request)
    this.#watchTime(entry, request)
    if (approve !== undefined) {
      void settleDecision(() => approve(request)).then((decision) => this.#decideIfOpen(entry, request, decision))
    } else if (onApproval === 'deny') {
      this.#decideIfOpen(entry, request, { decision: 'deny', reason: 'nobody was there to approve it' })
    }
  }

  #decideIfOpen(entry: Entry, { callId }: ApprovalRequest, decision: ApprovalDecision): void {
    if (entry.decision === undefined && this.#refusal === undefined) this.#take(callId, entry, decision)
  }

  #watchTime(entry: Entry, request: ApprovalRequest): void {
    const { expiresAt } = request
    if (expiresAt === undefined) return
    const { clock } = this.#options
    const left = Math.max(0, expiresAt - Number(clock.now() / 1_000_000n))
    const expire = (): void => this.#decideIfOpen(entry, request, TOO_LATE)
    if (left === 0) return expire()
    clock.sleep(left, { signal: entry.timer.signal }).then(expire, () => undefined) // decided before, or the run has ended
  }
}

const TOO_LATE: ApprovalDecision = { decision: 'deny', reason: 'nobody decided in time', by: 'timeout' }

function createEntry(request: ApprovalRequest | undefined): Entry {
  const recorded = Promise.withResolvers<void>()
  recorded.promise.catch(() => undefined) // not every decision has someone who waits for it
  return { request, recorded, timer: new AbortController(), decision: undefined }
}

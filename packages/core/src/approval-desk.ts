import type { Clock } from '@starling/step'
import {
  alreadyDecided,
  checkDecisions,
  findMismatch,
  isOver,
  isSameDecision,
  notWaiting,
  settleDecision,
} from './approval.ts'
import type { GivenDecision } from './approval.ts'
import type { CoreError } from './core-error.ts'
import type { AgentDefinition, ApprovalDecision, ApprovalRequest, CallDecision } from './definition.ts'
import type { RunState } from './run-state.ts'

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
  /** `wait`: someone may decide later; `deny`: nobody will; `suspend`: nobody here will. It may change. */
  readonly onApproval: () => 'wait' | 'deny' | 'suspend'
  readonly clock: Clock
  /** Told of a request that nobody has decided on. */
  readonly onRequested: (request: ApprovalRequest) => void
  /** Takes a decision on a call that waits. */
  readonly onDecided: (taken: TakenDecision) => void
}

/** Where a run stands. */
export type RunPlace = Pick<RunState, 'turnCount' | 'turnId' | 'openTurn' | 'planned' | 'isPending'>

/** A decision on a call that has not asked. */
interface Early {
  readonly given: GivenDecision
  /** Which turn it is about, counted from 1; `undefined` until it is known where the run stands. */
  readonly turn: number | undefined
}

interface Entry {
  /** `undefined` as long as the call has not asked. */
  readonly request: ApprovalRequest | undefined
  readonly early: Early | undefined
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
  #place: RunPlace | undefined
  #refusal: CoreError | undefined

  constructor(options: ApprovalDeskOptions) {
    this.#options = options
  }

  /** Says where the run stands from now on; until then nobody knows which turn a decision is about. */
  attach(place: RunPlace): void {
    this.#place = place
    for (const [callId, entry] of this.#entries) {
      const { early } = entry
      if (early === undefined) continue
      this.#entries.set(callId, { ...entry, early: { ...early, turn: this.#turnOf(early.given) } })
    }
  }

  /** Asks for a decision, once. One that has come already, and is about this very call, is taken. */
  announce(request: ApprovalRequest): void {
    const { callId } = request
    const known = this.#entries.get(callId)
    if (known?.request?.turnId === request.turnId && known.request.reason === request.reason) return
    this.#dropPassed()
    const early = this.#entries.get(callId)?.early
    const misfit = early === undefined ? undefined : findMismatch(early.given, request, this.#options.clock.now())
    if (misfit !== undefined) known?.recorded.reject(misfit)
    if (early === undefined || misfit !== undefined || known === undefined) {
      const entry = createEntry({ request })
      this.#entries.set(callId, entry)
      this.#ask(entry, request)
    } else {
      const entry = { ...createEntry({ request }), recorded: known.recorded }
      this.#entries.set(callId, entry)
      this.#take(callId, entry, early.given.decision)
    }
  }

  /** Whether a decision may still come from here. */
  get isAsking(): boolean {
    if (this.#options.onApproval() === 'wait') return true
    return this.#options.approve !== undefined && [...this.#entries.values()].some(isUndecided)
  }

  /**
   * Takes decisions, all of them or none.
   *
   * @returns when they are durable; rejects with {@link CoreError} `CORE_RUN_ENDED` when the run ends before, and with
   *   `CORE_NOT_WAITING` when one has come early and turns out to be about no call.
   * @throws {@link CoreError} `CORE_DECIDED`, `CORE_NOT_WAITING`, `CORE_RUN_ENDED`, `CORE_INVALID_OPTIONS`.
   */
  resolve(decisions: readonly CallDecision[]): Promise<void> {
    const checked = checkDecisions(decisions)
    this.#dropPassed()
    for (const given of checked) this.#assertUndecided(given)
    for (const given of checked) this.#assertOpen(given)
    const taken = checked.map((given) => this.#resolve(given))
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

  /** The first turn whose calls may still ask, counted from 1: the last one while it is under way, else the one to come. */
  get #turn(): number {
    if (this.#place === undefined) return 0
    const { turnCount, openTurn, isPending } = this.#place
    return openTurn !== undefined || isPending ? turnCount : turnCount + 1
  }

  /** Which turn an early decision is about; 0 for one that is over, `undefined` while nobody knows where the run stands. */
  #turnOf({ callId, turnId }: GivenDecision): number | undefined {
    if (this.#place === undefined) return undefined
    const { planned, turnCount, openTurn } = this.#place
    if (turnId !== undefined && turnId !== this.#place.turnId) return 0
    const call = planned.find((candidate) => candidate.callId === callId)
    if (call !== undefined && (turnId ?? call.turnId) === call.turnId) return call.status === 'done' ? 0 : turnCount
    return openTurn === undefined ? turnCount + 1 : turnCount
  }

  /** What was decided early on a call that has not asked must not count for another of the same id. */
  #dropPassed(): void {
    for (const [callId, { early, recorded }] of this.#entries) {
      if (early?.turn === undefined || early.turn >= this.#turn) continue
      this.#entries.delete(callId)
      recorded.reject(notWaiting(`call ${callId} has not waited for a decision`))
    }
  }

  #assertUndecided(given: GivenDecision): void {
    const decided = this.#entryOf(given)?.decision
    if (decided !== undefined && !isSameDecision(decided, given.decision)) throw alreadyDecided(given.callId, decided)
  }

  #assertOpen(given: GivenDecision): void {
    const entry = this.#entryOf(given)
    if (entry?.decision !== undefined) return
    if (this.#refusal !== undefined) throw this.#refusal
    const misfit =
      entry?.request === undefined
        ? this.#findPassed(given)
        : findMismatch(given, entry.request, this.#options.clock.now())
    if (misfit !== undefined) throw misfit
  }

  #findPassed(given: GivenDecision): CoreError | undefined {
    if (this.#turnOf(given) !== 0) return undefined
    return notWaiting(`call ${given.callId} does not wait for a decision any more`)
  }

  /** What is known of the very call that is meant: ids come again in later turns. */
  #entryOf({ callId, turnId }: GivenDecision): Entry | undefined {
    const entry = this.#entries.get(callId)
    if (entry?.request === undefined || entry.decision === undefined) return entry
    const meant = turnId ?? this.#place?.planned.find((call) => call.callId === callId)?.turnId
    return meant === undefined || meant === entry.request.turnId ? entry : undefined
  }

  #resolve(given: GivenDecision): Promise<void> {
    const { callId, decision } = given
    const entry = this.#entryOf(given) ?? createEntry({ early: { given, turn: this.#turnOf(given) } })
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
    const { approve, onApproval, onRequested, clock } = this.#options
    onRequested(request)
    if (isOver(request, clock.now())) return this.#take(request.callId, entry, TOO_LATE)
    this.#watchTime(entry, request)
    if (approve !== undefined) {
      void settleDecision(() => approve(request)).then((decision) => this.#decideIfOpen(entry, request, decision))
    } else if (onApproval() === 'deny') {
      this.#decideIfOpen(entry, request, { decision: 'deny', reason: 'nobody was there to approve it' })
    }
  }

  #decideIfOpen(entry: Entry, request: ApprovalRequest, decision: ApprovalDecision): void {
    if (entry.decision !== undefined || this.#refusal !== undefined) return
    this.#take(request.callId, entry, isOver(request, this.#options.clock.now()) ? TOO_LATE : decision)
  }

  #watchTime(entry: Entry, request: ApprovalRequest): void {
    const { expiresAt } = request
    if (expiresAt === undefined) return
    const { clock } = this.#options
    const left = expiresAt - Number(clock.now() / 1_000_000n)
    const expire = (): void => this.#decideIfOpen(entry, request, TOO_LATE)
    clock.sleep(left, { signal: entry.timer.signal }).then(expire, () => undefined) // decided before, or the run has ended
  }
}

const TOO_LATE: ApprovalDecision = { decision: 'deny', reason: 'nobody decided in time', by: 'timeout' }

function isUndecided({ request, decision }: Entry): boolean {
  return request !== undefined && decision === undefined
}

function createEntry({ request, early }: Partial<Pick<Entry, 'request' | 'early'>>): Entry {
  const recorded = Promise.withResolvers<void>()
  recorded.promise.catch(() => undefined) // not every decision has someone who waits for it
  return { request, early, recorded, timer: new AbortController(), decision: undefined }
}

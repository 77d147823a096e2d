import { KIND } from '@starling/event'
import type { Kind } from '@starling/event'
import { DivergenceError } from './divergence.ts'
import { ENGINE } from './engine.ts'
import type { Engine } from './engine.ts'
import type { Recorded } from './recorded.ts'
import type { ReplayMode, Scope } from './recorder.ts'
import { callEnded } from './scopes.ts'

/** Thrown to a call that the recording cuts off, once everything recorded of it has been taken over. */
export class CutOffError extends Error {
  constructor() {
    super('the recording ends this call without an outcome')
    this.name = 'CutOffError'
  }
}

/** What a call asks for: the place of an event of its own in the recording. */
export interface Request {
  readonly scope: Scope
  /** Whether its call asks for nothing else meanwhile. */
  readonly alone: boolean
  readonly kind: Kind
  readonly matches: (recorded: Recorded) => boolean
  /** The payload to compare, given what the recording holds. */
  readonly bytes: (recorded: Recorded | undefined) => Uint8Array
}

/** What a turnstile needs of the recorder around it. */
export interface TurnstileOptions {
  readonly engine: Engine
  /** What was recorded after the last event that was passed, or further ahead. */
  readonly peek: (ahead: number) => Recorded | undefined
  /** Whether an event came from outside, and from no call: it stands wherever it came. */
  readonly isInput: (recorded: Recorded) => boolean
  /** Whether an event schedules a call that the model has planned, and not one that a tool makes. */
  readonly isPlanned: (recorded: Recorded) => boolean
  /** Passes the next event. */
  readonly pass: (recorded: Recorded) => void
  /** Compares what a call emits with what was recorded; throws a {@link DivergenceError}. */
  readonly compare: (request: Request, recorded: Recorded) => void
  /** The difference between what was recorded next and what a call asks for, or that it asks for nothing like it. */
  readonly differ: (scope: Scope, request: Request | undefined) => DivergenceError
}

interface Waiter extends Request {
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (error: unknown) => void
}

interface Running {
  readonly mode: ReplayMode
  /** How many calls it has made itself that are under way. */
  nested: number
}

/**
 * Lets the calls of a replay through in the recorded order, whichever of them
 * comes first.
 *
 * It goes by no clock. A call that asks for one of its events before another of
 * its own that was recorded earlier waits for as long as anything else can
 * happen; when nothing can, it is served ahead of its turn, because the same
 * call may have to go on before it asks for the other. A call that asks for what
 * the rest of the recording does not hold differs, unless it goes on without it
 * within the same turn of the event loop.
 */
export class Turnstile {
  readonly #options: TurnstileOptions
  readonly #calls = new Map<string, Running>()
  /** Calls that wait for others to end before they begin, and how to begin them all the same. */
  readonly #parked = new Map<string, () => void>()
  /** Events that were handed out ahead of their turn. */
  readonly #claimed = new Set<Recorded>()
  #waiters: Waiter[] = []
  #broken: DivergenceError | undefined
  #doubt: ReturnType<typeof setImmediate> | undefined

  constructor(options: TurnstileOptions) {
    this.#options = options
  }

  /** The difference that made a call's request fail, even when the call swallowed the error. */
  get broken(): DivergenceError | undefined {
    return this.#broken
  }

  begin(scope: Scope, mode: ReplayMode): void {
    this.#countNested(scope, 1)
    this.#calls.set(scope.callId, { mode, nested: 0 })
  }

  end(scope: Scope): void {
    this.#calls.delete(scope.callId)
    this.#countNested(scope, -1)
    // What the call has not waited for comes too late, as it does in a live run.
    for (const waiter of this.#waiters.filter((candidate) => candidate.scope.callId === scope.callId)) {
      this.#remove(waiter)
      waiter.reject(callEnded(scope))
    }
    this.#pump()
  }

  /** Announces that a call does nothing before others have ended; `begin` lets it in all the same. */
  park(scope: Scope, begin: () => void): void {
    this.#parked.set(scope.callId, begin)
    this.#pump()
  }

  /** Announces that a parked call goes on. */
  unpark(scope: Scope): void {
    this.#parked.delete(scope.callId)
  }

  /** Resolves with what was recorded in the place that a call asks for. */
  ask(request: Request): Promise<Recorded> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    if (!this.#calls.has(request.scope.callId)) return Promise.reject(callEnded(request.scope))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ...request, resolve, reject })
      this.#pump()
    })
  }

  /** Forgets all running calls, to go on after a difference. */
  reset(): void {
    const waiters = this.#waiters
    this.#waiters = []
    this.#calls.clear()
    this.#parked.clear()
    this.#claimed.clear()
    clearImmediate(this.#doubt)
    for (const waiter of waiters) waiter.reject(this.#broken ?? callEnded(waiter.scope))
    this.#broken = undefined
  }

  /** Lets waiting calls through in the recorded order, as far as it goes. */
  #pump(isCertain = false): void {
    clearImmediate(this.#doubt)
    for (;;) {
      const recorded = this.#options.peek(0)
      if (recorded !== undefined && this.#claimed.delete(recorded)) {
        this.#options.pass(recorded)
        continue
      }
      if (recorded !== undefined && this.#calls.size > 0 && this.#options.isInput(recorded)) {
        this.#options.pass(recorded)
        continue
      }
      const next = recorded === undefined ? undefined : this.#waiterFor(recorded)
      if (recorded !== undefined && next !== undefined) {
        this.#serve(next, recorded, this.#options.pass)
        continue
      }
      if (this.#waiters.length + this.#parked.size === 0 || this.#isAnyoneBusy()) return
      if (recorded !== undefined && this.#isUnclaimed(recorded)) this.#options.pass(recorded)
      else if (!this.#unblock(recorded, isCertain)) return
    }
  }

  /** Everyone waits and nobody's turn comes: finds one that can go on all the same, or that must differ. */
  #unblock(recorded: Recorded | undefined, isCertain: boolean): boolean {
    const owner = recorded === undefined ? undefined : ownerOf(recorded)
    if (owner !== undefined && this.#letIn(owner, this.#makerOf(owner) ?? owner)) return true
    const ahead = this.#ahead()
    const lost = this.#waiters.filter((waiter) => !ahead.some((event) => this.#isDue(waiter, event)))
    const sure = this.#options.engine === ENGINE.reference ? lost : lost.filter((waiter) => waiter.alone)
    const first = this.#firstActive(sure)
    if (first !== undefined) this.#turnAway(first)
    else if (this.#serveEarly(owner, ahead)) return true
    else if (this.#letIn(...this.#parked.keys())) return true
    else if (lost.length > 0 && !isCertain) {
      this.#doubt = setImmediate(() => this.#pump(true))
      return false
    } else {
      const own = this.#waiters.find(
        (waiter) => waiter.scope.callId === owner && this.#modeOf(waiter.scope) !== 'cut-off',
      )
      const blamed = this.#firstActive(lost) ?? own ?? this.#firstActive(this.#waiters)
      if (blamed !== undefined) this.#turnAway(blamed)
    }
    return true
  }

  #waiterFor(recorded: Recorded): Waiter | undefined {
    return this.#isOfCalls(recorded) ? this.#waiters.find((waiter) => waiter.matches(recorded)) : undefined
  }

  /** Whether an event may be one of the calls under way: not when the next ones begin with it. */
  #isOfCalls(recorded: Recorded): boolean {
    if (!TOOL_KINDS.has(recorded.kind) || this.#options.isInput(recorded)) return false
    return !this.#options.isPlanned(recorded) || this.#calls.has(ownerOf(recorded) ?? '')
  }

  /** Whether a call still has to be there for an event: its own, or, where it is taken over, that of a call inside it. */
  #isDue(waiter: Waiter, event: Recorded): boolean {
    if (waiter.matches(event)) return true
    const { callId } = waiter.scope
    const owner = ownerOf(event)
    if (owner === undefined || this.#calls.has(owner) || this.#modeOf(waiter.scope) === 'executed') return false
    return (this.#makerOf(owner) ?? callId) === callId
  }

  /** Begins the first of these calls that is parked. */
  #letIn(...callIds: readonly string[]): boolean {
    const callId = callIds.find((candidate) => this.#parked.has(candidate))
    const begin = callId === undefined ? undefined : this.#parked.get(callId)
    if (callId === undefined || begin === undefined) return false
    this.#parked.delete(callId)
    begin()
    return true
  }

  /** What the recording still holds of the calls under way, without what was handed out already. */
  #ahead(): readonly Recorded[] {
    const ahead: Recorded[] = []
    for (let distance = 0; ; distance += 1) {
      const recorded = this.#options.peek(distance)
      if (recorded !== undefined && this.#options.isInput(recorded)) continue
      if (recorded === undefined || !this.#isOfCalls(recorded)) return ahead
      if (!this.#claimed.has(recorded)) ahead.push(recorded)
    }
  }

  #firstActive(waiters: readonly Waiter[]): Waiter | undefined {
    return waiters.find((waiter) => this.#modeOf(waiter.scope) !== 'cut-off') ?? waiters[0]
  }

  /** Serves a call, or one inside it, that may have to go on before it asks for what was recorded next. */
  #serveEarly(owner: string | undefined, ahead: readonly Recorded[]): boolean {
    if (owner === undefined || this.#options.engine === ENGINE.reference) return false
    const candidates = this.#waiters.filter((waiter) => this.#mayAskFor(owner, waiter.scope))
    for (const recorded of ahead) {
      const waiter = candidates.find((candidate) => candidate.matches(recorded))
      if (waiter === undefined) continue
      this.#serve(waiter, recorded, (early) => this.#claimed.add(early))
      return true
    }
    return false
  }

  /** Whether a call, or one around it, may still emit under `owner`: as that call, or by making it. */
  #mayAskFor(owner: string, scope: Scope): boolean {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const { callId } = at
      if (this.#calls.has(owner) && callId !== owner) continue
      if (this.#modeOf(at) !== 'executed') continue
      if (!this.#waiters.some((waiter) => waiter.alone && waiter.scope.callId === callId)) return true
    }
    return false
  }

  /** Refuses a request that the recording does not hold, or not before something that nobody asks for. */
  #turnAway(waiter: Waiter): void {
    this.#remove(waiter)
    if (this.#isUnrecordedFailure(waiter)) waiter.reject(new Error('the side effect failed when it was recorded'))
    else if (this.#modeOf(waiter.scope) === 'cut-off') waiter.reject(new CutOffError())
    else {
      const isOwn = this.#modeOf(waiter.scope) === 'executed'
      this.#break(waiter, this.#options.differ(waiter.scope, isOwn ? waiter : undefined))
    }
  }

  /** Nothing that comes after the first difference can be compared. */
  #break(waiter: Waiter, difference: DivergenceError): void {
    this.#broken = difference
    waiter.reject(difference)
    const others = this.#waiters
    this.#waiters = []
    for (const other of others) {
      other.reject(this.#modeOf(other.scope) === 'cut-off' ? new CutOffError() : difference)
    }
    while (this.#letIn(...this.#parked.keys())); // they find out before they do anything
  }

  #remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter)
  }

  #countNested(scope: Scope, change: number): void {
    const parent = scope.parent === undefined ? undefined : this.#calls.get(scope.parent.callId)
    if (parent !== undefined) parent.nested += change
  }

  #serve(waiter: Waiter, recorded: Recorded, pass: (recorded: Recorded) => void): void {
    this.#remove(waiter)
    try {
      if (this.#modeOf(waiter.scope) === 'executed') this.#options.compare(waiter, recorded)
      pass(recorded)
      waiter.resolve(recorded)
    } catch (error) {
      if (error instanceof DivergenceError) this.#break(waiter, error)
      else waiter.reject(error)
    }
  }

  #modeOf(scope: Scope): ReplayMode | undefined {
    return this.#calls.get(scope.callId)?.mode
  }

  /** The reference records no side effect that failed: one that is asked for and not there has. */
  #isUnrecordedFailure(waiter: Waiter): boolean {
    return (
      this.#options.engine === ENGINE.reference &&
      waiter.kind === KIND.SideEffectRecorded &&
      this.#modeOf(waiter.scope) === 'executed'
    )
  }

  /** Whether a recorded event can only come from inside a call that is taken over: unscoped, or of a nested call. */
  #isUnclaimed(recorded: Recorded): boolean {
    if (!this.#isOfCalls(recorded)) return false
    const owner = ownerOf(recorded)
    if (owner !== undefined && this.#calls.has(owner)) return false
    const maker = owner === undefined ? undefined : this.#makerOf(owner)
    if (maker !== undefined) return this.#calls.get(maker)?.mode !== 'executed'
    return this.#parked.size === 0 && [...this.#calls.values()].some((call) => call.mode !== 'executed')
  }

  /** The innermost call under way that makes a nested call, as far as its id tells. */
  #makerOf(nested: string): string | undefined {
    let maker = ''
    for (const callId of this.#calls.keys()) {
      if (callId.length >= maker.length && nested.startsWith(`${callId}/`)) maker = callId
    }
    return maker === '' ? undefined : maker
  }

  /** Whether a call is neither waiting for its place, nor for others to end, nor for a call of its own. */
  #isAnyoneBusy(): boolean {
    const waiting = new Set(this.#waiters.map((waiter) => waiter.scope.callId))
    for (const [callId, call] of this.#calls) {
      if (call.nested === 0 && !waiting.has(callId) && !this.#parked.has(callId)) return true
    }
    return false
  }
}

const TOOL_KINDS: ReadonlySet<number> = new Set([
  KIND.ToolCallScheduled,
  KIND.ToolCallCompleted,
  KIND.ToolCallFailed,
  KIND.SideEffectRecorded,
])

/** The tool call that a recorded event belongs to, when it says so. */
export function ownerOf(recorded: Recorded): string | undefined {
  switch (recorded.kind) {
    case KIND.ToolCallScheduled:
    case KIND.ToolCallCompleted:
    case KIND.ToolCallFailed:
    case KIND.SideEffectRecorded:
      return recorded.payload.callId
    default:
      return undefined
  }
}

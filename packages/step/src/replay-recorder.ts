import { createMerkleAccumulator, encodePayload, equalBytes, hashEvent, isKnownKind, KIND } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import { describeDivergence, DivergenceError } from './divergence.ts'
import type { Divergence } from './divergence.ts'
import { ENGINE } from './engine.ts'
import type { Engine } from './engine.ts'
import { isOfKind, toRecorded } from './recorded.ts'
import type { Recorded, RecordedListener } from './recorded.ts'
import type { EmitOptions, PayloadSource, Recorder, ReplayMode, Scope } from './recorder.ts'
import { assertOpen, callEnded } from './scopes.ts'

/** How a replay recorder is made. */
export interface ReplayRecorderOptions {
  /** The whole recording, in order. */
  readonly recording: readonly Event[]
  readonly engine: Engine
  /** Events up to and including this `seq` are taken over unchecked. Default: 0. */
  readonly trustedSeq?: number | undefined
  /** Differences that do not stop the replay. */
  readonly tolerate?: ((divergence: Divergence) => boolean) | undefined
  /** Told of every tolerated difference. */
  readonly onTolerated?: ((divergence: Divergence) => void) | undefined
  /** Told of every event, in order, once it has been reproduced or taken over. */
  readonly onStaged?: RecordedListener | undefined
  /**
   * How long a call that may still ask for what was recorded next is waited
   * for, in milliseconds, while everything else it does waits. Default: 1,000.
   */
  readonly patienceMs?: number | undefined
}

interface Waiter {
  readonly scope: Scope
  /** Whether its call asks for nothing else meanwhile. */
  readonly alone: boolean
  readonly kind: Kind
  readonly source: (recorded: Recorded | undefined) => Uint8Array
  readonly matches: (recorded: Recorded) => boolean
  readonly resolve: (recorded: Recorded) => void
  readonly reject: (error: unknown) => void
}

/** Thrown to a call that the recording cuts off, once everything recorded of it has been taken over. */
export class CutOffError extends Error {
  constructor() {
    super('the recording ends this call without an outcome')
    this.name = 'CutOffError'
  }
}

/** A recorder that compares what is emitted with a recording, and takes from it what cannot be computed. */
export interface ReplayRecorder extends Recorder {
  /** The recorded event that must be emitted next. */
  peek(ahead?: number): Recorded | undefined
  /** Takes the next recorded event over unchecked. */
  adopt(): Recorded
  /** Resolves with the next recorded event that belongs to a `recorded` scope, once it has been taken over. */
  next(scope: Scope): Promise<Recorded>
  /** The difference that made a call's emission fail, even when the call swallowed the error. */
  readonly broken: DivergenceError | undefined
  /** Forgets all running calls, to go on after a difference. */
  reset(): void
}

/** Makes a recorder that compares with a recording. */
export function createReplayRecorder(options: ReplayRecorderOptions): ReplayRecorder {
  return new ComparingRecorder(options)
}

class ComparingRecorder implements ReplayRecorder {
  readonly replaying = true
  readonly failure = undefined
  readonly #options: ReplayRecorderOptions
  readonly #recorded: readonly (Recorded | undefined)[]
  readonly #merkle = createMerkleAccumulator()
  readonly #scopes = new Map<string, { readonly mode: ReplayMode; nested: number }>()
  #waiters: Waiter[] = []
  #broken: DivergenceError | undefined
  #cursor = 0
  #lastHash: Uint8Array | null = null
  #patience: ReturnType<typeof setTimeout> | undefined

  constructor(options: ReplayRecorderOptions) {
    this.#options = options
    this.#recorded = options.recording.map(toRecorded)
    while (this.#cursor < (options.trustedSeq ?? 0)) this.adopt()
  }

  get runId(): string {
    return this.#options.recording[0]?.runId ?? ''
  }

  get engine(): Engine {
    return this.#options.engine
  }

  get lastHash(): Uint8Array | null {
    return this.#lastHash
  }

  get lastSeq(): number {
    return this.#cursor
  }

  merkleRoot(): Uint8Array {
    return this.#merkle.root()
  }

  get broken(): DivergenceError | undefined {
    return this.#broken
  }

  peek(ahead = 0): Recorded | undefined {
    return this.#recorded[this.#cursor + ahead]
  }

  reset(): void {
    const waiters = this.#waiters
    this.#waiters = []
    this.#scopes.clear()
    clearTimeout(this.#patience)
    for (const waiter of waiters) waiter.reject(this.#broken ?? callEnded(waiter.scope))
    this.#broken = undefined
  }

  adopt(): Recorded {
    const recorded = this.#recorded[this.#cursor]
    if (recorded === undefined) throw new DivergenceError(describeDivergence(this.#event(), undefined))
    this.#advance(recorded)
    return recorded
  }

  stage<K extends Kind>(kind: K, source: PayloadSource<K>): PayloadByKind[K] {
    const recorded = this.peek()
    const produced = produce(kind, source, recorded)
    const accepted = this.#compare({ kind, payload: produced.bytes }, recorded)
    this.#advance(accepted)
    return isOfKind(accepted, kind) ? accepted.payload : produced.payload
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  async emit<K extends Kind>(kind: K, source: PayloadSource<K>, options: EmitOptions): Promise<PayloadByKind[K]> {
    const { scope } = options
    if (this.#broken !== undefined) throw this.#broken
    assertOpen(scope)
    if (!this.#scopes.has(scope.callId)) throw callEnded(scope)
    const accepted = await new Promise<Recorded>((resolve, reject) => {
      this.#waiters.push({
        scope,
        alone: kind !== KIND.SideEffectRecorded,
        kind,
        source: (recorded) => produce(kind, source, recorded).bytes,
        matches: (recorded) =>
          isOfKind(recorded, kind) && belongs(recorded, scope, () => resolveSource(source, recorded.payload)),
        resolve,
        reject,
      })
      this.#pump()
    })
    if (!isOfKind(accepted, kind)) throw callEnded(scope) // only a call that is taken over is served other kinds
    return accepted.payload
  }

  begin(scope: Scope, mode: ReplayMode): void {
    this.#countNested(scope, 1)
    this.#scopes.set(scope.callId, { mode, nested: 0 })
  }

  end(scope: Scope): void {
    this.#scopes.delete(scope.callId)
    this.#countNested(scope, -1)
    // What the call has not waited for comes too late, as it does in a live run.
    for (const waiter of this.#waiters.filter((candidate) => candidate.scope.callId === scope.callId)) {
      this.#remove(waiter)
      waiter.reject(callEnded(scope))
    }
    this.#pump()
  }

  next(scope: Scope): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({
        scope,
        alone: true,
        kind: KIND.ToolCallCompleted,
        source: () => new Uint8Array(0),
        matches: (recorded) => ownerOf(recorded) === scope.callId,
        resolve,
        reject,
      })
      this.#pump()
    })
  }

  /** Lets waiting calls emit in the recorded order, as far as it goes. */
  #pump(patient = true): void {
    clearTimeout(this.#patience)
    for (;;) {
      const recorded = this.peek()
      const next = recorded === undefined ? undefined : this.#waiters.find((waiter) => waiter.matches(recorded))
      if (next !== undefined) {
        this.#serve(next, recorded)
        continue
      }
      if (this.#waiters.length === 0 || this.#running() > 0) return
      if (recorded !== undefined && this.#isUnclaimed(recorded)) {
        this.#advance(recorded)
        continue
      }
      // Everyone waits and nobody's turn comes.
      const first =
        this.#hopeless() ??
        (patient && this.#broken === undefined && this.#mayCome(recorded) ? undefined : this.#blamed(recorded))
      if (first === undefined) {
        this.#patience = setTimeout(() => this.#pump(false), this.#options.patienceMs ?? DEFAULT_PATIENCE_MS)
        return
      }
      this.#remove(first)
      first.reject(this.#rejection(first))
    }
  }

  /** Someone who asks for what the rest of the recording does not hold, before its next seam. */
  #hopeless(): Waiter | undefined {
    const ahead = this.#ahead()
    const hopeless = this.#waiters.filter((waiter) => !ahead.some((recorded) => waiter.matches(recorded)))
    return hopeless.find((waiter) => this.#modeOf(waiter.scope) !== 'cut-off') ?? hopeless[0]
  }

  /** What the recording still holds of the calls under way. */
  #ahead(): readonly Recorded[] {
    const ahead: Recorded[] = []
    for (let recorded = this.peek(); recorded !== undefined; recorded = this.peek(ahead.length)) {
      if (!TOOL_KINDS.has(recorded.kind)) break
      ahead.push(recorded)
    }
    return ahead
  }

  /** Whether a call under way may still ask for `recorded`: it waits for something else, but may do several things at once. */
  #mayCome(recorded: Recorded | undefined): boolean {
    if (recorded === undefined || this.engine === ENGINE.reference) return false
    const owner = ownerOf(recorded)
    if (owner === undefined || this.#scopes.get(owner)?.mode !== 'executed') return false
    return !this.#waiters.some((waiter) => waiter.scope.callId === owner && waiter.alone)
  }

  /** Who differs, when it is not clear from what it asks for: the call whose turn it is, or else the first in line. */
  #blamed(recorded: Recorded | undefined): Waiter | undefined {
    const owner = recorded === undefined ? undefined : ownerOf(recorded)
    const active = this.#waiters.filter((waiter) => this.#modeOf(waiter.scope) !== 'cut-off')
    return active.find((waiter) => waiter.scope.callId === owner) ?? active[0] ?? this.#waiters[0]
  }

  #rejection(waiter: Waiter): Error {
    if (this.#isUnrecordedFailure(waiter)) return new Error('the side effect failed when it was recorded')
    if (this.#modeOf(waiter.scope) === 'cut-off') return new CutOffError()
    return (this.#broken = this.#refusal(waiter))
  }

  #remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter)
  }

  #countNested(scope: Scope, change: number): void {
    const parent = scope.parent === undefined ? undefined : this.#scopes.get(scope.parent.callId)
    if (parent !== undefined) parent.nested += change
  }

  #serve(waiter: Waiter, recorded: Recorded | undefined): void {
    this.#remove(waiter)
    const taken = this.#modeOf(waiter.scope) !== 'executed'
    try {
      const accepted =
        taken && recorded !== undefined
          ? recorded
          : this.#compare({ kind: waiter.kind, payload: waiter.source(recorded), scope: waiter.scope }, recorded)
      this.#advance(accepted)
      waiter.resolve(accepted)
    } catch (error) {
      if (error instanceof DivergenceError) this.#broken ??= error
      waiter.reject(error)
    }
  }

  #refusal(waiter: Waiter): DivergenceError {
    const event = this.#event()
    if (this.#modeOf(waiter.scope) !== 'executed') {
      return new DivergenceError(describeDivergence(event, undefined, { callId: waiter.scope.callId }))
    }
    const produced = { seq: this.#cursor + 1, kind: waiter.kind, payload: waiter.source(undefined) }
    return new DivergenceError(describeDivergence(event, produced, { callId: waiter.scope.callId }))
  }

  #modeOf(scope: Scope): ReplayMode | undefined {
    return this.#scopes.get(scope.callId)?.mode
  }

  /** The reference records no side effect that failed: one that is asked for and not there has. */
  #isUnrecordedFailure(waiter: Waiter): boolean {
    return (
      this.engine === ENGINE.reference &&
      waiter.kind === KIND.SideEffectRecorded &&
      this.#modeOf(waiter.scope) === 'executed'
    )
  }

  /** Whether a recorded event can only come from inside a call that is taken over: unscoped, or of a nested call. */
  #isUnclaimed(recorded: Recorded): boolean {
    if (!TOOL_KINDS.has(recorded.kind)) return false
    const owner = ownerOf(recorded)
    if (owner !== undefined && this.#scopes.has(owner)) return false
    return [...this.#scopes.values()].some((scope) => scope.mode !== 'executed')
  }

  /** How many calls are neither waiting for their place nor for a call of their own. */
  #running(): number {
    const waiting = new Set(this.#waiters.map((waiter) => waiter.scope.callId))
    let running = 0
    for (const [callId, scope] of this.#scopes) if (scope.nested === 0 && !waiting.has(callId)) running += 1
    return running
  }

  #compare(produced: Produced, recorded: Recorded | undefined): Recorded {
    const { kind, payload, scope } = produced
    if (recorded?.kind === kind && equalBytes(recorded.event.payload, payload)) return recorded
    const divergence = describeDivergence(
      this.#event(),
      { seq: this.#cursor + 1, kind, payload },
      { callId: scope?.callId, turnId: recorded === undefined ? undefined : turnOf(recorded) },
    )
    if (recorded?.kind === kind && this.#options.tolerate?.(divergence) === true) {
      this.#options.onTolerated?.(divergence)
      return recorded
    }
    throw new DivergenceError(divergence)
  }

  #event(): Event | undefined {
    return this.#options.recording[this.#cursor]
  }

  #advance(recorded: Recorded): void {
    // The next event carries the hash of this one, and the chain has been checked: no need to hash again.
    const hash = this.#options.recording[this.#cursor + 1]?.prevHash ?? hashEvent(recorded.event)
    this.#merkle.append(hash)
    this.#lastHash = hash
    this.#cursor += 1
    this.#options.onStaged?.(recorded)
    this.#skipUnknown()
  }

  /** An event of a kind that this version does not know is part of the chain and of nothing else. */
  #skipUnknown(): void {
    for (;;) {
      const event = this.#event()
      if (event === undefined || isKnownKind(event.kind)) return
      const hash = this.#options.recording[this.#cursor + 1]?.prevHash ?? hashEvent(event)
      this.#merkle.append(hash)
      this.#lastHash = hash
      this.#cursor += 1
    }
  }
}

/** An event that the run emits, to be compared. */
interface Produced {
  readonly kind: Kind
  readonly payload: Uint8Array
  readonly scope?: Scope | undefined
}

const DEFAULT_PATIENCE_MS = 1000

function produce<K extends Kind>(
  kind: K,
  source: PayloadSource<K>,
  recorded: Recorded | undefined,
): { readonly payload: PayloadByKind[K]; readonly bytes: Uint8Array } {
  const payload = resolveSource(source, isOfKind(recorded, kind) ? recorded.payload : undefined)
  return { payload, bytes: encodePayload(kind, payload) }
}

function resolveSource<K extends Kind>(
  source: PayloadSource<K>,
  recorded: PayloadByKind[K] | undefined,
): PayloadByKind[K] {
  return typeof source === 'function' ? source(recorded) : source
}

/** Whether a recorded event of the right kind is the one that this scope emits next. */
function belongs(recorded: Recorded, scope: Scope, produced: () => PayloadByKind[Kind]): boolean {
  const owner = ownerOf(recorded)
  if (recorded.kind !== KIND.SideEffectRecorded) return owner === scope.callId
  // The reference records no scope: whoever asks for this name at this position gets it.
  return (owner === undefined || owner === scope.callId) && placeOf(produced()) === placeOf(recorded.payload)
}

/** Which of the side effects of its call one is. */
function placeOf(payload: PayloadByKind[Kind]): string | undefined {
  return 'name' in payload ? `${payload.attempt ?? 0}/${payload.ordinal ?? 0}/${payload.name}` : undefined
}

const TOOL_KINDS: ReadonlySet<number> = new Set([
  KIND.ToolCallScheduled,
  KIND.ToolCallCompleted,
  KIND.ToolCallFailed,
  KIND.SideEffectRecorded,
])

/** The tool call that a recorded event belongs to, when it says so. */
function ownerOf(recorded: Recorded): string | undefined {
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

function turnOf(recorded: Recorded): string | undefined {
  const { payload } = recorded
  return 'turnId' in payload ? payload.turnId : undefined
}

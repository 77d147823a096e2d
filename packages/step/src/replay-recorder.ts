import {
  createMerkleAccumulator,
  decodePayload,
  encodePayload,
  equalBytes,
  hashEvent,
  isKnownKind,
  KIND,
} from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import { describeDivergence, DivergenceError } from './divergence.ts'
import type { Divergence } from './divergence.ts'
import { ENGINE } from './engine.ts'
import type { Engine } from './engine.ts'
import { StepError } from './step-error.ts'
import type { PayloadSource, Recorded, RecordedListener, Recorder, ReplayMode, Scope } from './recorder.ts'

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
}

interface Waiter {
  readonly scope: Scope
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
  readonly #scopes = new Map<string, { readonly mode: ReplayMode; idle: boolean }>()
  #waiters: Waiter[] = []
  #broken: DivergenceError | undefined
  #cursor = 0
  #lastHash: Uint8Array | null = null

  constructor(options: ReplayRecorderOptions) {
    this.#options = options
    this.#recorded = options.recording.map(decode)
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
    for (const waiter of waiters) waiter.reject(this.#broken ?? ended(waiter.scope))
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
    const accepted = this.#compare(kind, produced.bytes, recorded)
    this.#advance(accepted)
    return accepted === recorded ? payloadOf(accepted, kind) : produced.payload
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  async emit<K extends Kind>(scope: Scope, kind: K, source: PayloadSource<K>): Promise<PayloadByKind[K]> {
    if (this.#broken !== undefined) throw this.#broken
    if (!this.#scopes.has(scope.callId)) throw ended(scope)
    const accepted = await new Promise<Recorded>((resolve, reject) => {
      this.#waiters.push({
        scope,
        kind,
        source: (recorded) => produce(kind, source, recorded).bytes,
        matches: (recorded) => belongs(recorded, scope, kind, source),
        resolve,
        reject,
      })
      this.#pump()
    })
    return payloadOf(accepted, kind)
  }

  begin(scope: Scope, mode: ReplayMode): void {
    const parent = scope.parent === undefined ? undefined : this.#scopes.get(scope.parent.callId)
    if (parent !== undefined) parent.idle = true
    this.#scopes.set(scope.callId, { mode, idle: false })
  }

  end(scope: Scope): void {
    this.#scopes.delete(scope.callId)
    const parent = scope.parent === undefined ? undefined : this.#scopes.get(scope.parent.callId)
    if (parent !== undefined) parent.idle = false
    this.#pump()
  }

  next(scope: Scope): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({
        scope,
        kind: KIND.ToolCallCompleted,
        source: () => new Uint8Array(0),
        matches: (recorded) => scopeOf(recorded) === scope.callId,
        resolve,
        reject,
      })
      this.#pump()
    })
  }

  /** Lets waiting calls emit in the recorded order, as far as it goes. */
  #pump(): void {
    for (;;) {
      const recorded = this.peek()
      const index = recorded === undefined ? -1 : this.#waiters.findIndex((waiter) => waiter.matches(recorded))
      if (index >= 0) {
        this.#serve(index, recorded)
        continue
      }
      if (this.#waiters.length === 0 || this.#running() > 0) return
      if (recorded !== undefined && this.#isUnclaimed(recorded)) {
        this.#advance(recorded)
        continue
      }
      // Everyone waits and nobody's turn comes: the first in line that must emit is what differs.
      const first = this.#waiters.find((waiter) => this.#modeOf(waiter.scope) !== 'cut-off') ?? this.#waiters[0]
      if (first === undefined) return
      this.#waiters.splice(this.#waiters.indexOf(first), 1)
      if (this.#isUnrecordedFailure(first)) {
        first.reject(new Error('the side effect failed when it was recorded'))
        continue
      }
      first.reject(this.#modeOf(first.scope) === 'cut-off' ? new CutOffError() : (this.#broken = this.#refusal(first)))
    }
  }

  #serve(index: number, recorded: Recorded | undefined): void {
    const [waiter] = this.#waiters.splice(index, 1)
    if (waiter === undefined) return
    const taken = this.#modeOf(waiter.scope) !== 'executed'
    try {
      const accepted =
        taken && recorded !== undefined
          ? recorded
          : this.#compare(waiter.kind, waiter.source(recorded), recorded, waiter.scope)
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
    const owner = scopeOf(recorded)
    if (owner !== undefined && this.#scopes.has(owner)) return false
    return [...this.#scopes.values()].some((scope) => scope.mode !== 'executed')
  }

  /** How many calls are neither waiting for their place nor for a call of their own. */
  #running(): number {
    const waiting = new Set(this.#waiters.map((waiter) => waiter.scope.callId))
    let running = 0
    for (const [callId, scope] of this.#scopes) if (!scope.idle && !waiting.has(callId)) running += 1
    return running
  }

  #compare(kind: Kind, payload: Uint8Array, recorded: Recorded | undefined, scope?: Scope): Recorded {
    const event = this.#event()
    if (recorded !== undefined && recorded.kind === kind && equalBytes(recorded.event.payload, payload)) return recorded
    const divergence = describeDivergence(
      event,
      { seq: this.#cursor + 1, kind, payload },
      { callId: scope?.callId, turnId: recorded === undefined ? undefined : turnOf(recorded) },
    )
    if (recorded !== undefined && recorded.kind === kind && this.#options.tolerate?.(divergence) === true) {
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

function produce<K extends Kind>(
  kind: K,
  source: PayloadSource<K>,
  recorded: Recorded | undefined,
): { readonly payload: PayloadByKind[K]; readonly bytes: Uint8Array } {
  const known = recorded !== undefined && recorded.kind === kind ? payloadOf(recorded, kind) : undefined
  const payload = typeof source === 'function' ? source(known) : source
  return { payload, bytes: encodePayload(kind, payload) }
}

/** Whether a recorded event is the one that this scope emits next. */
function belongs<K extends Kind>(recorded: Recorded, scope: Scope, kind: K, source: PayloadSource<K>): boolean {
  if (recorded.kind !== kind) return false
  const owner = scopeOf(recorded)
  if (recorded.kind !== KIND.SideEffectRecorded) return owner === scope.callId
  // The reference records no scope: whoever asks for this name at this position gets it.
  if (owner !== undefined && owner !== scope.callId) return false
  const { payload } = recorded
  const asked = produce(
    KIND.SideEffectRecorded,
    source as PayloadSource<typeof KIND.SideEffectRecorded>,
    recorded,
  ).payload
  return asked.name === payload.name && (asked.ordinal ?? 0) === (payload.ordinal ?? 0)
}

function ended(scope: Scope): StepError {
  return new StepError('STEP_CALL_ENDED', `call ${scope.callId} has ended and can record nothing more`)
}

/** The payload of a recorded event whose kind has been compared. */
function payloadOf<K extends Kind>(recorded: Recorded, _kind: K): PayloadByKind[K] {
  return recorded.payload as PayloadByKind[K] // the kinds are equal; the union cannot see it
}

function decode(event: Event): Recorded | undefined {
  if (!isKnownKind(event.kind)) return undefined
  const { kind } = event
  return { kind, payload: decodePayload(kind, event.payload), event } as Recorded // one kind on both sides
}

const TOOL_KINDS: ReadonlySet<number> = new Set([
  KIND.ToolCallScheduled,
  KIND.ToolCallCompleted,
  KIND.ToolCallFailed,
  KIND.SideEffectRecorded,
])

/** The tool call that a recorded event belongs to, when it says so. */
function scopeOf(recorded: Recorded): string | undefined {
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

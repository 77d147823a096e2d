import { encodePayload, equalBytes, hashEvent, isKnownKind, KIND, merkleRoot } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import { describeDivergence, DivergenceError } from './divergence.ts'
import type { Divergence } from './divergence.ts'
import type { Engine } from './engine.ts'
import { isOfKind, toRecorded } from './recorded.ts'
import type { Recorded, RecordedListener } from './recorded.ts'
import type { EmitOptions, PayloadSource, Recorder, ReplayMode, Scope } from './recorder.ts'
import { assertOpen, callEnded } from './scopes.ts'
import { ownerOf, Turnstile } from './turnstile.ts'
import type { Request } from './turnstile.ts'

/** How a replay recorder is made. */
export interface ReplayRecorderOptions {
  /** The whole recording, in order. */
  readonly recording: readonly Event[]
  readonly engine: Engine
  /** Events up to and including this `seq` are taken over unchecked. Default: 0. */
  readonly trustedSeq?: number | undefined
  /** Whether an event came from outside while calls ran: it is taken over where it stands. Default: none did. */
  readonly isInput?: ((recorded: Recorded) => boolean) | undefined
  /** Whether an event schedules a call that the model has planned, and not one that a tool makes. Default: nobody knows. */
  readonly isPlanned?: ((recorded: Recorded) => boolean) | undefined
  /** Differences that do not stop the replay. */
  readonly tolerate?: ((divergence: Divergence) => boolean) | undefined
  /** Told of every tolerated difference. */
  readonly onTolerated?: ((divergence: Divergence) => void) | undefined
  /** Told of every event, in order, once it has been reproduced or taken over. */
  readonly onStaged?: RecordedListener | undefined
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
  /** Announces that a call does nothing before others have ended; `begin` lets it in all the same. */
  park(scope: Scope, begin: () => void): void
  /** Announces that a parked call goes on. */
  unpark(scope: Scope): void
  /** Forgets all running calls, to go on after a difference. */
  reset(): void
}

/** Makes a recorder that compares with a recording. */
export function createReplayRecorder(options: ReplayRecorderOptions): ReplayRecorder {
  return new ComparingRecorder(options)
}

class ComparingRecorder implements ReplayRecorder {
  readonly replaying = true
  readonly #options: ReplayRecorderOptions
  readonly #recorded: readonly (Recorded | undefined)[]
  readonly #turnstile: Turnstile
  #cursor = 0

  constructor(options: ReplayRecorderOptions) {
    this.#options = options
    this.#recorded = options.recording.map(toRecorded)
    this.#turnstile = new Turnstile({
      engine: options.engine,
      peek: (ahead) => this.peek(ahead),
      isInput: (recorded) => options.isInput?.(recorded) === true,
      isPlanned: (recorded) => options.isPlanned?.(recorded) === true,
      pass: (recorded) => this.#advance(recorded),
      compare: (request, recorded) => {
        this.#compare({ kind: request.kind, payload: request.bytes(recorded), scope: request.scope }, recorded)
      },
      differ: (scope, request) => this.#differ(scope, request),
    })
    while (this.#cursor < (options.trustedSeq ?? 0)) this.adopt()
  }

  get runId(): string {
    return this.#options.recording[0]?.runId ?? ''
  }

  get engine(): Engine {
    return this.#options.engine
  }

  get lastHash(): Uint8Array | null {
    return this.#cursor === 0 ? null : this.#hashAt(this.#cursor - 1)
  }

  get lastSeq(): number {
    return this.#cursor
  }

  merkleRoot(): Uint8Array {
    return merkleRoot(Array.from({ length: this.#cursor }, (_, index) => this.#hashAt(index)))
  }

  get broken(): DivergenceError | undefined {
    return this.#turnstile.broken
  }

  /** After a difference nothing can be compared, and so nothing may be done. */
  get failure(): { readonly error: unknown } | undefined {
    return this.broken === undefined ? undefined : { error: this.broken }
  }

  peek(ahead = 0): Recorded | undefined {
    return this.#recorded[this.#cursor + ahead]
  }

  reset(): void {
    this.#turnstile.reset()
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
    return DONE
  }

  async emit<K extends Kind>(kind: K, source: PayloadSource<K>, options: EmitOptions): Promise<PayloadByKind[K]> {
    const { scope } = options
    assertOpen(scope)
    const accepted = await this.#turnstile.ask({
      scope,
      alone: kind !== KIND.SideEffectRecorded,
      kind,
      bytes: (recorded) => produce(kind, source, recorded).bytes,
      matches: (recorded) =>
        isOfKind(recorded, kind) && belongs(recorded, scope, () => resolveSource(source, recorded.payload)),
    })
    if (!isOfKind(accepted, kind)) throw callEnded(scope) // only a call that is taken over is served other kinds
    return accepted.payload
  }

  begin(scope: Scope, mode: ReplayMode): void {
    this.#turnstile.begin(scope, mode)
  }

  end(scope: Scope): void {
    this.#turnstile.end(scope)
  }

  park(scope: Scope, begin: () => void): void {
    this.#turnstile.park(scope, begin)
  }

  unpark(scope: Scope): void {
    this.#turnstile.unpark(scope)
  }

  next(scope: Scope): Promise<Recorded> {
    return this.#turnstile.ask({
      scope,
      alone: true,
      kind: KIND.ToolCallCompleted,
      bytes: () => new Uint8Array(0),
      matches: (recorded) => ownerOf(recorded) === scope.callId,
    })
  }

  #differ({ callId }: Scope, request: Request | undefined): DivergenceError {
    const produced =
      request === undefined
        ? undefined
        : { seq: this.#cursor + 1, kind: request.kind, payload: request.bytes(undefined) }
    return new DivergenceError(describeDivergence(this.#event(), produced, { callId }))
  }

  #compare(produced: Produced, recorded: Recorded | undefined): Recorded {
    const { kind, payload, scope } = produced
    if (recorded?.kind === kind && equalBytes(recorded.event.payload, payload)) return recorded
    const divergence = describeDivergence(
      recorded?.event,
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
    this.#cursor += 1
    this.#options.onStaged?.(recorded)
    // An event of a kind that this version does not know is part of the chain and of nothing else.
    for (let event = this.#event(); event !== undefined && !isKnownKind(event.kind); event = this.#event()) {
      this.#cursor += 1
    }
  }

  /** The next event carries the hash of the one before, and the chain has been checked: no need to hash again. */
  #hashAt(index: number): Uint8Array {
    const { recording } = this.#options
    const next = recording[index + 1]?.prevHash
    if (next !== undefined && next !== null) return next
    const event = recording[index]
    if (event === undefined) throw new RangeError(`the recording has no event ${index + 1}`)
    return hashEvent(event)
  }
}

const DONE = Promise.resolve()

/** An event that the run emits, to be compared. */
interface Produced {
  readonly kind: Kind
  readonly payload: Uint8Array
  readonly scope?: Scope | undefined
}

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

function turnOf(recorded: Recorded): string | undefined {
  const { payload } = recorded
  return 'turnId' in payload ? payload.turnId : undefined
}

import { createMerkleAccumulator, encodePayload, hashEvent } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import type { EventLog, Fence } from '@starling/eventlog'
import type { Clock } from './clock.ts'
import type { Engine } from './engine.ts'
import type { EmitOptions, PayloadSource, Recorded, RecordedListener, Recorder, Scope } from './recorder.ts'

/** How a live recorder is made. */
export interface LiveRecorderOptions {
  readonly log: EventLog
  readonly runId: string
  readonly engine: Engine
  readonly clock: Clock
  /** The events already in the log, in order. Default: none, a new run. */
  readonly history?: readonly Event[] | undefined
  /** The lease under which to append. */
  readonly fence?: (() => Fence | undefined) | undefined
  /** Told of every event in the order of emission, before it is durable. */
  readonly onStaged?: RecordedListener | undefined
  /** Told of every event once it is durable. */
  readonly onDurable?: ((event: Event) => void) | undefined
}

/** A recorder that appends, with what the loop needs to end a run whose append failed. */
export interface LiveRecorder extends Recorder {
  /** Forgets what was staged but never became durable, so that a terminal event can still be written. */
  rollback(history: readonly Event[]): void
}

/** Makes a recorder that chains events and appends them to a log. */
export function createLiveRecorder(options: LiveRecorderOptions): LiveRecorder {
  return new AppendingRecorder(options)
}

class AppendingRecorder implements LiveRecorder {
  readonly replaying = false
  readonly #options: LiveRecorderOptions
  #lastHash: Uint8Array | null = null
  #lastSeq = 0
  #merkle = createMerkleAccumulator()
  #staged: Event[] = []
  #inFlight: Promise<void> | undefined
  #next: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(options: LiveRecorderOptions) {
    this.#options = options
    this.#load(options.history ?? [])
  }

  get runId(): string {
    return this.#options.runId
  }

  get engine(): Engine {
    return this.#options.engine
  }

  get lastHash(): Uint8Array | null {
    return this.#lastHash
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  begin(): void {
    // Live, whoever emits first is first.
  }

  end(): void {
    // See begin.
  }

  merkleRoot(): Uint8Array {
    return this.#merkle.root()
  }

  stage<K extends Kind>(kind: K, source: PayloadSource<K>): PayloadByKind[K] {
    if (this.#failure !== undefined) throw this.#failure.error
    const payload = typeof source === 'function' ? source(undefined) : source
    const event: Event = {
      runId: this.#options.runId,
      seq: this.#lastSeq + 1,
      prevHash: this.#lastHash,
      ts: this.#options.clock.now(),
      kind,
      payload: encodePayload(kind, payload),
    }
    this.#advance(event)
    this.#staged.push(event)
    // The pair is made from one K: the union cannot see that.
    this.#options.onStaged?.({ kind, payload, event } as Recorded)
    return payload
  }

  async emit<K extends Kind>(
    _scope: Scope,
    kind: K,
    source: PayloadSource<K>,
    options: EmitOptions = {},
  ): Promise<PayloadByKind[K]> {
    const payload = this.stage(kind, source)
    if (options.settle !== 'later') await this.flush()
    return payload
  }

  /** Whoever calls while an append is under way shares the next one: one commit for all of them. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.#inFlight === undefined) {
      if (this.#staged.length === 0) return Promise.resolve()
      return (this.#inFlight = this.#append())
    }
    if (this.#staged.length === 0) return this.#inFlight
    this.#next ??= this.#inFlight.then(() => {
      this.#next = undefined
      return (this.#inFlight = this.#append())
    })
    return this.#next
  }

  rollback(history: readonly Event[]): void {
    this.#staged = []
    this.#failure = undefined
    this.#inFlight = undefined
    this.#next = undefined
    this.#load(history)
  }

  async #append(): Promise<void> {
    const events = this.#staged
    this.#staged = []
    const { log, runId, fence, onDurable } = this.#options
    try {
      await log.append(runId, events, { fence: fence?.() })
    } catch (error) {
      this.#failure = { error }
      throw error
    } finally {
      this.#inFlight = undefined
    }
    if (onDurable !== undefined) for (const event of events) onDurable(event)
  }

  #load(history: readonly Event[]): void {
    this.#merkle = createMerkleAccumulator()
    this.#lastHash = null
    this.#lastSeq = 0
    for (const event of history) this.#advance(event)
  }

  #advance(event: Event): void {
    const hash = hashEvent(event)
    this.#merkle.append(hash)
    this.#lastHash = hash
    this.#lastSeq = event.seq
  }
}

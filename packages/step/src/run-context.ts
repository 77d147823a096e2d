import { AsyncLocalStorage } from 'node:async_hooks'
import { decodeValue, encodeCbor, encodeValue, KIND } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import { isTransient, ToolError, transient } from '@starling/tool'
import type { AskOptions, ToolAnswer, ToolAttachment, ToolContext, ToolProgress, ToolQuestion } from '@starling/tool'
import { askPerson, NOBODY } from './ask-person.ts'
import { findAttachmentProblem } from './attachments.ts'
import type { Clock } from './clock.ts'
import { ENGINE } from './engine.ts'
import type { Entropy } from './entropy.ts'
import { errorText } from './error-text.ts'
import { QUESTION, SuspendedError } from './questions.ts'
import type { Recorder, Scope } from './recorder.ts'
import { StepError } from './step-error.ts'
import { effectKey, takeOver } from './tool-call.ts'
import type { CallEffects, EffectPlace, GivenAnswer, OpenQuestion } from './tool-call.ts'

/** What a call's readings are made of. */
export interface CallContextOptions {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly entropy: Entropy
  readonly scope: Scope
  readonly turnId: string
  readonly attempt: number
  readonly idempotencyKey: string
  readonly signal: AbortSignal
  /** Makes a call inside this one. */
  readonly callTool: (call: NestedCall) => Promise<string>
  /** Asks a person; rejects with the reason of the call's signal when that is aborted. Default: nobody is there. */
  readonly ask?: ((question: OpenQuestion) => Promise<GivenAnswer>) | undefined
  /** Whether a question of the tool is held when it does not say. */
  readonly holdsQuestions: boolean
  /** Told that the run is left over a question, once nothing else of the call is under way. */
  readonly onLeave: (reason: SuspendedError) => void
  /** When a question that is asked now expires, in milliseconds since the epoch. Default: never. */
  readonly expiry?: (() => number | undefined) | undefined
  /** What the call has recorded before it was cut off, and need not do again. Default: it begins anew. */
  readonly effects?: CallEffects | undefined
  /** Told how far the call has come. Default: nobody is. */
  readonly onProgress?: ((report: ToolProgress) => void) | undefined
}

/**
 * A tool call that a tool makes itself.
 *
 * It counts against the tool's own limit on concurrent calls, not against the
 * agent's. It is refused with `ToolError` `TOOL_DENIED` when the tool needs
 * an approval, or is not idempotent and the tool around it does not say so too:
 * after a crash that one would be made again, and this with it.
 */
export interface NestedCall {
  /** The name of a tool of the agent. */
  readonly tool: string
  /** The arguments as JSON text. Default: `{}`. */
  readonly input?: string | undefined
  /** Not that of a call that the model has planned. Default: the id of the outer call with a number after it. */
  readonly callId?: string | undefined
  /** Default: the turn of the outer call. */
  readonly turnId?: string | undefined
  /** How often to try when the failure is transient, unless the tool is not idempotent. Default: by the tool's policy. */
  readonly maxAttempts?: number | undefined
}

const KEY = Symbol.for('@starling/step/call')
const storage = sharedStorage()

/** Two copies of this package share one context: a tool may import another copy than the agent that calls it. */
function sharedStorage(): AsyncLocalStorage<CallContext> {
  const existing: unknown = Reflect.get(globalThis, KEY)
  if (existing instanceof AsyncLocalStorage) return existing
  const created = new AsyncLocalStorage<CallContext>()
  Reflect.set(globalThis, KEY, created)
  return created
}

/** The context of the tool call that this code is part of, if any. */
export function currentCall(): CallContext | undefined {
  return storage.getStore()
}

/** Calls `fn` as a part of the tool call behind `context`. */
export function withCall<T>(context: CallContext, fn: () => T): T {
  return storage.run(context, fn)
}

/** A {@link ToolContext} that records what it hands out. */
export interface CallContext extends ToolContext {
  /** The scope under which the call records. */
  readonly scope: Scope
  /** Draws an unsigned 64-bit integer, recorded. */
  randomUint64(): Promise<bigint>
  /** Calls another tool of the agent, recorded; resolves with the JSON text of its result, or throws what it threw. */
  callTool(call: NestedCall): Promise<string>
  /** What the tool has attached so far, each of them a copy. */
  readonly attachments: readonly ToolAttachment[]
  /** Refuses every later reading: the call has its outcome. */
  end(): void
}

/** Makes the context of one attempt of a tool call. */
export function createCallContext(options: CallContextOptions): CallContext {
  return new RecordingCallContext(options)
}

/** Side effects whose names begin like this are the runtime's own. */
const RESERVED = 'starling/'

type Named = EffectPlace & Pick<SideEffectRecorded, 'name'>

const NO_ATTACHMENTS: readonly ToolAttachment[] = []

class RecordingCallContext implements CallContext {
  readonly #options: CallContextOptions
  #ordinals: Map<string, number> | undefined
  #attachments: readonly ToolAttachment[] = NO_ATTACHMENTS
  #ended = false
  /** Why the call does nothing more, though it has no outcome. */
  #left: SuspendedError | undefined
  /** How many readings, side effects, questions and calls have not settled. */
  #underWay = 0
  /** Who waits for that to be none. */
  readonly #resting: (() => void)[] = []

  constructor(options: CallContextOptions) {
    this.#options = options
  }

  get runId(): string {
    return this.#options.recorder.runId
  }

  get turnId(): string {
    return this.#options.turnId
  }

  get callId(): string {
    return this.#options.scope.callId
  }

  get attempt(): number {
    return this.#options.attempt
  }

  get idempotencyKey(): string {
    return this.#options.idempotencyKey
  }

  get signal(): AbortSignal {
    return this.#options.signal
  }

  get scope(): Scope {
    return this.#options.scope
  }

  get attachments(): readonly ToolAttachment[] {
    return this.#attachments
  }

  end(): void {
    this.#ended = true
  }

  ask(question: ToolQuestion, options: AskOptions = {}): Promise<ToolAnswer> {
    const asked = this.#track(async () => this.#ask(question, options))
    return quiet(asked.catch(async (error: unknown) => this.#leave(error)))
  }

  async #ask(question: ToolQuestion, { held = this.#options.holdsQuestions }: AskOptions): Promise<ToolAnswer> {
    this.#assertRunning()
    if (this.#options.recorder.engine < ENGINE.asking) return this.#askAtOnce(question)
    const place = this.#place(QUESTION)
    // A call inside another cannot be made again by itself.
    const isHeld = held || this.#options.scope.parent !== undefined
    return askPerson({ question, held: isHeld, place }, this.#options, () => this.#assertRunning())
  }

  /** Before there was a place for what waits, a question was recorded with its answer. */
  async #askAtOnce(question: ToolQuestion): Promise<ToolAnswer> {
    const asked = { question, held: true, expiresAt: undefined, ordinal: 0 }
    const recorded = await this.#sideEffect(QUESTION, async () => {
      const { answer } = (await this.#options.ask?.(asked)) ?? NOBODY
      return { question, answer }
    })
    return recorded.answer
  }

  /** The run is left over a question when nothing else of the call is under way: what is would be lost, and done again. */
  async #leave(error: unknown): Promise<never> {
    if (!(error instanceof SuspendedError)) throw error
    do {
      if (this.#underWay > 0) await new Promise<void>((resolve) => this.#resting.push(resolve))
      await new Promise((resolve) => setImmediate(resolve)) // whoever waited for it may begin something else
    } while (this.#underWay > 0)
    this.#left ??= error
    this.#options.onLeave(this.#left)
    throw this.#left
  }

  /** Counts what is under way. A tool that does not wait for it must not end the process when it fails. */
  #track<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1
    const settled = (): void => {
      this.#underWay -= 1
      if (this.#underWay === 0) for (const resolve of this.#resting.splice(0)) resolve()
    }
    const tracked = work()
    tracked.then(settled, settled)
    return tracked
  }

  progress(report: ToolProgress): void {
    this.#assertRunning()
    if (!this.#options.recorder.replaying) this.#options.onProgress?.(report)
  }

  attach(attachment: ToolAttachment): void {
    this.#assertRunning()
    const problem = findAttachmentProblem(attachment)
    if (problem !== undefined) throw new ToolError('TOOL_INVALID_OUTPUT', problem)
    const { data } = attachment
    const copy = { ...attachment, data: typeof data === 'string' ? data : data.slice() }
    this.#attachments = [...this.#attachments, copy]
  }

  callTool(call: NestedCall): Promise<string> {
    return this.#track(async () => {
      this.#assertRunning()
      return this.#options.callTool(call)
    })
  }

  now(): Promise<number> {
    return this.#track(async () => Number((await this.#reading('now', () => this.#options.clock.now())) / 1_000_000n))
  }

  async random(): Promise<number> {
    return Number((await this.randomUint64()) >> 11n) / 2 ** 53
  }

  randomUint64(): Promise<bigint> {
    return this.#track(async () =>
      this.#reading('rand', () => {
        const bytes = this.#options.entropy.bytes(8)
        return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0)
      }),
    )
  }

  uuid(): Promise<string> {
    return this.#track(async () => this.#sideEffect('uuid', () => formatUuid(this.#options.entropy.bytes(16))))
  }

  sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    return this.#track(async () => {
      this.#assertUnreserved(name)
      return this.#sideEffect(name, fn)
    })
  }

  async #sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    this.#assertRunning()
    const { recorder, scope, effects } = this.#options
    const place = this.#place(name)
    const payload =
      effects?.get(effectKey({ name, ordinal: place.ordinal })) ??
      (recorder.replaying
        ? await recorder.emit(KIND.SideEffectRecorded, takeOver(name, place), { scope })
        : await this.#perform({ name, ...place }, fn))
    if (payload.error !== undefined) throw restoreError(payload)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what fn returned, as plain data: only the caller knows its type
    return decodeValue(payload.value) as T
  }

  async #perform(named: Named, fn: () => unknown): Promise<SideEffectRecorded> {
    const { recorder, scope } = this.#options
    let payload: SideEffectRecorded
    try {
      payload = { ...named, value: encodeValue(await fn()) }
    } catch (error) {
      if (recorder.engine === ENGINE.reference) throw error // the reference records successes only
      payload = { ...named, value: describeError(error), error: errorText(error) || 'unknown error' }
    }
    this.#assertRunning()
    return recorder.emit(KIND.SideEffectRecorded, payload, { scope })
  }

  async #reading(name: string, read: () => bigint): Promise<bigint> {
    this.#assertRunning()
    const { recorder, scope, effects } = this.#options
    const place = this.#place(name)
    const payload =
      effects?.get(effectKey({ name, ordinal: place.ordinal })) ??
      (await recorder.emit(
        KIND.SideEffectRecorded,
        recorder.replaying ? takeOver(name, place) : { name, value: encodeCbor(read()), ...place },
        { scope },
      ))
    const value = decodeValue(payload.value)
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new StepError('STEP_DIVERGED', `the recorded value of ${name} is not an integer`)
    }
    return BigInt(value)
  }

  /** The scope as recorded: the reference's recordings have none. */
  #place(name: string): EffectPlace {
    const { recorder, scope, attempt } = this.#options
    if (recorder.engine === ENGINE.reference) return {}
    this.#ordinals ??= new Map()
    const ordinal = this.#ordinals.get(name) ?? 0
    this.#ordinals.set(name, ordinal + 1)
    return { callId: scope.callId, attempt, ordinal }
  }

  #assertUnreserved(name: string): void {
    if (!name.startsWith(RESERVED) || this.#options.recorder.engine < ENGINE.governed) return
    const text = `the name ${JSON.stringify(name)} of a side effect is reserved: names must not begin with ${RESERVED}`
    throw new StepError('STEP_INVALID_OPTIONS', text)
  }

  #assertRunning(): void {
    if (this.#left !== undefined) throw this.#left
    if (this.#ended) {
      throw new StepError('STEP_CALL_ENDED', `call ${this.callId} has ended and can record nothing more`)
    }
  }
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

function describeError(error: unknown): Uint8Array {
  const facts: Record<string, unknown> = {}
  if (error instanceof Error && error.name !== 'Error') facts['name'] = error.name
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    facts['code'] = error.code
  }
  if (isTransient(error)) facts['transient'] = true
  return encodeValue(facts)
}

/** The error as a replay can make it: the same message, name, code and transience, live and replayed. */
function restoreError(payload: SideEffectRecorded): Error {
  const facts = new Map(Object.entries(decodeValue(payload.value) ?? {}))
  const message = payload.error ?? ''
  if (facts.get('transient') === true) return transient(message)
  const error = new Error(message)
  if (facts.has('name')) error.name = String(facts.get('name'))
  return facts.has('code') ? Object.assign(error, { code: String(facts.get('code')) }) : error
}

function formatUuid(random: Uint8Array): string {
  const hex = Array.from(random, (byte, index) => {
    const value = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte
    return value.toString(16).padStart(2, '0')
  }).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

import { blake3, encodeCbor, toHex, utf8Encode } from '@starling/event'
import type { SideEffectRecorded, ToolCallScheduled } from '@starling/event'
import type { Tool, ToolAttachment, ToolProgress } from '@starling/tool'
import type { Clock } from './clock.ts'
import type { Entropy } from './entropy.ts'
import type { Observer } from './observer.ts'
import type { RecordedAnswer, RecordedQuestion } from './questions.ts'
import type { Recorder, Scope } from './recorder.ts'

/** A call that has its outcome. */
export type EndedCall = {
  readonly tool: string
  /** Canonical CBOR. */
  readonly args: Uint8Array
} & (
  | {
      /** Canonical CBOR. */
      readonly result: Uint8Array
    }
  | { readonly error: string; readonly errorType: string }
)

/** What a call has recorded by itself, each side effect by its {@link effectKey}. */
export type CallEffects = ReadonlyMap<string, SideEffectRecorded>

/** Where in its run a side effect is recorded; nowhere in particular in recordings of the reference. */
export type EffectPlace = Pick<SideEffectRecorded, 'callId' | 'attempt' | 'ordinal'>

/** Where a call made under an id of its tool's choice is found again: `count` counts those of this id from 0. */
export function placeOfNested(callId: string, count: number): string {
  return `=${count}/${callId}`
}

/** Which of the side effects of its call one is: `ordinal` counts those of its name from 0. */
export function effectKey({ name, ordinal = 0 }: Pick<SideEffectRecorded, 'name' | 'ordinal'>): string {
  return `${ordinal}/${name}`
}

const NOTHING = encodeCbor(null)

/** The payload of a side effect in a replay: what was recorded in this place. */
export function takeOver(
  name: string,
  place: EffectPlace,
): (recorded: SideEffectRecorded | undefined) => SideEffectRecorded {
  return (recorded) => ({ name, value: recorded?.value ?? NOTHING, error: recorded?.error, ...place })
}

/** One call to be made: planned by the model, or by a tool. */
export interface CallPlan {
  /** The id under which the call is recorded. */
  readonly callId: string
  readonly turnId: string
  readonly tool: string
  /** The arguments, canonical CBOR. */
  readonly args: Uint8Array
  /** The arguments as canonical JSON text. */
  readonly input: string
  /** Why the arguments are not JSON. */
  readonly argsError?: string | undefined
  /** The planned call that this one stands in for, after a resume. */
  readonly reissueOf?: string | undefined
  /** The key of an earlier schedule of the same call. */
  readonly idempotencyKey?: string | undefined
  /** The last attempt that the log already holds a schedule for, in a replay that starts in the middle. Default: 0. */
  readonly scheduledAttempt?: number | undefined
  /**
   * How calls that this one made itself have ended, by their {@link placeOfNested} in it, before it was cut off: made
   * again by a resume, it gets those outcomes and not another call.
   */
  readonly inherited?: ReadonlyMap<string, EndedCall> | undefined
  /** What this one has recorded before it was cut off, when it goes on from there instead of beginning anew. */
  readonly effects?: CallEffects | undefined
  /** The outcome to record without calling the tool. */
  readonly refusal?: { readonly error: string; readonly errorType: string } | undefined
  /** The result to record without calling the tool, canonical CBOR. */
  readonly given?: Uint8Array | undefined
}

/** How a call ended. */
export type CallOutcome =
  | { readonly ok: true; readonly plan: CallPlan; readonly result: Uint8Array }
  | {
      readonly ok: false
      readonly plan: CallPlan
      readonly error: string
      readonly errorType: string
      /** What the tool threw, or, from a recording, an error of the same text. */
      readonly cause: unknown
    }

/** A result and its JSON text. */
export interface ResultText {
  readonly result: Uint8Array
  /** As it is recorded. */
  readonly canonical: string
  /** As the tool returned it. */
  readonly raw: string
}

/** The call that a tool speaks from. */
export interface CallOrigin {
  readonly turnId: string
  readonly callId: string
  readonly tool: string
  /** Aborted when the call ends from outside. */
  readonly signal: AbortSignal
}

/** A question that is on record and has no answer. */
export interface OpenQuestion extends RecordedQuestion {
  /** Which of the questions of its call it is, from 0. */
  readonly ordinal: number
}

/** An answer, and who gave it. */
export interface GivenAnswer extends Pick<RecordedAnswer, 'answer' | 'by' | 'reason'> {
  /** To be called once the answer is durable. Default: nobody wants to know. */
  readonly onRecorded?: (() => void) | undefined
}

/** What the calls of a run share. */
export interface CallEnvironment {
  readonly recorder: Recorder
  readonly tools: ReadonlyMap<string, Tool>
  readonly clock: Clock
  readonly entropy: Entropy
  readonly observers: readonly Observer[]
  /** Aborted when the run is cancelled or its deadline passes. */
  readonly signal: AbortSignal
  /** How many planned calls run at once. */
  readonly maxParallel: number
  /** How long a cancelled tool may take to give up by itself, in milliseconds. */
  readonly cancelGraceMs: number
  /** Why the model cannot be shown what a tool has attached; `undefined` when it can. Default: it can. */
  readonly refuseAttachments?: ((attachments: readonly ToolAttachment[]) => string | undefined) | undefined
  /** Whether the budget lets a call be tried once more. Default: it does. */
  readonly mayRetry?: (() => boolean) | undefined
  /** Told the text of a result, canonical and as the tool returned it, before its event is emitted. */
  readonly onResultText?: ((callId: string, text: ResultText) => void) | undefined
  /** Why a tool may not make a call itself; `undefined` when it may. Default: it may. */
  readonly mayNest?: ((tool: string, input: string) => string | undefined) | undefined
  /** Whether the model has planned a call of this id, or one is recorded under it. Default: none is. */
  readonly isPlanned?: ((callId: string) => boolean) | undefined
  /**
   * Asks a person what a tool wants to know; rejects with the reason of the call's signal when that is aborted, and with
   * `SuspendedError` when the run is to be left for another process. Default: nobody is there.
   */
  readonly ask?: ((question: OpenQuestion, from: CallOrigin) => Promise<GivenAnswer>) | undefined
  /** When a question that a tool asks now expires, in milliseconds since the epoch. Default: never. */
  readonly expiryOf?: ((tool: string) => number | undefined) | undefined
  /** Told how far a call has come. Default: nobody is. */
  readonly onProgress?: ((report: ToolProgress, from: CallOrigin) => void) | undefined
  /** Whether a replay calls the tools again, or takes every recorded outcome. */
  readonly replayTools: 'execute' | 'recorded'
}

/** The key of a call that has none yet: it follows from the chain up to the call's schedule. */
export function idempotencyKeyOf(lastHash: Uint8Array | null, callId: string): string {
  const id = utf8Encode(callId)
  const input = new Uint8Array((lastHash?.length ?? 0) + id.length)
  if (lastHash !== null) input.set(lastHash)
  input.set(id, lastHash?.length ?? 0)
  return toHex(blake3(input).subarray(0, 16))
}

/** The scope under which a call emits. */
export function scopeOfCall(plan: CallPlan, parent?: Scope): Scope {
  return { callId: plan.callId, parent }
}

/** The schedule of an attempt, as its payload. */
export function scheduleOf(plan: CallPlan, attempt: number, idempKey: string | undefined): ToolCallScheduled {
  const { callId, turnId, tool, args, reissueOf } = plan
  return { callId, turnId, tool, args, attempt, idempKey, reissueOf }
}

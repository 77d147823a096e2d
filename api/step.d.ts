// dist/attachments.d.ts
import type { RecordedAttachment } from '@starling/event';
import type { Attachment } from '@starling/provider';
/** Finds why something cannot go along with a message, in one line. */
export declare function findAttachmentProblem(value: unknown): string | undefined;
/** Attachments as they are recorded; the bytes are copied, so that nobody changes what is on record. */
export declare function toRecordedAttachments(given?: readonly Attachment[]): readonly RecordedAttachment[] | undefined;
/**
 * Estimates the input tokens of an attachment: 1,500 for an image, which is
 * what the vendors count for a large one; a third of the bytes of a text; 1,500
 * for every 64 KiB begun of any other file, about one page of a PDF; and of
 * what lies at an address, whose size nobody knows, as much as for the least.
 */
export declare function attachmentTokens({ type, mediaType, data }: Attachment): number;
/** Recorded attachments as they go to the model. */
export declare function toAttachments(recorded?: readonly RecordedAttachment[]): readonly Attachment[] | undefined;

// dist/budget.d.ts
import type { BudgetCaps, BudgetExceeded } from '@starling/event';
import type { Recorder } from './recorder.ts';
import { StepError } from './step-error.ts';
/** What a run has used so far, over all its resumes. */
export interface Spending {
    /** All prompt tokens: uncached, read from and written to a cache. */
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
    /** Scheduled tool calls: retries, and the calls that tools make themselves, count; what a resume makes again does not. */
    readonly toolCalls: number;
}
/** A cap that was crossed, and by what. */
export type BudgetTrip = Pick<BudgetExceeded, 'limit' | 'cap' | 'actual'>;
/** Thrown when a cap is crossed; the event to record says which. */
export declare class BudgetError extends StepError {
    readonly exceeded: BudgetExceeded;
    constructor(exceeded: BudgetExceeded);
}
/** Stages that a cap was crossed; returns what to throw. */
export declare function exceed(recorder: Recorder, exceeded: BudgetExceeded): BudgetError;
/** The names of the caps that a budget can have. */
export declare const BUDGET_CAPS: readonly string[];
/**
 * Checks a budget as configured.
 *
 * @throws {@link StepError} `STEP_INVALID_OPTIONS` for a cap that is not a number, is negative or has no name here.
 */
export declare function checkBudget(budget: BudgetCaps): void;
/** Which cap, if any, a model call with about this much input would cross; 0 is no cap. */
export declare function checkBeforeCall(budget: BudgetCaps, spent: Spending, estimate: {
    readonly tokens: number;
    readonly usd: number;
}): BudgetTrip | undefined;
/** Whether {@link checkSpent} can find anything: most runs have no cap that a single chunk could cross. */
export declare function limitsSpending(budget: BudgetCaps): boolean;
/** Which cap, if any, the run has crossed with what it has used. Output comes before USD, as in the reference. */
export declare function checkSpent(budget: BudgetCaps, spent: Spending): BudgetTrip | undefined;
/**
 * Whether scheduling `count` more tool calls would cross the cap on them.
 *
 * Checked before the calls that the model plans, which ends the run, and before
 * every retry, which leaves the failure as it is. The calls that tools make
 * themselves count, and are not stopped.
 */
export declare function checkToolCalls(budget: BudgetCaps, spent: Spending, count: number): BudgetTrip | undefined;

// dist/clock.d.ts
/** Where time comes from. */
export interface Clock {
    /** The wall clock: nanoseconds since the Unix epoch. */
    now(): bigint;
    /** A clock that never goes backwards, in milliseconds from any origin. */
    elapsedMs(): number;
    /** Resolves after `ms`; rejects with the signal's reason when aborted before. */
    sleep(ms: number, options?: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<void>;
}
/**
 * Makes a wall clock in nanoseconds out of one in milliseconds and a monotonic
 * one: it ticks with the monotonic one, which is finer, and follows the wall
 * clock when that is set or the machine was asleep.
 */
export declare function createWallClock(wallMs: () => number, elapsedMs: () => number): () => bigint;
/** The clock of this machine. */
export declare const systemClock: Clock;

// dist/dispatch.d.ts
import type { ReplayedBatch } from './replayed-call.ts';
import type { CallEnvironment, CallOutcome, CallPlan } from './tool-call.ts';
/**
 * Makes the planned calls of a turn: schedules all of them, runs them
 * concurrently, and resolves with their outcomes in plan order. The last
 * outcome is staged, not flushed: it belongs to the next step's commit.
 */
export declare function dispatchCalls(environment: CallEnvironment, plans: readonly CallPlan[], replay?: ReplayedBatch): Promise<readonly CallOutcome[]>;

// dist/divergence.d.ts
import type { Event } from '@starling/event';
import { StepError } from './step-error.ts';
/** How a replay differs from its recording. */
export type DivergenceClass = 
/** The run emits more than was recorded. */
'exhausted'
/** Another kind of event was recorded. */
 | 'kind'
/** The same kind with another payload was recorded. */
 | 'payload'
/** No turn id was recorded where a turn starts. */
 | 'turn_id'
/** More was recorded than the run emits. */
 | 'missing';
/** One difference between a recording and its replay. */
export interface Divergence {
    /** Position in the recording. */
    readonly seq: number;
    readonly class: DivergenceClass;
    /** Name of the kind that the replay produced; empty when it produced nothing. */
    readonly kind: string;
    /** Name of the recorded kind; empty when nothing was recorded. */
    readonly expectedKind: string;
    /** Where in the payload, like `tool_uses[0].args.path`. */
    readonly path?: string | undefined;
    readonly recorded?: unknown;
    readonly produced?: unknown;
    readonly turnId?: string | undefined;
    readonly callId?: string | undefined;
    /** The tool of the call. */
    readonly tool?: string | undefined;
    readonly message: string;
}
/** Thrown where a replay leaves its recording. */
export declare class DivergenceError extends StepError {
    readonly divergence: Divergence;
    constructor(divergence: Divergence);
}
/** Where in the run a divergence happened, for the report. */
export interface DivergencePlace {
    readonly turnId?: string | undefined;
    readonly callId?: string | undefined;
}
/** Describes the difference between a recorded event and what was produced in its place. */
export declare function describeDivergence(recorded: Event | undefined, produced: {
    readonly seq: number;
    readonly kind: number;
    readonly payload: Uint8Array;
} | undefined, place?: DivergencePlace): Divergence;

// dist/engine.d.ts
/**
 * The rules a run is recorded under, written into `RunStarted.engine`.
 *
 * A recording without the key was written by the Go reference, or by this
 * runtime in its reference profile: no extension keys, side effects found by
 * position, a failed tool ends the run, budgets count per model call.
 *
 * - `scoped`: this runtime's own rules, with extension keys.
 * - `governed`: as well, a call that waits for a decision has a request on
 *   record, and calls that wait for none are made meanwhile; what was refused
 *   is no call in doubt after a crash; side effects named `starling/…` and the
 *   ids of planned calls are not for tools to use; a forced tool choice ends
 *   with the first call; attachments count in the estimate before a call.
 * - `asking`: as well, a question of a tool is on record before it waits, in an
 *   event of its own, and a call that was cut off while it asked goes on from
 *   there; what people say and decide while calls run stands among their events.
 *
 * Behaviour that changes what a replay emits gets the next number; the old
 * numbers stay replayable.
 */
export declare const ENGINE: {
    readonly reference: 0;
    readonly scoped: 1;
    readonly governed: 2;
    readonly asking: 3;
};
/** A number of {@link ENGINE}. */
export type Engine = (typeof ENGINE)[keyof typeof ENGINE];

// dist/entropy.d.ts
/** Where randomness comes from. */
export interface Entropy {
    /** Returns `length` unpredictable bytes. */
    bytes(length: number): Uint8Array;
}
/** The randomness of this machine. */
export declare const systemEntropy: Entropy;
/** Where the ids of runs, turns and calls come from. */
export interface IdSource {
    /** Mints a ULID for a run, a turn or a tool call. */
    mint(purpose: 'run' | 'turn' | 'call'): string;
}
/** Mints ULIDs from a clock and a source of randomness. */
export declare function createIdSource(clock: {
    now(): bigint;
}, entropy: Entropy): IdSource;

// dist/error-text.d.ts
/** The one-line text of anything that was thrown, whatever it is made of. */
export declare function errorText(error: unknown): string;
/** The longest beginning of a text that is at most `bytes` long in UTF-8; cuts no character apart. */
export declare function truncateText(text: string, bytes: number): string;

// dist/failed-attempt.d.ts
import type { BudgetCaps, TurnFailed } from '@starling/event';
import { ProviderError } from '@starling/provider';
import type { ModelChunk, Usage } from '@starling/provider';
import type { Spending } from './budget.ts';
import type { Entropy } from './entropy.ts';
import type { ModelRate } from './model-rate.ts';
import type { Recorder } from './recorder.ts';
/** When a failed model call is tried again. */
export interface RetryPolicy {
    /** All attempts of one model call. Default: 3. */
    readonly maxAttempts?: number | undefined;
    /** Before the second attempt, in milliseconds; doubles with every further one. Default: 500. */
    readonly initialDelayMs?: number | undefined;
    /**
     * The longest wait, in milliseconds. A vendor that asks for more ends the
     * call; of one that asks for less it is waited up to a quarter longer, so that
     * not all come back at once. Default: 60,000.
     */
    readonly maxDelayMs?: number | undefined;
}
/** What recording a failed attempt needs of its call. */
export interface FailureOptions {
    readonly recorder: Recorder;
    readonly entropy: Entropy;
    readonly retry: RetryPolicy;
    readonly budget: BudgetCaps;
    /** What the run has used without the attempt. */
    readonly spent: Spending;
    readonly rate: ModelRate | undefined;
    /** The rate of who was asked instead. */
    readonly rateOf: (by: {
        readonly providerId: string;
        readonly model: string;
    }) => ModelRate | undefined;
}
/** An attempt of a model call that has failed. */
export interface FailedAttempt {
    readonly turnId: string;
    readonly attempt: number;
    readonly error: unknown;
    readonly partialText: string;
    /** What the vendor says it has used; `undefined` when it has not said. */
    readonly usage: Usage | undefined;
}
type AttemptFailed = Extract<ModelChunk, {
    type: 'attempt-failed';
}>;
/** The error that a recorded failure stands for. */
export declare function errorFromTurnFailed(failed: TurnFailed): ProviderError;
/**
 * Stages the failure of a call; returns how long to wait before the next
 * attempt, or nothing when there is none. In a replay what the recording says
 * comes next, also what the provider had decided by itself.
 *
 * @throws {@link BudgetError} when the attempt has used more than a cap lets; its event is staged too.
 */
export declare function failAttempt(options: FailureOptions, failed: FailedAttempt): number | undefined;
/**
 * Stages a failed attempt after which the provider goes on by itself.
 *
 * @throws the error of the attempt, in the reference: its log has no place for it; {@link BudgetError} as
 *   {@link failAttempt} does.
 */
export declare function recordFailedAttempt(options: FailureOptions, failed: FailedAttempt & AttemptFailed): void;
export {};

// dist/find-rate.d.ts
import type { ModelRate, PriceTable } from './model-rate.ts';
/**
 * How a rate was found, the surest first:
 *
 * - `exact`: the table has the name as it is.
 * - `free`: a variant that OpenRouter gives away, `….:free`.
 * - `plain`: the table has it without what says where the model is served, or which release it is.
 * - `alias`: the table has it under another name of the same model.
 * - `pattern`: a key of the table that ends in `*` covers it.
 */
export type RateRule = 'exact' | 'free' | 'plain' | 'alias' | 'pattern';
/** A rate, and where it comes from. */
export interface FoundRate {
    readonly rate: ModelRate;
    /** The key of the table; of a free variant its own name. */
    readonly key: string;
    readonly rule: RateRule;
}
/**
 * Finds the rate of a model. `undefined` when the table does not know it:
 * another model's rate would be worse than none.
 *
 * @param provider The id of the provider that serves the model. Default: whoever the name itself speaks of.
 */
export declare function findRate(model: string, table?: PriceTable, provider?: string): ModelRate | undefined;
/**
 * Like {@link findRate}, and says how the rate was found.
 *
 * Names may carry what a vendor or a cloud puts around them: `openai/gpt-4o`,
 * `models/gemini-2.5-pro`, `us.anthropic.claude-opus-4-5-20251101-v1:0`, an
 * ARN, `claude-opus-4@20250514`, `…-preview-05-06`, `…-latest`, `…:nitro`.
 *
 * A key such as `groq:openai/gpt-oss-120b` is the rate of a model at one
 * provider, and comes before that of the name alone. What a host of other
 * vendors' models serves has no other built-in rate than such a one, and what
 * runs on a server of one's own has none.
 */
export declare function lookUpRate(model: string, table?: PriceTable, provider?: string): FoundRate | undefined;

// dist/index.d.ts
export { findAttachmentProblem, toAttachments, toRecordedAttachments } from './attachments.ts';
export { BUDGET_CAPS, BudgetError, checkBudget, checkSpent, checkToolCalls } from './budget.ts';
export type { BudgetTrip, Spending } from './budget.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { dispatchCalls } from './dispatch.ts';
export { DivergenceError, describeDivergence } from './divergence.ts';
export type { Divergence, DivergenceClass, DivergencePlace } from './divergence.ts';
export { ENGINE } from './engine.ts';
export type { Engine } from './engine.ts';
export { createIdSource, systemEntropy } from './entropy.ts';
export type { Entropy, IdSource } from './entropy.ts';
export { errorText } from './error-text.ts';
export { createLiveRecorder } from './live-recorder.ts';
export type { LiveRecorder, LiveRecorderOptions } from './live-recorder.ts';
export { errorFromTurnFailed } from './failed-attempt.ts';
export type { RetryPolicy } from './failed-attempt.ts';
export { isWithin, SCHEDULED_LEVELS } from './nesting.ts';
export { callModel, RecordedTrip } from './model-call.ts';
export type { AnswerSource, ModelCallOptions } from './model-call.ts';
export { observe } from './observer.ts';
export type { Observer, Operation, OperationOutcome } from './observer.ts';
export { findRate, lookUpRate } from './find-rate.ts';
export type { FoundRate, RateRule } from './find-rate.ts';
export { checkPrices } from './model-rate.ts';
export type { LongPromptRate, ModelRate, PriceTable, TokenRate } from './model-rate.ts';
export { DEFAULT_PRICES, PRICES_AS_OF, VENDOR_PRICES } from './price-table.ts';
export type { VendorPrices } from './price-table.ts';
export { toUsage } from './priced.ts';
export type { RecordedUsage } from './priced.ts';
export { costOf, rateFor, rateFromRecord } from './prices.ts';
export { createPrompt, hashToolRegistry } from './prompt.ts';
export type { Prompt, PromptOptions, RequestSettings } from './prompt.ts';
export { callTool, now, random, randomUint64, sideEffect, uuid } from './readings.ts';
export { isOfKind, toRecorded } from './recorded.ts';
export type { Recorded, RecordedListener } from './recorded.ts';
export type { EmitOptions, PayloadSource, Recorder, ReplayMode, Scope } from './recorder.ts';
export { ANSWER, decodeAnswer, decodeQuestion, encodeAnswer, hashQuestion, QUESTION, SuspendedError, } from './questions.ts';
export type { RecordedAnswer, RecordedQuestion } from './questions.ts';
export { fieldsOf, textOf } from './plain-fields.ts';
export { createReplayRecorder } from './replay-recorder.ts';
export type { ReplayRecorder, ReplayRecorderOptions } from './replay-recorder.ts';
export type { ReplayedBatch } from './replayed-call.ts';
export { currentCall } from './run-context.ts';
export type { CallContext, NestedCall } from './run-context.ts';
export { StepError } from './step-error.ts';
export type { StepErrorCode } from './step-error.ts';
export { effectKey, placeOfNested } from './tool-call.ts';
export type { CallEffects, CallEnvironment, CallOrigin, CallOutcome, CallPlan, EndedCall, GivenAnswer, OpenQuestion, } from './tool-call.ts';
export { CutOffError } from './turnstile.ts';

// dist/live-recorder.d.ts
import type { Event } from '@starling/event';
import type { EventLog, Fence } from '@starling/eventlog';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { RecordedListener } from './recorded.ts';
import type { Recorder } from './recorder.ts';
/** How a live recorder is made. */
export interface LiveRecorderOptions {
    readonly log: EventLog;
    readonly runId: string;
    readonly engine: Engine;
    readonly clock: Clock;
    /** The lease under which to append. */
    readonly fence?: (() => Fence | undefined) | undefined;
    /** Told of every event in the order of emission, before it is durable. */
    readonly onStaged?: RecordedListener | undefined;
    /** Told of every event once it is durable. */
    readonly onDurable?: RecordedListener | undefined;
}
/** A recorder that appends. */
export interface LiveRecorder extends Recorder {
    /** The `seq` of the last event that the log has taken. */
    readonly durableSeq: number;
    /** Goes on after events that the log holds already: all of them, in order and of a checked chain, before it emits any. */
    follow(events: readonly Event[]): void;
}
/** Makes a recorder that chains events and appends them to a log. */
export declare function createLiveRecorder(options: LiveRecorderOptions): LiveRecorder;

// dist/model-call.d.ts
import type { AssistantMessageCompleted, BudgetCaps, BudgetExceeded } from '@starling/event';
import type { CallOptions, ModelChunk, ModelRequest } from '@starling/provider';
import type { Spending } from './budget.ts';
import type { Clock } from './clock.ts';
import type { Entropy, IdSource } from './entropy.ts';
import type { RetryPolicy } from './failed-attempt.ts';
import type { Observer } from './observer.ts';
import type { ModelRate } from './model-rate.ts';
import type { Prompt } from './prompt.ts';
import type { Recorder } from './recorder.ts';
/** Where a model's answer comes from: a provider, or a recording. */
export type AnswerSource = (request: ModelRequest, options: Required<CallOptions>) => AsyncIterable<ModelChunk> | Iterable<ModelChunk>;
/** Thrown by the source of a replay where the recording says that a cap was crossed in mid-stream. */
export declare class RecordedTrip extends Error {
    readonly exceeded: BudgetExceeded;
    constructor(exceeded: BudgetExceeded);
}
/** What one turn of a run needs. */
export interface ModelCallOptions {
    readonly recorder: Recorder;
    readonly prompt: Prompt;
    readonly params: ModelRequest['params'];
    /** Whether the model may choose freely, whatever the settings force it to call. Default: `false`. */
    readonly liftsToolChoice?: boolean | undefined;
    readonly source: AnswerSource;
    readonly providerId: string;
    /** The provider that the run was begun with. Default: the same. */
    readonly runProviderId?: string | undefined;
    /** The model that the run was begun with. Default: the same. */
    readonly runModel?: string | undefined;
    readonly signal: AbortSignal;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly ids: IdSource;
    readonly budget: BudgetCaps;
    /** Without this call; read again after every attempt of it that failed. */
    readonly spent: Spending;
    readonly rate: ModelRate | undefined;
    /** The rate of who answered instead. */
    readonly rateOf: (by: {
        readonly providerId: string;
        readonly model: string;
    }) => ModelRate | undefined;
    readonly retry: RetryPolicy;
    readonly requireRawResponseHash: boolean;
    readonly observers: readonly Observer[];
    /** Rewrites the arguments of a planned call before they are recorded. */
    readonly redactInput?: ((tool: string, args: Uint8Array) => Uint8Array) | undefined;
}
/**
 * Makes one turn: the check before the call, the call with its retries, and
 * the answer, staged but not yet flushed.
 *
 * @throws {@link BudgetError} with the event already staged; {@link ProviderError}; the signal's reason.
 */
export declare function callModel(options: ModelCallOptions): Promise<AssistantMessageCompleted>;

// dist/model-rate.d.ts
/** What tokens cost, in USD per million. */
export interface TokenRate {
    readonly input: number;
    readonly output: number;
    /** Default: the input rate. */
    readonly cacheRead?: number | undefined;
    /** Where a vendor charges by how long an entry lives, the rate of the shortest. Default: the input rate. */
    readonly cacheWrite?: number | undefined;
    /** Of entries that live an hour. Default: the cacheWrite rate. */
    readonly cacheWriteLong?: number | undefined;
    /** Default: the output rate. */
    readonly reasoning?: number | undefined;
}
/** What a model costs, in USD per million tokens. */
export interface ModelRate extends TokenRate {
    /** What every token of a call costs whose prompt is long. Default: the same as any other. */
    readonly above?: LongPromptRate | undefined;
}
/** What a call costs whose prompt is long. */
export interface LongPromptRate {
    /** A prompt is long when it has more tokens than this, those of the cache included. */
    readonly promptTokens: number;
    readonly rate: TokenRate;
}
/** Rates by model name. A key ending in `*` matches every name that begins with what is before it. */
export type PriceTable = Readonly<Record<string, ModelRate>>;
/**
 * Checks a price table as configured.
 *
 * @throws {@link StepError} `STEP_INVALID_OPTIONS` for a rate that is not a number, is negative or is not finite.
 */
export declare function checkPrices(table: PriceTable): void;

// dist/nesting.d.ts
/** How deep the arguments and the result of one call may be nested: the payload around them is a level of its own. */
export declare const SCHEDULED_LEVELS = 31;
/** How deep planned arguments may be nested: they lie in a call in a list in a payload. */
export declare const PLANNED_LEVELS = 29;
/**
 * The canonical JSON text of a value that can be read again inside a payload.
 *
 * @throws {@link ToolError} `TOOL_INVALID_INPUT` for arguments, `TOOL_INVALID_OUTPUT` for a result, nested deeper than `levels`.
 */
export declare function textWithin(levels: number, value: Uint8Array, what: 'arguments' | 'result'): string;
/** Whether a JSON text is nested no deeper than `levels`. Its canonical text is not either; it may be less deep. */
export declare function isWithin(levels: number, text: string): boolean;

// dist/observer.d.ts
import type { ModelChunk, Usage } from '@starling/provider';
/** A stretch of work that an observer can time and trace. */
export type Operation = {
    readonly type: 'run';
    readonly runId: string;
    readonly resumed: boolean;
    readonly agent: {
        readonly model: string;
        readonly provider: string;
    };
} | {
    readonly type: 'turn';
    readonly runId: string;
    readonly index: number;
} | {
    readonly type: 'model';
    readonly runId: string;
    readonly model: string;
    readonly provider: string;
    readonly turnId: string;
    readonly attempt: number;
} | {
    readonly type: 'tool';
    readonly runId: string;
    readonly tool: string;
    readonly known: boolean;
    readonly callId: string;
    readonly attempt: number;
};
/** How an operation ended. */
export interface OperationOutcome {
    readonly status: 'ok' | 'error' | 'cancelled' | 'budget';
    /** `none`, or the class of the failure. */
    readonly errorType: string;
    readonly error?: unknown;
    readonly turnId?: string | undefined;
    readonly usage?: Usage | undefined;
    readonly stopReason?: string | undefined;
    /** The cap that ended a run, by its name in the log. */
    readonly budgetLimit?: string | undefined;
}
/** Sees the work of a run without changing it. Throwing from an observer is a programmer error. */
export interface Observer {
    /** Runs `work` and learns its outcome; must return what `work` returns. */
    around?<T>(operation: Operation, work: () => Promise<T>, outcomeOf: (result: T) => OperationOutcome): Promise<T>;
    /** Told of every chunk of a model's answer, before anything is recorded of it. */
    onChunk?(turnId: string, chunk: ModelChunk): void;
}
/** Runs `work` inside every observer that wants to surround it, the first outermost. */
export declare function observe<T>(observers: readonly Observer[], operation: Operation, work: {
    readonly run: () => Promise<T>;
    readonly outcomeOf: (result: T) => OperationOutcome;
}): Promise<T>;

// dist/plain-fields.d.ts
/** The fields of a decoded map; none of anything else. */
export declare function fieldsOf(value: unknown): ReadonlyMap<string, unknown>;
/** A text, or nothing. */
export declare function textOf(value: unknown): string | undefined;

// dist/price-table.d.ts
import type { PriceTable } from './model-rate.ts';
import type { AliasTable } from './prices-aliases.ts';
/** When {@link DEFAULT_PRICES} was last compared with the vendors' lists. */
export declare const PRICES_AS_OF = "2026-11-21";
/** The rates of one vendor. */
export interface VendorPrices {
    readonly vendor: string;
    /** Where the vendor publishes them. */
    readonly source: string;
    readonly prices: PriceTable;
    /** Other names of the models by their key in `prices`: those worth listing, for `lookUpRate` knows more. */
    readonly aliases: AliasTable;
}
/** The built-in rates by vendor. */
export declare const VENDOR_PRICES: readonly VendorPrices[];
/** The built-in rates. */
export declare const DEFAULT_PRICES: PriceTable;

// dist/priced.d.ts
import type { AssistantMessageCompleted, TurnFailed, UsedRate } from '@starling/event';
import type { Usage } from '@starling/provider';
import type { ModelRate } from './model-rate.ts';
/** The token counts of a call, as they are recorded with its answer or its failure. */
export type RecordedUsage = Pick<TurnFailed & AssistantMessageCompleted, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheCreateTokens' | 'cacheCreateLongTokens' | 'reasoningTokens'>;
/** What a call cost, and at which rate. */
export interface Priced {
    readonly costUsd: number;
    readonly rate?: UsedRate | undefined;
}
/** Prices a call that has just been made. */
export declare function priced(usage: Usage, rate: ModelRate | undefined): Priced;
/** Prices a recorded call at its own rate, so that a changed price list changes no replay. */
export declare function pricedAsRecorded(usage: Usage, recorded: Pick<TurnFailed, 'costUsd' | 'rate'>): Priced;
/** The token counts of a call as they are recorded. */
export declare function toRecordedUsage(usage: Usage): RecordedUsage;
/** Recorded token counts as the vendor reported them. */
export declare function toUsage(recorded: Pick<TurnFailed, keyof RecordedUsage>): Usage;
/** Whether a call has used anything. */
export declare function isUsed(usage: Usage): boolean;

// dist/prices-aliases.d.ts
/** Other names of models by the key that a price table has for them. */
export type AliasTable = Readonly<Record<string, readonly string[]>>;
/** Turns alias tables around: the key of each alias. */
export declare function keysByAlias(tables: readonly AliasTable[]): ReadonlyMap<string, string>;

// dist/prices.d.ts
import type { UsedRate } from '@starling/event';
import type { Usage } from '@starling/provider';
import type { ModelRate, TokenRate } from './model-rate.ts';
/** The rate that applies to a call with so many tokens of prompt, those of the cache included. */
export declare function rateFor(rate: ModelRate, promptTokens: number): TokenRate;
/**
 * The cost of a model call in USD. Input and output are added first and in the
 * reference's order, so that a call without cache costs the same bits there.
 * Of a rate that depends on the prompt, take {@link rateFor} first.
 */
export declare function costOf(usage: Usage, rate: TokenRate): number;
/** The reference's cost: neither cache tokens nor the length of the prompt enter. */
export declare function referenceCost(usage: Usage, rate: TokenRate | undefined): number;
/**
 * A rate with every part written out, as it is recorded: zero is left out of a
 * record, so nothing else may be. The rate of long cache writes is the exception:
 * early recordings have none, and so there is none where it is that of the others.
 */
export declare function effectiveRate(rate: TokenRate): TokenRate;
/** A recorded rate as one to compute with: what it leaves out is free. */
export declare function rateFromRecord(rate: UsedRate): ModelRate;
/** What a recorded call cost at its recorded rate. Early recordings left out what had its default; the recorded cost tells. */
export declare function costFromRecord(usage: Usage, rate: UsedRate, recordedUsd: number): number;

// dist/prompt.d.ts
import type { Message, ModelRequest, ToolDefinition } from '@starling/provider';
/** How every request of a run asks for its answer. */
export type RequestSettings = Omit<ModelRequest, 'model' | 'systemPrompt' | 'messages' | 'tools' | 'params'>;
/** The parts of a request that stay the same over a run. */
export interface PromptOptions {
    readonly model: string;
    readonly systemPrompt: string;
    readonly tools: readonly ToolDefinition[];
    /** Provider parameters as one CBOR item. */
    readonly params: Uint8Array | null;
    /** The settings of every request. Default: none. */
    readonly settings?: RequestSettings | undefined;
    /** Whether reasoning blocks take part in the hash; the reference leaves them out. */
    readonly hashReasoning: boolean;
    /** Who is asked: of an answer that names another provider, the name is part of the hash. Default: nobody. */
    readonly providerId?: string | undefined;
    /** Whether attachments are part of the estimate. Default: `false`, as in early recordings. */
    readonly countAttachments?: boolean | undefined;
}
/**
 * The prompt of a run: grows message by message and knows its own hash and
 * size, so that a turn costs what it adds and not what came before.
 *
 * The hash is BLAKE3-256 over the canonical CBOR of the request under the
 * reference's field names: `TopK`, `Model`, `Tools`, `Params`, `Messages`,
 * `ToolChoice`, `SystemPrompt`, `StopSequences`, `MaxOutputTokens`; settings
 * that the reference does not have are one more, `Settings`, when there are any.
 */
export interface Prompt {
    readonly messages: readonly Message[];
    append(message: Message): void;
    /** BLAKE3-256 of the request with the messages so far, 32 bytes. */
    hash(liftsToolChoice?: boolean): Uint8Array;
    /**
     * The reference's estimate of the input tokens: a third of the code points,
     * rounded. Attachments, of which the reference has none, add what
     * `attachmentTokens` says.
     */
    estimateTokens(): number;
    /**
     * The request with the messages so far.
     *
     * @param liftsToolChoice - leaves the tool choice of the settings out. Default: `false`.
     */
    request(params: ModelRequest['params'], liftsToolChoice?: boolean): ModelRequest;
}
/** Makes an empty prompt. */
export declare function createPrompt(options: PromptOptions): Prompt;
/** Hashes a tool registry: BLAKE3-256 of the canonical CBOR of the list, which is sorted by name; `null` without tools. */
export declare function hashToolRegistry(refs: readonly {
    readonly name: string;
    readonly schemaHash: Uint8Array | null;
}[]): Uint8Array | null;

// dist/questions.d.ts
import type { ToolAnswer, ToolQuestion } from '@starling/tool';
/** The reserved name of the side effect that records a question of a tool. */
export declare const QUESTION = "starling/question";
/** The reserved name of the side effect that records the answer to a question; its `ordinal` is that of the question. */
export declare const ANSWER = "starling/answer";
/** A question as it is recorded, before anybody sees it. */
export interface RecordedQuestion {
    readonly question: ToolQuestion;
    /** Whether only the process that asked has a use for the answer. */
    readonly held: boolean;
    /** When nobody is waited for any longer, in milliseconds since the epoch. */
    readonly expiresAt: number | undefined;
}
/** What came of a question, as it is recorded. */
export interface RecordedAnswer {
    readonly answer: ToolAnswer;
    readonly by?: string | undefined;
    /** Why, in the words of whoever answered. */
    readonly reason?: string | undefined;
    /** Whether it was given while no process worked on the run. */
    readonly outside: boolean;
    /** {@link hashQuestion} of what was answered; `undefined` where a record does not say. */
    readonly questionHash?: Uint8Array | undefined;
}
/** Writes a question. */
export declare function encodeQuestion({ question, held, expiresAt }: RecordedQuestion): Uint8Array;
/** Reads a recorded question; `undefined` for what is none. */
export declare function decodeQuestion(value: Uint8Array): RecordedQuestion | undefined;
/** Writes an answer, with the hash of the question that it was given to. */
export declare function encodeAnswer({ answer, by, reason, outside }: RecordedAnswer, question: ToolQuestion): Uint8Array;
/** Reads a recorded answer. What says neither that it accepts nor that it declines is nobody's. */
export declare function decodeAnswer(value: Uint8Array): RecordedAnswer;
/** BLAKE3-256 of a question as canonical CBOR: what an answer is about. */
export declare function hashQuestion(question: ToolQuestion): Uint8Array;
/** Thrown to a call whose question nobody in this process answers: it stands still, without an outcome. */
export declare class SuspendedError extends Error {
    constructor();
}

// dist/readings.d.ts
import type { NestedCall } from './run-context.ts';
/**
 * Reads the clock, recorded: milliseconds since the epoch.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export declare function now(): Promise<number>;
/**
 * Draws a number in [0, 1), recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export declare function random(): Promise<number>;
/**
 * Draws an unsigned 64-bit integer, recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export declare function randomUint64(): Promise<bigint>;
/**
 * Draws a version 4 UUID, recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export declare function uuid(): Promise<string>;
/**
 * Runs `fn` once and records what it returned or threw; a replay gets the
 * recorded outcome and never calls `fn`.
 *
 * The result is plain data (JSON types, bytes, bigint), also in the live run.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running; rejects with `STEP_INVALID_OPTIONS` for a
 *   name that begins with `starling/`, which is the runtime's own.
 */
export declare function sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T>;
/**
 * Calls another tool of the agent from inside a tool, recorded.
 *
 * Resolves with the JSON text of its result; throws what the tool threw.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export declare function callTool(nested: NestedCall): Promise<string>;

// dist/recorded.d.ts
import type { Event, Kind, PayloadByKind } from '@starling/event';
/** One emitted event with its payload decoded. */
export type Recorded = {
    [K in Kind]: {
        readonly kind: K;
        readonly payload: PayloadByKind[K];
        readonly event: Event;
    };
}[Kind];
/** Told of events one by one, in their order. */
export type RecordedListener = (recorded: Recorded) => void;
/**
 * Decodes the payload of an event; `undefined` for a kind that this version does not know.
 *
 * @throws `EventError` `EVENT_DECODE` when the payload is not one of its kind.
 */
export declare function toRecorded(event: Event): Recorded | undefined;
/** Puts an event together with its payload; both must be of this kind. */
export declare function pairUp<K extends Kind>(kind: K, payload: PayloadByKind[K], event: Event): Recorded;
/** Reports whether `recorded` is of a kind, and so has its payload. */
export declare function isOfKind<K extends Kind>(recorded: Recorded | undefined, kind: K): recorded is Recorded & {
    readonly kind: K;
    readonly payload: PayloadByKind[K];
};

// dist/recorder.d.ts
import type { Kind, PayloadByKind } from '@starling/event';
import type { Engine } from './engine.ts';
/**
 * Which part of a run emits: one tool call. The loop itself has no scope.
 *
 * It is told apart by identity: models use the id of a call again in a later turn.
 */
export interface Scope {
    readonly callId: string;
    /** Set once nothing may be recorded under it any more. */
    ended?: boolean | undefined;
    /** The call inside which this one was made. */
    readonly parent?: Scope | undefined;
}
/** A payload to emit, or how to make one given what the recording holds at this place. */
export type PayloadSource<K extends Kind> = PayloadByKind[K] | ((recorded: PayloadByKind[K] | undefined) => PayloadByKind[K]);
/**
 * What a replay does with a tool call: call the tool again, take over what was
 * recorded, or take over what there is of a call that the recording cuts off.
 */
export type ReplayMode = 'executed' | 'recorded' | 'cut-off';
/**
 * The one place where events of a run are emitted.
 *
 * Live, it chains and appends. In a replay it compares with the recording and
 * takes from it what cannot be computed: timestamps, ids, durations.
 */
export interface Recorder {
    readonly runId: string;
    readonly engine: Engine;
    /** Whether events are compared with a recording instead of appended. */
    readonly replaying: boolean;
    /** Hash of the last emitted event; `null` before the first. */
    readonly lastHash: Uint8Array | null;
    /** The `seq` of the last emitted event. */
    readonly lastSeq: number;
    /** What the log refused, once it has refused an append: nothing can be emitted any more. */
    readonly failure: {
        readonly error: unknown;
    } | undefined;
    /**
     * Emits from the loop: chained and ordered now, durable after the next {@link flush}.
     *
     * @throws {@link StepError} `STEP_DIVERGED` in a replay.
     */
    stage<K extends Kind>(kind: K, payload: PayloadSource<K>): PayloadByKind[K];
    /** Resolves once everything staged so far is durable. */
    flush(): Promise<void>;
    /**
     * Emits from a tool call and resolves once the event is durable, or, with
     * `settle: 'later'`, once it is staged. In a replay it waits for its place in
     * the recorded order.
     */
    emit<K extends Kind>(kind: K, payload: PayloadSource<K>, options: EmitOptions): Promise<PayloadByKind[K]>;
    /** Announces that a tool call runs and may emit; only a replay needs to know. */
    begin(scope: Scope, mode: ReplayMode): void;
    /** Announces that a tool call will not emit any more. */
    end(scope: Scope): void;
    /** Root of the Merkle tree over all events emitted so far. */
    merkleRoot(): Uint8Array;
}
/** How {@link Recorder.emit} emits. */
export interface EmitOptions {
    /** The tool call that emits. */
    readonly scope: Scope;
    /** `durable`: resolve when committed. `later`: resolve when staged; the next flush commits it. Default: `durable`. */
    readonly settle?: 'durable' | 'later' | undefined;
}

// dist/replay-recorder.d.ts
import type { Event } from '@starling/event';
import { DivergenceError } from './divergence.ts';
import type { Divergence } from './divergence.ts';
import type { Engine } from './engine.ts';
import type { Recorded, RecordedListener } from './recorded.ts';
import type { Recorder, Scope } from './recorder.ts';
/** How a replay recorder is made. */
export interface ReplayRecorderOptions {
    /** The whole recording, in order. */
    readonly recording: readonly Event[];
    readonly engine: Engine;
    /** Events up to and including this `seq` are taken over unchecked. Default: 0. */
    readonly trustedSeq?: number | undefined;
    /** Whether an event came from outside while calls ran: it is taken over where it stands. Default: none did. */
    readonly isInput?: ((recorded: Recorded) => boolean) | undefined;
    /** Whether an event schedules a call that the model has planned, and not one that a tool makes. Default: nobody knows. */
    readonly isPlanned?: ((recorded: Recorded) => boolean) | undefined;
    /** Differences that do not stop the replay. */
    readonly tolerate?: ((divergence: Divergence) => boolean) | undefined;
    /** Told of every tolerated difference. */
    readonly onTolerated?: ((divergence: Divergence) => void) | undefined;
    /** Told of every event, in order, once it has been reproduced or taken over. */
    readonly onStaged?: RecordedListener | undefined;
}
/** A recorder that compares what is emitted with a recording, and takes from it what cannot be computed. */
export interface ReplayRecorder extends Recorder {
    /** The recorded event that must be emitted next. */
    peek(ahead?: number): Recorded | undefined;
    /** Takes the next recorded event over unchecked. */
    adopt(): Recorded;
    /** Resolves with the next recorded event that belongs to a `recorded` scope, once it has been taken over. */
    next(scope: Scope): Promise<Recorded>;
    /** The difference that made a call's emission fail, even when the call swallowed the error. */
    readonly broken: DivergenceError | undefined;
    /** Announces that a call does nothing before others have ended; `begin` lets it in all the same. */
    park(scope: Scope, begin: () => void): void;
    /** Announces that a parked call goes on. */
    unpark(scope: Scope): void;
    /** Forgets all running calls, to go on after a difference. */
    reset(): void;
}
/** Makes a recorder that compares with a recording. */
export declare function createReplayRecorder(options: ReplayRecorderOptions): ReplayRecorder;

// dist/replayed-call.d.ts
import type { ToolCallFailed } from '@starling/event';
import type { ReplayMode, Scope } from './recorder.ts';
import type { ReplayRecorder } from './replay-recorder.ts';
import type { CallEnvironment, CallOutcome, CallPlan } from './tool-call.ts';
/** Where a replay stands: what the recording holds of the calls under way. */
export interface ReplayedBatch {
    readonly recorder: ReplayRecorder;
    /** How the recording has a call end; `undefined` when it ended by itself. */
    fateOf(callId: string): 'interrupted' | 'cut-off' | undefined;
    /** Whether what the recording holds next cuts off whatever was going on. */
    isCutOff(): boolean;
}
/** Whether a replay calls the tool again. What is unsafe to repeat, or was interrupted, is only taken over. */
export declare function replayModeOf(environment: CallEnvironment, plan: CallPlan, replay: ReplayedBatch): ReplayMode;
/** Takes over what was recorded of a call, up to its outcome. */
export declare function takeOver(replay: ReplayedBatch, plan: CallPlan, scope: Scope): Promise<CallOutcome>;
/** The error of a call that has failed, as far as the recording tells. */
export declare function recordedCause({ error, errorType }: Pick<ToolCallFailed, 'error' | 'errorType'>): Error;
/** Whether the recording still holds a schedule of this call before the next turn. */
export declare function holdsSchedule(recorder: ReplayRecorder, callId: string): boolean;

// dist/run-context.d.ts
import type { ToolAttachment, ToolContext, ToolProgress } from '@starling/tool';
import type { Clock } from './clock.ts';
import type { Entropy } from './entropy.ts';
import { SuspendedError } from './questions.ts';
import type { Recorder, Scope } from './recorder.ts';
import type { CallEffects, GivenAnswer, OpenQuestion } from './tool-call.ts';
/** What a call's readings are made of. */
export interface CallContextOptions {
    readonly recorder: Recorder;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly scope: Scope;
    readonly turnId: string;
    readonly attempt: number;
    readonly idempotencyKey: string;
    readonly signal: AbortSignal;
    /** Makes a call inside this one. */
    readonly callTool: (call: NestedCall) => Promise<string>;
    /** Asks a person; rejects with the reason of the call's signal when that is aborted. Default: nobody is there. */
    readonly ask?: ((question: OpenQuestion) => Promise<GivenAnswer>) | undefined;
    /** Whether a question of the tool is held when it does not say. */
    readonly holdsQuestions: boolean;
    /** Told that the run is left over a question, once nothing else of the call is under way. */
    readonly onLeave: (reason: SuspendedError) => void;
    /** When a question that is asked now expires, in milliseconds since the epoch. Default: never. */
    readonly expiry?: (() => number | undefined) | undefined;
    /** What the call has recorded before it was cut off, and need not do again. Default: it begins anew. */
    readonly effects?: CallEffects | undefined;
    /** Told how far the call has come. Default: nobody is. */
    readonly onProgress?: ((report: ToolProgress) => void) | undefined;
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
    readonly tool: string;
    /** The arguments as JSON text. Default: `{}`. */
    readonly input?: string | undefined;
    /** Not that of a call that the model has planned. Default: the id of the outer call with a number after it. */
    readonly callId?: string | undefined;
    /** Default: the turn of the outer call. */
    readonly turnId?: string | undefined;
    /** How often to try when the failure is transient, unless the tool is not idempotent. Default: by the tool's policy. */
    readonly maxAttempts?: number | undefined;
}
/** The context of the tool call that this code is part of, if any. */
export declare function currentCall(): CallContext | undefined;
/** Calls `fn` as a part of the tool call behind `context`. */
export declare function withCall<T>(context: CallContext, fn: () => T): T;
/** A {@link ToolContext} that records what it hands out. */
export interface CallContext extends ToolContext {
    /** The scope under which the call records. */
    readonly scope: Scope;
    /** Draws an unsigned 64-bit integer, recorded. */
    randomUint64(): Promise<bigint>;
    /** Calls another tool of the agent, recorded; resolves with the JSON text of its result, or throws what it threw. */
    callTool(call: NestedCall): Promise<string>;
    /** What the tool has attached so far, each of them a copy. */
    readonly attachments: readonly ToolAttachment[];
    /** Refuses every later reading: the call has its outcome. */
    end(): void;
}
/** Makes the context of one attempt of a tool call. */
export declare function createCallContext(options: CallContextOptions): CallContext;

// dist/step-error.d.ts
import { StarlingError } from '@starling/event';
/** Why a step could not be taken. */
export type StepErrorCode = 
/** A reading or side effect was asked for outside a run. */
'STEP_OUTSIDE_RUN'
/** A reading or side effect was asked for by a tool call that had already ended. */
 | 'STEP_CALL_ENDED'
/** What was emitted is not what the recording holds. */
 | 'STEP_DIVERGED'
/** A budget cap was crossed. */
 | 'STEP_BUDGET_EXCEEDED'
/** The provider gave no raw response hash although one is required. */
 | 'STEP_MISSING_RAW_HASH'
/** Options contradict each other or are out of range. */
 | 'STEP_INVALID_OPTIONS';
/** An error of the determinism layer. */
export declare class StepError extends StarlingError<StepErrorCode> {
}

// dist/tool-call.d.ts
import type { SideEffectRecorded, ToolCallScheduled } from '@starling/event';
import type { Tool, ToolAttachment, ToolProgress } from '@starling/tool';
import type { Clock } from './clock.ts';
import type { Entropy } from './entropy.ts';
import type { Observer } from './observer.ts';
import type { RecordedAnswer, RecordedQuestion } from './questions.ts';
import type { Recorder, Scope } from './recorder.ts';
/** A call that has its outcome. */
export type EndedCall = {
    readonly tool: string;
    /** Canonical CBOR. */
    readonly args: Uint8Array;
} & ({
    /** Canonical CBOR. */
    readonly result: Uint8Array;
} | {
    readonly error: string;
    readonly errorType: string;
});
/** What a call has recorded by itself, each side effect by its {@link effectKey}. */
export type CallEffects = ReadonlyMap<string, SideEffectRecorded>;
/** Where in its run a side effect is recorded; nowhere in particular in recordings of the reference. */
export type EffectPlace = Pick<SideEffectRecorded, 'callId' | 'attempt' | 'ordinal'>;
/** Where a call made under an id of its tool's choice is found again: `count` counts those of this id from 0. */
export declare function placeOfNested(callId: string, count: number): string;
/** Which of the side effects of its call one is: `ordinal` counts those of its name from 0. */
export declare function effectKey({ name, ordinal }: Pick<SideEffectRecorded, 'name' | 'ordinal'>): string;
/** The payload of a side effect in a replay: what was recorded in this place. */
export declare function takeOver(name: string, place: EffectPlace): (recorded: SideEffectRecorded | undefined) => SideEffectRecorded;
/** One call to be made: planned by the model, or by a tool. */
export interface CallPlan {
    /** The id under which the call is recorded. */
    readonly callId: string;
    readonly turnId: string;
    readonly tool: string;
    /** The arguments, canonical CBOR. */
    readonly args: Uint8Array;
    /** The arguments as canonical JSON text. */
    readonly input: string;
    /** Why the arguments are not JSON. */
    readonly argsError?: string | undefined;
    /** The planned call that this one stands in for, after a resume. */
    readonly reissueOf?: string | undefined;
    /** The key of an earlier schedule of the same call. */
    readonly idempotencyKey?: string | undefined;
    /** The last attempt that the log already holds a schedule for, in a replay that starts in the middle. Default: 0. */
    readonly scheduledAttempt?: number | undefined;
    /**
     * How calls that this one made itself have ended, by their {@link placeOfNested} in it, before it was cut off: made
     * again by a resume, it gets those outcomes and not another call.
     */
    readonly inherited?: ReadonlyMap<string, EndedCall> | undefined;
    /** What this one has recorded before it was cut off, when it goes on from there instead of beginning anew. */
    readonly effects?: CallEffects | undefined;
    /** The outcome to record without calling the tool. */
    readonly refusal?: {
        readonly error: string;
        readonly errorType: string;
    } | undefined;
    /** The result to record without calling the tool, canonical CBOR. */
    readonly given?: Uint8Array | undefined;
}
/** How a call ended. */
export type CallOutcome = {
    readonly ok: true;
    readonly plan: CallPlan;
    readonly result: Uint8Array;
} | {
    readonly ok: false;
    readonly plan: CallPlan;
    readonly error: string;
    readonly errorType: string;
    /** What the tool threw, or, from a recording, an error of the same text. */
    readonly cause: unknown;
};
/** A result and its JSON text. */
export interface ResultText {
    readonly result: Uint8Array;
    /** As it is recorded. */
    readonly canonical: string;
    /** As the tool returned it. */
    readonly raw: string;
}
/** The call that a tool speaks from. */
export interface CallOrigin {
    readonly turnId: string;
    readonly callId: string;
    readonly tool: string;
    /** Aborted when the call ends from outside. */
    readonly signal: AbortSignal;
}
/** A question that is on record and has no answer. */
export interface OpenQuestion extends RecordedQuestion {
    /** Which of the questions of its call it is, from 0. */
    readonly ordinal: number;
}
/** An answer, and who gave it. */
export interface GivenAnswer extends Pick<RecordedAnswer, 'answer' | 'by' | 'reason'> {
    /** To be called once the answer is durable. Default: nobody wants to know. */
    readonly onRecorded?: (() => void) | undefined;
}
/** What the calls of a run share. */
export interface CallEnvironment {
    readonly recorder: Recorder;
    readonly tools: ReadonlyMap<string, Tool>;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly observers: readonly Observer[];
    /** Aborted when the run is cancelled or its deadline passes. */
    readonly signal: AbortSignal;
    /** How many planned calls run at once. */
    readonly maxParallel: number;
    /** How long a cancelled tool may take to give up by itself, in milliseconds. */
    readonly cancelGraceMs: number;
    /** Why the model cannot be shown what a tool has attached; `undefined` when it can. Default: it can. */
    readonly refuseAttachments?: ((attachments: readonly ToolAttachment[]) => string | undefined) | undefined;
    /** Whether the budget lets a call be tried once more. Default: it does. */
    readonly mayRetry?: (() => boolean) | undefined;
    /** Told the text of a result, canonical and as the tool returned it, before its event is emitted. */
    readonly onResultText?: ((callId: string, text: ResultText) => void) | undefined;
    /** Why a tool may not make a call itself; `undefined` when it may. Default: it may. */
    readonly mayNest?: ((tool: string, input: string) => string | undefined) | undefined;
    /** Whether the model has planned a call of this id, or one is recorded under it. Default: none is. */
    readonly isPlanned?: ((callId: string) => boolean) | undefined;
    /**
     * Asks a person what a tool wants to know; rejects with the reason of the call's signal when that is aborted, and with
     * `SuspendedError` when the run is to be left for another process. Default: nobody is there.
     */
    readonly ask?: ((question: OpenQuestion, from: CallOrigin) => Promise<GivenAnswer>) | undefined;
    /** When a question that a tool asks now expires, in milliseconds since the epoch. Default: never. */
    readonly expiryOf?: ((tool: string) => number | undefined) | undefined;
    /** Told how far a call has come. Default: nobody is. */
    readonly onProgress?: ((report: ToolProgress, from: CallOrigin) => void) | undefined;
    /** Whether a replay calls the tools again, or takes every recorded outcome. */
    readonly replayTools: 'execute' | 'recorded';
}
/** The key of a call that has none yet: it follows from the chain up to the call's schedule. */
export declare function idempotencyKeyOf(lastHash: Uint8Array | null, callId: string): string;
/** The scope under which a call emits. */
export declare function scopeOfCall(plan: CallPlan, parent?: Scope): Scope;
/** The schedule of an attempt, as its payload. */
export declare function scheduleOf(plan: CallPlan, attempt: number, idempKey: string | undefined): ToolCallScheduled;

// dist/turnstile.d.ts
import type { Kind } from '@starling/event';
import { DivergenceError } from './divergence.ts';
import type { Engine } from './engine.ts';
import type { Recorded } from './recorded.ts';
import type { ReplayMode, Scope } from './recorder.ts';
/** Thrown to a call that the recording cuts off, once everything recorded of it has been taken over. */
export declare class CutOffError extends Error {
    constructor();
}
/** What a call asks for: the place of an event of its own in the recording. */
export interface Request {
    readonly scope: Scope;
    /** Whether its call asks for nothing else meanwhile. */
    readonly alone: boolean;
    readonly kind: Kind;
    readonly matches: (recorded: Recorded) => boolean;
    /** The payload to compare, given what the recording holds. */
    readonly bytes: (recorded: Recorded | undefined) => Uint8Array;
}
/** What a turnstile needs of the recorder around it. */
export interface TurnstileOptions {
    readonly engine: Engine;
    /** What was recorded after the last event that was passed, or further ahead. */
    readonly peek: (ahead: number) => Recorded | undefined;
    /** Whether an event came from outside, and from no call: it stands wherever it came. */
    readonly isInput: (recorded: Recorded) => boolean;
    /** Whether an event schedules a call that the model has planned, and not one that a tool makes. */
    readonly isPlanned: (recorded: Recorded) => boolean;
    /** Passes the next event. */
    readonly pass: (recorded: Recorded) => void;
    /** Compares what a call emits with what was recorded; throws a {@link DivergenceError}. */
    readonly compare: (request: Request, recorded: Recorded) => void;
    /** The difference between what was recorded next and what a call asks for, or that it asks for nothing like it. */
    readonly differ: (scope: Scope, request: Request | undefined) => DivergenceError;
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
export declare class Turnstile {
    #private;
    constructor(options: TurnstileOptions);
    /** The difference that made a call's request fail, even when the call swallowed the error. */
    get broken(): DivergenceError | undefined;
    begin(scope: Scope, mode: ReplayMode): void;
    end(scope: Scope): void;
    /** Announces that a call does nothing before others have ended; `begin` lets it in all the same. */
    park(scope: Scope, begin: () => void): void;
    /** Announces that a parked call goes on. */
    unpark(scope: Scope): void;
    /** Resolves with what was recorded in the place that a call asks for. */
    ask(request: Request): Promise<Recorded>;
    /** Forgets all running calls, to go on after a difference. */
    reset(): void;
}
/** The tool call that a recorded event belongs to, when it says so. */
export declare function ownerOf(recorded: Recorded): string | undefined;

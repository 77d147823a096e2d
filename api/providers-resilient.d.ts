// dist/circuit-breaker.d.ts
import type { ProviderErrorCode } from '@starling/provider';
/** When a breaker opens, and for how long. */
export interface BreakerLimits {
    /** Opens after this many failures in a row. */
    readonly failureThreshold: number;
    /** Lets the first probe through after this long, in milliseconds. */
    readonly openMs: number;
}
/** Whether a breaker lets calls through: all of them, none, or one that probes. */
export type BreakerState = 'closed' | 'open' | 'half-open';
/** What a breaker must hear of a call that it let through. */
export interface BreakerPermit {
    /** The vendor has begun to answer: who waits for a probe need wait no longer. */
    answered(): void;
    /** The vendor works. */
    succeeded(): void;
    /** The vendor does not work. */
    failed(code: ProviderErrorCode, nowMs: number): void;
    /** The call says nothing about the vendor: it was given up. Does nothing after any other verdict. */
    dropped(): void;
}
/** Keeps calls away from a vendor that fails again and again, until one of them shows that it works. */
export interface CircuitBreaker {
    state(nowMs: number): BreakerState;
    /** The failure that opened it. */
    readonly openedBy: ProviderErrorCode | undefined;
    /** How long until a call may get through, in milliseconds; `Infinity` while another one probes. */
    retryInMs(nowMs: number): number;
    /** Lets a call through, or not. Whoever gets a permit must report a verdict. */
    enter(nowMs: number, limits: BreakerLimits): BreakerPermit | undefined;
    /** Resolves when the call that probes has told. */
    probeSettled(): Promise<void>;
}
/** Creates a breaker that is closed. */
export declare function createCircuitBreaker(): CircuitBreaker;

// dist/cooldowns.d.ts
import type { Provider, ProviderErrorCode } from '@starling/provider';
import { type BreakerState, type CircuitBreaker } from './circuit-breaker.ts';
/** One key (or one provider that brings its own) and one model: what can be held back. */
export interface SlotId {
    readonly providerId: string;
    /** A hash of the key, or a number for a provider that was given as it is: never the key. */
    readonly account: string;
    readonly model: string;
}
/** Why a slot is held back, and how long. */
export interface Hold {
    readonly code: ProviderErrorCode;
    readonly sinceMs: number;
    readonly untilMs: number;
    /** Whether the vendor asked for it; otherwise it is our own guess. */
    readonly isAsked: boolean;
}
/** What is known about one slot, for people to look at. */
export interface SlotStatus extends SlotId {
    /** What holds it back now; none for a candidate as a whole. */
    readonly holds: readonly Hold[];
    /** The circuit of a candidate; always `closed` for a single key. */
    readonly circuit: BreakerState;
}
/**
 * Who is held back for how long, and which circuits are open: what all runs
 * that share it learn from each other. It knows keys only by their hashes.
 */
export interface Cooldowns {
    /**
     * Everything that is held back or not closed.
     *
     * @param nowMs - the time, in milliseconds since the epoch. Default: now.
     */
    status(nowMs?: number): readonly SlotStatus[];
    /** Forgets everything: all may be asked again at once. */
    clear(): void;
}
/** What a provider needs of {@link Cooldowns}. */
export interface CooldownStore extends Cooldowns {
    /** Holds a slot back; of one class of failures the longer hold stays, and what the vendor asks for before our guess. */
    hold(slot: SlotId, hold: Hold): void;
    /** What holds a slot back at `nowMs`. */
    holdsOf(slot: SlotId, nowMs: number): readonly Hold[];
    /** Ends what a call shows to be over that succeeded: every hold from before it began. */
    lift(slot: SlotId, startedMs: number): void;
    /** The circuit breaker of a candidate. */
    breakerOf(candidate: SlotId): CircuitBreaker;
    /** The number by which a provider that was given as it is takes part. */
    accountOf(provider: Provider): string;
}
/** Creates cooldowns that only those share who are given them. */
export declare function createCooldowns(): Cooldowns;
/** Creates cooldowns for those who know them from inside. */
export declare function createCooldownStore(): CooldownStore;
/** Reports whether cooldowns were made here, by whichever copy of this package. */
export declare function isCooldownStore(cooldowns: Cooldowns): cooldowns is CooldownStore;
/** A clock that unlike the time of day is never set back, which would hold keys back for longer. */
export declare function readClock(): number;
/** The cooldowns of this process, one for all copies of this package. */
export declare function sharedCooldowns(): CooldownStore;

// dist/failure-policy.d.ts
import type { ProviderErrorCode } from '@starling/provider';
/** What may follow a failed attempt, as {@link FailureRule.actions} lists it. */
export declare const FAILURE_ACTIONS: readonly ['retry', 'rotate', 'fallback', 'wait'];
/**
 * What may follow a failed attempt:
 *
 * - `retry`: the same key and model again, after a growing delay, or a longer one
 *   that the vendor asks for. Only after a failure that may pass.
 * - `rotate`: at once, another key of the same candidate that is not held back.
 * - `fallback`: at once, the first other candidate that is not held back.
 * - `wait`: whoever of all candidates is ready first, when that is soon enough.
 */
export type FailureAction = (typeof FAILURE_ACTIONS)[number];
/** What one class of failures leads to. */
export interface FailureRule {
    /** What is tried, in this order: the first that is possible. An empty list fails at once. */
    readonly actions?: readonly FailureAction[] | undefined;
    /**
     * How long nobody asks this key for this model again, in milliseconds, when the
     * vendor does not say: everyone who shares the {@link Cooldowns} takes another
     * way meanwhile. A 403 holds nobody back unless `PROVIDER_AUTH` says how long.
     */
    readonly cooldownMs?: number | undefined;
}
/** A rule for each class of failures; what is left out keeps its default. */
export type FailurePolicy = Readonly<Partial<Record<ProviderErrorCode, FailureRule | undefined>>>;
/** A rule without gaps. */
export interface ResolvedRule {
    readonly actions: readonly FailureAction[];
    readonly cooldownMs: number;
}
/** A policy without gaps. */
export type ResolvedPolicy = Readonly<Record<ProviderErrorCode, ResolvedRule>>;
/** What each class of failures leads to unless told otherwise. */
export declare const DEFAULT_POLICY: ResolvedPolicy;
/** Fills the gaps of a policy. */
export declare function resolvePolicy(policy?: FailurePolicy): ResolvedPolicy;
/** Rules for failures about which more is known than their code says. */
export interface SpecialRules {
    /** There is no such model: a refusal that another candidate need not share. */
    readonly modelGone: ResolvedRule;
    /**
     * The key may not do this: the model, the region or this one conversation may be what is forbidden, and vendors have
     * one status for all of them. The next call may well be allowed, so that the key does not rest.
     */
    readonly forbidden: ResolvedRule;
    /** A fallback cannot be asked for this at all: that ends no call that another candidate may answer. */
    readonly misfit: ResolvedRule;
}
/** Makes the special rules of a policy: what it says itself about the code counts for them too. */
export declare function specialRules(policy?: FailurePolicy): SpecialRules;
/** Reports whether `value` is the code of a class of failures that the policy knows. */
export declare function isFailureCode(value: string): value is ProviderErrorCode;

// dist/index.d.ts
export { createCooldowns, type Cooldowns, type SlotStatus } from './cooldowns.ts';
export type { FailurePolicy, FailureRule } from './failure-policy.ts';
export { createResilientProvider } from './resilient-provider.ts';
export type { Candidate, KeyedCandidate, ProviderCandidate, ResilientProviderOptions, } from './resilient-provider-options.ts';

// dist/resilient-provider-options.d.ts
import type { ModelRequest, Provider } from '@starling/provider';
import type { BreakerLimits } from './circuit-breaker.ts';
import type { Cooldowns } from './cooldowns.ts';
import type { FailurePolicy } from './failure-policy.ts';
/** The settings of a request that a candidate may be asked with differently. */
export type RequestSettings = Partial<Omit<ModelRequest, 'model' | 'systemPrompt' | 'messages' | 'tools'>>;
/** What is asked of a candidate. */
export interface CandidateRequest {
    /** The model to ask. Default: the request's own. */
    readonly model?: string | undefined;
    /**
     * Settings that replace those of the request: another vendor knows other
     * `params`, another model another limit. A setting that is `undefined` is left
     * out. Default: the request's own.
     */
    readonly settings?: RequestSettings | undefined;
    /**
     * How many tokens the model can take: after `PROVIDER_CONTEXT_OVERFLOW` only
     * a candidate that is marked with more is asked. Default: not known.
     */
    readonly contextTokens?: number | undefined;
}
/** A provider that may answer, with the key it brings itself. */
export interface ProviderCandidate extends CandidateRequest {
    readonly provider: Provider;
    readonly keys?: undefined;
}
/** One provider with several keys, which are used in order: the first that is not held back. */
export interface KeyedCandidate extends CandidateRequest {
    /** Makes the provider for one key; called once for each key, at construction. */
    readonly provider: (key: string) => Provider;
    readonly keys: readonly string[];
}
/** Somebody who may answer. */
export type Candidate = ProviderCandidate | KeyedCandidate;
/**
 * How often and how patiently a call is tried again.
 *
 * Another key that takes over at once from one that failed (`rotate`) is no
 * further attempt, as long as this call has not asked it before: of twelve keys
 * each gets its chance, whatever the caps. So a call makes at most `maxAttempts`
 * attempts, and one for each key after the first of each candidate.
 */
export interface AttemptLimits {
    /** All attempts of one call but rotations. Default: 10. */
    readonly maxAttempts?: number | undefined;
    /** All attempts of one call with one candidate but rotations. Default: 3. */
    readonly maxAttemptsPerCandidate?: number | undefined;
    /** Before the first retry, in milliseconds; doubles with every further one. Default: 500. */
    readonly initialDelayMs?: number | undefined;
    /**
     * The longest wait, in milliseconds: for a delay of our own, for a cooldown or
     * an open circuit. A vendor that asks for more is not waited for: somebody else
     * is asked, or the call fails. Default: 30,000.
     */
    readonly maxDelayMs?: number | undefined;
}
/** How long a candidate may be silent: afterwards the attempt fails with `PROVIDER_TIMEOUT`. */
export interface SilenceLimits {
    /** From the start of an attempt to its first chunk, in milliseconds; 0 for no limit. Default: 300,000. */
    readonly firstChunkMs?: number | undefined;
    /** Between two chunks, in milliseconds; 0 for no limit. Default: 300,000. */
    readonly betweenChunksMs?: number | undefined;
}
/** How {@link createResilientProvider} survives the bad days of its candidates. */
export interface ResilientProviderOptions {
    /** Who may answer: the primary first, then whom to fall back to, in order. */
    readonly candidates: readonly Candidate[];
    /** What each class of failures leads to. Default: see the package's README. */
    readonly policy?: FailurePolicy | undefined;
    readonly attempts?: AttemptLimits | undefined;
    readonly timeouts?: SilenceLimits | undefined;
    /**
     * When a candidate is given a rest as a whole, because its vendor fails again
     * and again; `false` for never. Default: 5 failures in a row, 30,000 ms.
     */
    readonly breaker?: Partial<BreakerLimits> | false | undefined;
    /** The longest that a key is held back, in milliseconds, also when a vendor asks for more. Default: 3,600,000. */
    readonly maxCooldownMs?: number | undefined;
    /** What is shared with other providers. Default: the cooldowns of this process. */
    readonly cooldowns?: Cooldowns | undefined;
    /** The clock, in milliseconds since the epoch. Default: a clock that is never set back. */
    readonly now?: (() => number) | undefined;
}

// dist/resilient-provider.d.ts
import type { Provider } from '@starling/provider';
import type { ResilientProviderOptions } from './resilient-provider-options.ts';
/**
 * Creates a provider that asks others, and asks again or asks somebody else when
 * one of them fails.
 *
 * It is named in the log as the primary is. Its capabilities are what every
 * candidate can do with the model that it is asked for. A failed attempt that another one follows is an
 * `attempt-failed` chunk, which takes back everything before it; nothing happens
 * until the next chunk is asked for. The last failure is thrown as not
 * retryable, with the vendor's own error as its cause: nobody tries again on top.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options that it does not know or that cannot work.
 */
export declare function createResilientProvider(options: ResilientProviderOptions): Provider;

import { KIND } from '@starling/event'
import type { BudgetCaps, TurnFailed } from '@starling/event'
import { isProviderError, ProviderError } from '@starling/provider'
import type { ModelChunk, ProviderErrorCode, Usage } from '@starling/provider'
import { checkSpent, exceed } from './budget.ts'
import type { BudgetTrip, Spending } from './budget.ts'
import { ENGINE } from './engine.ts'
import type { Entropy } from './entropy.ts'
import { errorText } from './error-text.ts'
import type { ModelRate } from './model-rate.ts'
import { isUsed, priced, pricedAsRecorded, toRecordedUsage, toUsage } from './priced.ts'
import type { Recorder } from './recorder.ts'

/** When a failed model call is tried again. */
export interface RetryPolicy {
  /** All attempts of one model call. Default: 3. */
  readonly maxAttempts?: number | undefined
  /** Before the second attempt, in milliseconds; doubles with every further one. Default: 500. */
  readonly initialDelayMs?: number | undefined
  /**
   * The longest wait, in milliseconds. A vendor that asks for more ends the
   * call; of one that asks for less it is waited up to a quarter longer, so that
   * not all come back at once. Default: 60,000.
   */
  readonly maxDelayMs?: number | undefined
}

/** What recording a failed attempt needs of its call. */
export interface FailureOptions {
  readonly recorder: Recorder
  readonly entropy: Entropy
  readonly retry: RetryPolicy
  readonly budget: BudgetCaps
  /** What the run has used without the attempt. */
  readonly spent: Spending
  readonly rate: ModelRate | undefined
  /** The rate of who was asked instead. */
  readonly rateOf: (by: { readonly providerId: string; readonly model: string }) => ModelRate | undefined
}

/** An attempt of a model call that has failed. */
export interface FailedAttempt {
  readonly turnId: string
  readonly attempt: number
  readonly error: unknown
  readonly partialText: string
  /** What the vendor says it has used; `undefined` when it has not said. */
  readonly usage: Usage | undefined
}

type AttemptFailed = Extract<ModelChunk, { type: 'attempt-failed' }>

/** The class under which each code is recorded. */
const ERROR_CLASSES: readonly (readonly [ProviderErrorCode, string])[] = [
  ['PROVIDER_AUTH', 'auth'],
  ['PROVIDER_BILLING', 'billing'],
  ['PROVIDER_RATE_LIMIT', 'rate_limit'],
  ['PROVIDER_OVERLOADED', 'overloaded'],
  ['PROVIDER_SERVER', 'server'],
  ['PROVIDER_NETWORK', 'network'],
  ['PROVIDER_TIMEOUT', 'timeout'],
  ['PROVIDER_CONTEXT_OVERFLOW', 'context_overflow'],
  ['PROVIDER_CONTENT_FILTER', 'content_filter'],
  ['PROVIDER_REJECTED', 'rejected'],
  ['PROVIDER_INVALID_STREAM', 'invalid_stream'],
  ['PROVIDER_INVALID_OPTIONS', 'invalid_options'],
]

/** The error that a recorded failure stands for. */
export function errorFromTurnFailed(failed: TurnFailed): ProviderError {
  const code = ERROR_CLASSES.find(([, name]) => name === failed.errorClass)?.[0] ?? 'PROVIDER_REJECTED'
  return new ProviderError(code, failed.error, {
    status: failed.status,
    retryable: failed.next === 'retry',
    retryAfterMs: failed.retryAfterMs,
  })
}

/**
 * Stages the failure of a call; returns how long to wait before the next
 * attempt, or nothing when there is none. In a replay what the recording says
 * comes next, also what the provider had decided by itself.
 *
 * @throws {@link BudgetError} when the attempt has used more than a cap lets; its event is staged too.
 */
export function failAttempt(options: FailureOptions, failed: FailedAttempt): number | undefined {
  const { recorder } = options
  const { error } = failed
  if (recorder.engine === ENGINE.reference || !isProviderError(error)) return undefined
  const { spent } = options
  const staged = recorder.stage(KIND.TurnFailed, (recorded) => {
    const used = usedBy(options, failed, recorded)
    const isOver = recorded === undefined && findTrip(options, spent, used) !== undefined
    const delayMs = recorded === undefined ? retryDelay(options, failed.attempt, error) : delayOf(recorded)
    const retryAfterMs = isOver ? undefined : delayMs
    const next = recorded?.next === 'fallback' ? 'fallback' : 'retry'
    const { providerId, modelId } = recorded ?? {}
    const then = { next: retryAfterMs === undefined ? 'fail' : next, retryAfterMs, providerId, modelId }
    return { ...describeFailed(failed, error, then), ...used }
  })
  endOverBudget(options, spent, staged)
  return delayOf(staged)
}

/**
 * Stages a failed attempt after which the provider goes on by itself.
 *
 * @throws the error of the attempt, in the reference: its log has no place for it; {@link BudgetError} as
 *   {@link failAttempt} does.
 */
export function recordFailedAttempt(options: FailureOptions, failed: FailedAttempt & AttemptFailed): void {
  const { recorder, spent } = options
  const { error, next, delayMs, by } = failed
  if (recorder.engine === ENGINE.reference) throw error
  const then = { next, retryAfterMs: delayMs, providerId: by?.providerId, modelId: by?.model }
  const used = usedBy(options, failed, undefined)
  const staged = recorder.stage(KIND.TurnFailed, { ...describeFailed(failed, error, then), ...used })
  endOverBudget(options, spent, staged)
}

type Used = Pick<TurnFailed, keyof ReturnType<typeof toRecordedUsage> | 'costUsd' | 'rate'>

/** What an attempt has used and cost, as it is recorded: nothing where the vendor has not said. */
function usedBy(
  { rate, rateOf }: FailureOptions,
  { usage, by }: FailedAttempt & { readonly by?: AttemptFailed['by'] },
  recorded: TurnFailed | undefined,
): Used {
  if (usage === undefined || !isUsed(usage)) return {}
  const own = by === undefined ? rate : (rateOf(by) ?? rate)
  return {
    ...toRecordedUsage(usage),
    ...(recorded === undefined ? priced(usage, own) : pricedAsRecorded(usage, recorded)),
  }
}

/** The cap that a run crosses with what an attempt has used beside `spent`. */
function findTrip({ budget }: FailureOptions, spent: Spending, used: Used): BudgetTrip | undefined {
  const { input, output, cacheRead, cacheWrite } = toUsage(used)
  const prompted = input + cacheRead + cacheWrite
  if (prompted + output === 0) return undefined
  return checkSpent(budget, {
    inputTokens: spent.inputTokens + prompted,
    outputTokens: spent.outputTokens + output,
    costUsd: spent.costUsd + (used.costUsd ?? 0),
    toolCalls: spent.toolCalls,
  })
}

/** Ends the run where a failed attempt has crossed a cap: another one would only cost more. */
function endOverBudget(options: FailureOptions, spent: Spending, staged: TurnFailed): void {
  const trip = findTrip(options, spent, staged)
  if (trip !== undefined) throw exceed(options.recorder, { ...trip, where: 'post_call', turnId: staged.turnId })
}

function describeFailed(
  failed: FailedAttempt,
  error: ProviderError,
  then: Pick<TurnFailed, 'next' | 'retryAfterMs' | 'providerId' | 'modelId'>,
): TurnFailed {
  return {
    turnId: failed.turnId,
    attempt: failed.attempt,
    error: errorText(error),
    errorClass: ERROR_CLASSES.find(([code]) => code === error.code)?.[1] ?? 'rejected',
    status: error.status,
    partialText: failed.partialText,
    ...then,
  }
}

/** How long the attempt after a recorded one was held back; nothing when there is none. */
function delayOf(failed: TurnFailed): number | undefined {
  return failed.next === 'retry' || failed.next === 'fallback' ? (failed.retryAfterMs ?? 0) : undefined
}

function retryDelay(options: FailureOptions, attempt: number, error: ProviderError): number | undefined {
  const { maxAttempts = 3, initialDelayMs = 500, maxDelayMs = 60_000 } = options.retry
  if (!error.retryable || attempt >= maxAttempts) return undefined
  const { retryAfterMs } = error
  if (retryAfterMs !== undefined && retryAfterMs > maxDelayMs) return undefined
  const jitter = 1 + (options.entropy.bytes(1)[0] ?? 0) / 1024
  if (retryAfterMs === undefined) return Math.min(maxDelayMs, Math.round(initialDelayMs * 2 ** (attempt - 1) * jitter))
  // Never earlier than the vendor asks.
  return Math.max(Math.ceil(retryAfterMs), Math.min(maxDelayMs, Math.round(retryAfterMs * jitter)))
}

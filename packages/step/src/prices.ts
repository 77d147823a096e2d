import type { UsedRate } from '@starling/event'
import type { Usage } from '@starling/provider'
import type { ModelRate, TokenRate } from './model-rate.ts'

/** The rate that applies to a call with so many tokens of prompt, those of the cache included. */
export function rateFor(rate: ModelRate, promptTokens: number): TokenRate {
  const { above } = rate
  return above !== undefined && promptTokens > above.promptTokens ? above.rate : rate
}

/**
 * The cost of a model call in USD. Input and output are added first and in the
 * reference's order, so that a call without cache costs the same bits there.
 * Of a rate that depends on the prompt, take {@link rateFor} first.
 */
export function costOf(usage: Usage, rate: TokenRate): number {
  // At the same price they are part of the output: a sum in another order has other bits.
  const reasoning = rate.reasoning === undefined || rate.reasoning === rate.output ? 0 : usage.reasoning
  let sum = usage.input * rate.input + (usage.output - reasoning) * rate.output
  if (usage.cacheRead > 0) sum += usage.cacheRead * (rate.cacheRead ?? rate.input)
  const { cacheWrite = rate.input, cacheWriteLong = cacheWrite } = rate
  // Likewise.
  const long = cacheWriteLong === cacheWrite ? 0 : (usage.cacheWriteLong ?? 0)
  if (usage.cacheWrite > long) sum += (usage.cacheWrite - long) * cacheWrite
  if (long > 0) sum += long * cacheWriteLong
  if (reasoning > 0) sum += reasoning * (rate.reasoning ?? rate.output)
  return sum / 1_000_000
}

/** The reference's cost: neither cache tokens nor the length of the prompt enter. */
export function referenceCost(usage: Usage, rate: TokenRate | undefined): number {
  return rate === undefined ? 0 : (usage.input * rate.input + usage.output * rate.output) / 1_000_000
}

/**
 * A rate with every part written out, as it is recorded: zero is left out of a
 * record, so nothing else may be. The rate of long cache writes is the exception:
 * early recordings have none, and so there is none where it is that of the others.
 */
export function effectiveRate(rate: TokenRate): TokenRate {
  const { input, output, cacheRead = input, cacheWrite = input, cacheWriteLong = cacheWrite, reasoning = output } = rate
  return { input, output, cacheRead, cacheWrite, ...longRate(cacheWrite, cacheWriteLong), reasoning }
}

function longRate(cacheWrite: number, cacheWriteLong: number): Pick<TokenRate, 'cacheWriteLong'> {
  return cacheWriteLong === cacheWrite ? {} : { cacheWriteLong }
}

/** A recorded rate as one to compute with: what it leaves out is free. */
export function rateFromRecord(rate: UsedRate): ModelRate {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWriteLong = cacheWrite, reasoning = 0 } = rate
  return { input, output, cacheRead, cacheWrite, ...longRate(cacheWrite, cacheWriteLong), reasoning }
}

/** What a recorded call cost at its recorded rate. Early recordings left out what had its default; the recorded cost tells. */
export function costFromRecord(usage: Usage, rate: UsedRate, recordedUsd: number): number {
  const { input = 0, output = 0 } = rate
  const early = costOf(usage, { ...rate, input, output })
  return early === recordedUsd ? early : costOf(usage, rateFromRecord(rate))
}

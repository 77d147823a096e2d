import type { ModelRate, TokenRate } from './model-rate.ts'

/** By how much the parts of a rate are multiplied. */
export interface RateFactors {
  /** Of what goes in: input, cache reads and cache writes. */
  readonly input: number
  /** Of what comes out: output and reasoning. */
  readonly output: number
}

/** Returns a rate at a multiple of its price, free of the traces of binary fractions. */
export function scaleRate(rate: TokenRate, factors: RateFactors): TokenRate {
  const { input, output, cacheRead, cacheWrite, cacheWriteLong, reasoning } = rate
  return {
    input: times(input, factors.input),
    output: times(output, factors.output),
    ...(cacheRead === undefined ? {} : { cacheRead: times(cacheRead, factors.input) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: times(cacheWrite, factors.input) }),
    ...(cacheWriteLong === undefined ? {} : { cacheWriteLong: times(cacheWriteLong, factors.input) }),
    ...(reasoning === undefined ? {} : { reasoning: times(reasoning, factors.output) }),
  }
}

/** Returns a rate that is a multiple of itself for every token of a call whose prompt is longer than `promptTokens`. */
export function withLongPrompts(rate: TokenRate, promptTokens: number, factors: RateFactors): ModelRate {
  return { ...rate, above: { promptTokens, rate: scaleRate(rate, factors) } }
}

function times(price: number, factor: number): number {
  // No vendor goes below a hundred-thousandth of a cent.
  return Math.round(price * factor * 1e7) / 1e7
}

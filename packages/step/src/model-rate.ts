import { StepError } from './step-error.ts'

/** What tokens cost, in USD per million. */
export interface TokenRate {
  readonly input: number
  readonly output: number
  /** Default: the input rate. */
  readonly cacheRead?: number | undefined
  /** Where a vendor charges by how long an entry lives, the rate of the shortest. Default: the input rate. */
  readonly cacheWrite?: number | undefined
  /** Of entries that live an hour. Default: the cacheWrite rate. */
  readonly cacheWriteLong?: number | undefined
  /** Default: the output rate. */
  readonly reasoning?: number | undefined
}

/** What a model costs, in USD per million tokens. */
export interface ModelRate extends TokenRate {
  /** What every token of a call costs whose prompt is long. Default: the same as any other. */
  readonly above?: LongPromptRate | undefined
}

/** What a call costs whose prompt is long. */
export interface LongPromptRate {
  /** A prompt is long when it has more tokens than this, those of the cache included. */
  readonly promptTokens: number
  readonly rate: TokenRate
}

/** Rates by model name. A key ending in `*` matches every name that begins with what is before it. */
export type PriceTable = Readonly<Record<string, ModelRate>>

/**
 * Checks a price table as configured.
 *
 * @throws {@link StepError} `STEP_INVALID_OPTIONS` for a rate that is not a number, is negative or is not finite.
 */
export function checkPrices(table: PriceTable): void {
  for (const [model, { above, ...rate }] of Object.entries(table)) {
    checkRate(model, rate)
    if (above === undefined) continue
    const { promptTokens, rate: long } = above
    if (!Number.isInteger(promptTokens) || promptTokens < 0) {
      const expected = 'expected a whole number of 0 or more'
      throw invalid(`the long prompts of ${model} begin above ${String(promptTokens)} tokens, ${expected}`)
    }
    if (typeof long !== 'object' || long === null) throw invalid(`the long prompts of ${model} have no rate`)
    checkRate(`long prompts of ${model}`, long)
  }
}

function checkRate(model: string, rate: TokenRate): void {
  const { input, output, cacheRead = 0, cacheWrite = input, cacheWriteLong = cacheWrite, reasoning = 0 } = rate
  for (const [part, price] of Object.entries({ input, output, cacheRead, cacheWrite, cacheWriteLong, reasoning })) {
    if (typeof price === 'number' && price >= 0 && Number.isFinite(price)) continue
    throw invalid(`the ${part} price of ${model} is ${String(price)}, expected a number of 0 or more`)
  }
  // A record leaves out what is zero, and here that stands for the price of the others.
  if (cacheWriteLong === 0 && cacheWrite > 0) {
    const expected = `expected more, as the cacheWrite price is ${cacheWrite}`
    throw invalid(`the cacheWriteLong price of ${model} is 0, ${expected}`)
  }
}

function invalid(message: string): StepError {
  return new StepError('STEP_INVALID_OPTIONS', message)
}

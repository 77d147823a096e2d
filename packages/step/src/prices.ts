import type { UsedRate } from '@starling/event'
import type { Usage } from '@starling/provider'
import { StepError } from './step-error.ts'

/** What a model costs, in USD per million tokens. */
export interface ModelRate {
  readonly input: number
  readonly output: number
  /** Default: the input rate. */
  readonly cacheRead?: number | undefined
  /** Default: the input rate. */
  readonly cacheWrite?: number | undefined
  /** Default: the output rate. */
  readonly reasoning?: number | undefined
}

/** Rates by model name. A key ending in `*` matches every name that begins with what is before it. */
export type PriceTable = Readonly<Record<string, ModelRate>>

/** When {@link DEFAULT_PRICES} was last compared with the vendors' lists. */
export const PRICES_AS_OF = '2026-05-02'

const OPUS = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 }
const OPUS_4 = { input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75 }
const SONNET = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }

/** The built-in rates. */
export const DEFAULT_PRICES: PriceTable = {
  'gpt-4o': { input: 2.5, output: 10, cacheRead: 1.25 },
  'gpt-4o-mini': { input: 0.15, output: 0.6, cacheRead: 0.075 },
  'gpt-4-turbo': { input: 10, output: 30 },
  'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
  'claude-opus-4-7': OPUS,
  'claude-opus-4-6': OPUS,
  'claude-opus-4-5': OPUS,
  'claude-opus-4-1': OPUS_4,
  'claude-opus-4-0': OPUS_4,
  'claude-sonnet-4-6': SONNET,
  'claude-sonnet-4-5': SONNET,
  'claude-sonnet-4-0': SONNET,
  'claude-haiku-4-5': { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
  'claude-haiku-3-5': { input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 },
  'claude-haiku-3': { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3 },
}

// A release date at the end of a model name: `-20251001`, `-2024-08-06`.
const DATED = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/

/**
 * Finds the rate of a model: by its exact name, without a vendor prefix
 * (`openai/gpt-4o`), without a release date or `-latest`, then by the longest
 * pattern. `undefined` when the table does not know the model.
 */
export function findRate(model: string, table: PriceTable = DEFAULT_PRICES): ModelRate | undefined {
  const bare = model.slice(model.lastIndexOf('/') + 1)
  const undated = bare.replace(DATED, '').replace(/-latest$/, '')
  const names = [model, bare, undated, ...aliasesOf(undated)]
  for (const name of names) if (Object.hasOwn(table, name)) return table[name]
  const patterns = Object.keys(table).filter(
    (key) => key.endsWith('*') && (bare.startsWith(key.slice(0, -1)) || model.startsWith(key.slice(0, -1))),
  )
  const longest = patterns.toSorted((a, b) => b.length - a.length)[0]
  return longest === undefined ? undefined : table[longest]
}

// `claude-3-5-haiku`, and `claude-haiku-3.5`: the same name in other orders and spellings.
const VERSION_FIRST = /^claude-(\d+)(?:[-.](\d+))?-(opus|sonnet|haiku)$/
const VERSION_LAST = /^claude-(opus|sonnet|haiku)-(\d+)(?:[-.](\d+))?$/

/** Under which other names the table may know a model. */
function aliasesOf(name: string): readonly string[] {
  const first = VERSION_FIRST.exec(name)
  const last = VERSION_LAST.exec(name)
  const [family, major, minor] = first === null ? (last ?? []).slice(1) : [first[3], first[1], first[2]]
  if (family === undefined) return []
  const base = `claude-${family}-${major}`
  return minor === undefined ? [base, `${base}-0`] : [`${base}-${minor}`]
}

/**
 * Checks a price table as configured.
 *
 * @throws {@link StepError} `STEP_INVALID_OPTIONS` for a rate that is not a number, is negative or is not finite.
 */
export function checkPrices(table: PriceTable): void {
  for (const [model, rate] of Object.entries(table)) {
    const { input, output, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = rate
    for (const [part, price] of Object.entries({ input, output, cacheRead, cacheWrite, reasoning })) {
      if (typeof price === 'number' && price >= 0 && Number.isFinite(price)) continue
      const expected = 'expected a number of 0 or more'
      throw new StepError('STEP_INVALID_OPTIONS', `the ${part} price of ${model} is ${String(price)}, ${expected}`)
    }
  }
}

/**
 * The cost of a model call in USD. Input and output are added first and in the
 * reference's order, so that a call without cache costs the same bits there.
 */
export function costOf(usage: Usage, rate: ModelRate): number {
  // At the same price they are part of the output: a sum in another order has other bits.
  const reasoning = rate.reasoning === undefined || rate.reasoning === rate.output ? 0 : usage.reasoning
  let sum = usage.input * rate.input + (usage.output - reasoning) * rate.output
  if (usage.cacheRead > 0) sum += usage.cacheRead * (rate.cacheRead ?? rate.input)
  if (usage.cacheWrite > 0) sum += usage.cacheWrite * (rate.cacheWrite ?? rate.input)
  if (reasoning > 0) sum += reasoning * (rate.reasoning ?? rate.output)
  return sum / 1_000_000
}

/** The reference's cost: cache tokens do not enter. */
export function referenceCost(usage: Usage, rate: ModelRate | undefined): number {
  return rate === undefined ? 0 : (usage.input * rate.input + usage.output * rate.output) / 1_000_000
}

/** A rate with every part written out, as it is recorded: zero is left out of a record, so nothing else may be. */
export function effectiveRate(rate: ModelRate): Required<ModelRate> {
  const { input, output, cacheRead = input, cacheWrite = input, reasoning = output } = rate
  return { input, output, cacheRead, cacheWrite, reasoning }
}

/** A recorded rate as one to compute with: what it leaves out is free. */
export function rateFromRecord(rate: UsedRate): ModelRate {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = rate
  return { input, output, cacheRead, cacheWrite, reasoning }
}

/** What a recorded call cost at its recorded rate. Early recordings left out what had its default; the recorded cost tells. */
export function costFromRecord(usage: Usage, rate: UsedRate, recordedUsd: number): number {
  const { input = 0, output = 0 } = rate
  const early = costOf(usage, { ...rate, input, output })
  return early === recordedUsd ? early : costOf(usage, rateFromRecord(rate))
}

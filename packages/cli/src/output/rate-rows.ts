import type { ModelRate, TokenRate } from '@starling/step'
import type { Column } from './table.ts'

/** Rates as the columns and rows of a table. */
export interface RateTable {
  /** The titles: first the model's, then one for every part of a rate. */
  readonly columns: readonly Column[]
  /** Returns the rows of one model: its rate, and that of long prompts where they have their own. */
  readonly rows: (model: string, rate: ModelRate) => readonly (readonly string[])[]
}

type Part = keyof TokenRate

const TITLES: Readonly<Record<Part, string>> = {
  input: 'INPUT',
  output: 'OUTPUT',
  cacheRead: 'CACHE READ',
  cacheWrite: 'CACHE WRITE',
  cacheWriteLong: 'WRITE 1H',
  reasoning: 'REASONING',
}

/** Lays out rates; caches of an hour and reasoning have a column only where one of the rates has them. */
export function rateTable(rates: readonly ModelRate[]): RateTable {
  const all = rates.flatMap(({ above, ...rate }): TokenRate[] => (above === undefined ? [rate] : [rate, above.rate]))
  const has = (part: Part): boolean => all.some((rate) => rate[part] !== undefined)
  const rare = (['cacheWriteLong', 'reasoning'] as const).filter(has)
  const parts: readonly Part[] = ['input', 'output', 'cacheRead', 'cacheWrite', ...rare]
  const row = (title: string, rate: TokenRate): readonly string[] => [
    title,
    ...parts.map((part) => (rate[part] === undefined ? '' : String(rate[part]))),
  ]
  return {
    columns: [{ title: 'MODEL' }, ...parts.map((part) => ({ title: TITLES[part], align: 'right' as const }))],
    rows: (model, { above, ...rate }) => [
      row(model, rate),
      ...(above === undefined ? [] : [row(`  above ${shortCount(above.promptTokens)} tokens of prompt`, above.rate)]),
    ],
  }
}

function shortCount(tokens: number): string {
  return tokens >= 1000 && tokens % 1000 === 0 ? `${tokens / 1000}k` : String(tokens)
}

/** Returns a rate as JSON data, every part written out. */
export function rateJson({ above, ...rate }: ModelRate): Record<string, unknown> {
  return {
    ...partsJson(rate),
    above: above === undefined ? null : { prompt_tokens: above.promptTokens, ...partsJson(above.rate) },
  }
}

function partsJson({ input, output, cacheRead, reasoning, ...writes }: TokenRate): Record<string, number> {
  const { cacheWrite = input, cacheWriteLong = cacheWrite } = writes
  return {
    input,
    output,
    cache_read: cacheRead ?? input,
    cache_write: cacheWrite,
    cache_write_long: cacheWriteLong,
    reasoning: reasoning ?? output,
  }
}

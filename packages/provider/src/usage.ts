import type { Usage } from './provider.ts'

/** Token counts as a vendor reports them; whatever is missing counts as 0. */
export type ReportedUsage = { readonly [Part in keyof Usage]?: number | null | undefined }

/** How {@link normalizeUsage} reads what a vendor reports. */
export interface NormalizeUsageOptions {
  /** Whether the vendor counts cached tokens inside `input` too. Default: `false`. */
  readonly inputIncludesCache?: boolean | undefined
  /** Whether the vendor counts reasoning beside `output`, not inside it. Default: `false`. */
  readonly outputExcludesReasoning?: boolean | undefined
}

/**
 * Makes a {@link Usage} out of what a vendor reports: parts that do not overlap, whole and never negative.
 *
 * Vendors and proxies report odd numbers at times; an odd number is no reason to lose an answer.
 */
export function normalizeUsage(reported: ReportedUsage, options: NormalizeUsageOptions = {}): Usage {
  const cacheRead = count(reported.cacheRead)
  const cacheWrite = count(reported.cacheWrite)
  const cacheWriteLong = Math.min(count(reported.cacheWriteLong), cacheWrite)
  const reasoning = count(reported.reasoning)
  const input = count(reported.input) - (options.inputIncludesCache === true ? cacheRead + cacheWrite : 0)
  const output = count(reported.output) + (options.outputExcludesReasoning === true ? reasoning : 0)
  return {
    input: Math.max(input, 0),
    cacheRead,
    cacheWrite,
    ...(cacheWriteLong > 0 ? { cacheWriteLong } : {}),
    output,
    reasoning: Math.min(reasoning, output),
  }
}

function count(value: number | null | undefined): number {
  const whole = Math.floor(value ?? 0)
  return Number.isSafeInteger(whole) && whole > 0 ? whole : 0
}

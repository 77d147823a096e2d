import { normalizeUsage, type Usage } from '@starling/provider'
import { isJsonObject } from '@starling/provider-http'

const COUNTS = [
  'promptTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
] as const

type Counts = { [Name in (typeof COUNTS)[number]]: number }

/** Follows the token counts of one answer. */
export interface UsageMeter {
  /** Takes the `usageMetadata` of an event and returns what is known so far, if that is news; else it is no report. */
  add(metadata: unknown): Usage | undefined
}

/**
 * Starts to count.
 *
 * Every report is about the whole answer so far and may leave counts out, so
 * the largest of each one counts. The prompt includes what came from the cache,
 * but not what the vendor's own tools read; the candidates are without the thoughts.
 */
export function createUsageMeter(): UsageMeter {
  let counts: Counts | undefined
  return {
    add(metadata) {
      if (!isJsonObject(metadata)) return undefined
      let isNews = counts === undefined
      counts ??= {
        promptTokenCount: 0,
        toolUsePromptTokenCount: 0,
        cachedContentTokenCount: 0,
        candidatesTokenCount: 0,
        thoughtsTokenCount: 0,
      }
      for (const name of COUNTS) {
        const value = metadata[name]
        if (typeof value !== 'number' || value <= counts[name]) continue
        counts[name] = value
        isNews = true
      }
      return isNews ? toUsage(counts) : undefined
    },
  }
}

function toUsage(counts: Counts): Usage {
  return normalizeUsage(
    {
      input: counts.promptTokenCount + counts.toolUsePromptTokenCount,
      cacheRead: counts.cachedContentTokenCount,
      output: counts.candidatesTokenCount,
      reasoning: counts.thoughtsTokenCount,
    },
    { inputIncludesCache: true, outputExcludesReasoning: true },
  )
}

import { defineTool, type Tool } from '@starling/tool'
import * as z from 'zod'
import { LEVELS, readLog, type LogEntry } from './log-file.ts'
import { isWithin, TimeSchema } from './time-range.ts'

const DEFAULT_LIMIT = 12
const MAX_LIMIT = 50

const InputSchema = z.object({
  contains: z.string().min(1).max(200).optional().describe('Keep lines with this text in them, in any case.'),
  service: z.string().optional().describe('Keep lines of this service.'),
  level: z.enum(LEVELS).optional().describe('Keep lines of this level or a worse one.'),
  from: TimeSchema.optional(),
  to: TimeSchema.optional(),
  limit: z.int().min(1).max(MAX_LIMIT).optional().describe(`How many lines to show. Default: ${DEFAULT_LIMIT}.`),
})

/** Searches the application log of the example. */
export const searchLogs: Tool = defineTool({
  name: 'search_logs',
  description:
    'Searches the application log of the shop. Returns how many lines match, the first and last time, ' +
    'the count per service and the first matching lines.',
  input: InputSchema,
  async execute({ limit = DEFAULT_LIMIT, ...filter }, { signal }) {
    const entries = await readLog()
    signal.throwIfAborted()
    const matches = entries.filter((entry) => isMatch(entry, filter))
    return {
      matched: matches.length,
      searched: entries.length,
      first: matches.at(0)?.time ?? null,
      last: matches.at(-1)?.time ?? null,
      by_service: countByService(matches),
      lines: matches
        .slice(0, limit)
        .map(({ time, level, service, message }) => `${time} ${level} ${service} ${message}`),
    }
  },
})

type Filter = Omit<z.infer<typeof InputSchema>, 'limit'>

function isMatch(entry: LogEntry, filter: Filter): boolean {
  const { contains = '', service = entry.service, level = 'INFO', from, to } = filter
  return (
    entry.service === service &&
    LEVELS.indexOf(entry.level) >= LEVELS.indexOf(level) &&
    isWithin(entry.time, from, to) &&
    entry.message.toLowerCase().includes(contains.toLowerCase())
  )
}

function countByService(entries: readonly LogEntry[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { service } of entries) counts[service] = (counts[service] ?? 0) + 1
  return counts
}

import type { Event } from '@starling/event'

import type { SearchHit, SearchOptions } from './event-log.ts'
import { wholeNumber } from './read-range.ts'
import { matchSearch, parseSearchQuery } from './search-query.ts'
import { searchTextOf } from './search-text.ts'

const DEFAULT_LIMIT = 50

/**
 * Searches `events` one by one, without an index, as {@link EventLog.search} does.
 *
 * The event with the most matching words comes first, then the newest.
 */
export function searchEvents(events: Iterable<Event>, options: SearchOptions): readonly SearchHit[] {
  const limit = wholeNumber('limit', options.limit ?? DEFAULT_LIMIT, 1)
  const terms = parseSearchQuery(options.query)
  const found: { readonly hits: number; readonly hit: SearchHit }[] = []
  for (const event of events) {
    if (!isWanted(event, options)) continue
    const match = matchSearch(searchTextOf(event), terms)
    if (match === undefined) continue
    const { runId, seq, kind, ts } = event
    found.push({ hits: match.hits, hit: { runId, seq, kind, ts, snippet: match.snippet } })
  }
  return found
    .toSorted((a, b) => b.hits - a.hits || Number(b.hit.ts - a.hit.ts))
    .slice(0, limit)
    .map(({ hit }) => hit)
}

function isWanted(event: Event, { runId, kinds }: SearchOptions): boolean {
  return (runId === undefined || event.runId === runId) && (kinds === undefined || kinds.includes(event.kind))
}

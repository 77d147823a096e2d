import type { Event } from '@starling/event'

import type { EventLog } from './event-log.ts'
import { wholeNumber } from './read-range.ts'

// Large enough to make the calls cheap, small enough for a page of results of a megabyte each.
const DEFAULT_PAGE_SIZE = 256

/** How {@link readPages} reads. */
export interface ReadPagesOptions {
  /** The first `seq` to return. Default: 1. */
  readonly fromSeq?: number | undefined
  /** How many events a page holds. Default: 256. */
  readonly pageSize?: number | undefined
}

/**
 * Yields the events of a run in pages, each as large as asked for but the last.
 *
 * Ends with what is stored at that moment; use {@link EventLog.stream} to wait
 * for more. At most one page is in memory.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when the page size is not a whole number from 1.
 */
export async function* readPages(
  log: Pick<EventLog, 'read'>,
  runId: string,
  options: ReadPagesOptions = {},
): AsyncGenerator<readonly Event[], void, undefined> {
  const pageSize = wholeNumber('pageSize', options.pageSize ?? DEFAULT_PAGE_SIZE, 1)
  let fromSeq = options.fromSeq ?? 1
  for (;;) {
    const page = await log.read(runId, { fromSeq, limit: pageSize })
    if (page.length > 0) yield page
    if (page.length < pageSize) return
    fromSeq += page.length
  }
}

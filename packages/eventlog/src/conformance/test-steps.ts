import { isStarlingError } from '@starling/event'
import type { Event } from '@starling/event'

import type { EventLog } from '../event-log.ts'

/** Appends `events` of one run and returns them. */
export async function store(log: EventLog, events: readonly Event[]): Promise<readonly Event[]> {
  await log.append(events[0]?.runId ?? '', events)
  return events
}

/** Returns the element at `index`, which must be there. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items.at(index)
  if (item === undefined) throw new RangeError(`expected an element at ${index}, got ${items.length} of them`)
  return item
}

/** Waits for all of `promises` and says of each `ok`, or with which code it failed; any other failure is thrown. */
export async function outcomesOf(promises: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'ok'
    if (isStarlingError(result.reason)) return result.reason.code
    throw result.reason
  })
}

/** Collects what an iteration yields, at most `limit` elements. */
export async function collect<T>(source: AsyncIterable<T>, limit: number = Infinity): Promise<readonly T[]> {
  const items: T[] = []
  if (limit <= 0) return items
  for await (const item of source) {
    items.push(item)
    if (items.length >= limit) break
  }
  return items
}

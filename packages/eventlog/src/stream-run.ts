import { isTerminalKind } from '@starling/event'
import type { Event } from '@starling/event'

import type { StreamOptions } from './event-log.ts'
import type { ChangeSubscription } from './notifier.ts'
import { normalizeRead } from './read-range.ts'
import type { ReadRange } from './read-range.ts'

// A stream holds one page at a time, however far behind its reader is.
const PAGE_SIZE = 256

/** What {@link streamRun} needs of a store to follow one run. */
export interface RunSource {
  /** Returns events of the run in order, a prefix of what is stored. */
  read(range: ReadRange): Promise<readonly Event[]> | readonly Event[]
  /** Returns the last event of the run, if it has any. */
  last(): Promise<LastEvent | undefined> | LastEvent | undefined
  /** Starts listening for changes of the run. Waking up for no reason does no harm. */
  subscribe(): ChangeSubscription
}

/** What {@link RunSource.last} tells of an event. */
export type LastEvent = Pick<Event, 'seq' | 'kind'>

/**
 * Implements {@link EventLog.stream} over any store that can be read by `seq`.
 *
 * The stream pulls: it reads a page, waits for its consumer, and sleeps only
 * when nothing is left to read. So nothing is buffered for a slow consumer and
 * nothing can be dropped. Leaving the iteration ends it, also while it waits.
 */
export function streamRun(source: RunSource, options: StreamOptions = {}): AsyncIterable<Event> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Event, void, undefined> {
      const stop = new AbortController()
      const events = generate(source, options, stop)
      return {
        next: () => events.next(),
        return: () => {
          // A generator that waits would not notice its own return() before it is woken.
          stop.abort(LEFT)
          return events.return()
        },
      }
    },
  }
}

/** Why a stream whose consumer has left stops waiting; never seen outside. */
const LEFT = Symbol('left')

async function* generate(
  source: RunSource,
  options: StreamOptions,
  stop: AbortController,
): AsyncGenerator<Event, void, undefined> {
  const { fromSeq = 1, signal } = options
  normalizeRead({ fromSeq })
  const abort = (): void => stop.abort(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    yield* follow(source, { fromSeq, endless: options.follow ?? false, signal: stop.signal })
  } catch (error) {
    if (error !== LEFT) throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

interface FollowOptions {
  readonly fromSeq: number
  readonly endless: boolean
  readonly signal: AbortSignal
}

async function* follow(source: RunSource, options: FollowOptions): AsyncGenerator<Event, void, undefined> {
  const { fromSeq, endless, signal } = options
  using changes = source.subscribe()
  for (let nextSeq = fromSeq; ;) {
    const page = await source.read({ fromSeq: nextSeq, limit: PAGE_SIZE })
    for (const event of page) {
      signal.throwIfAborted()
      yield event
      nextSeq = event.seq + 1
      if (!endless && isTerminalKind(event.kind)) return
    }
    signal.throwIfAborted()
    if (page.length > 0) continue
    const last = await source.last()
    const pruned = nextSeq > fromSeq && (last === undefined || last.seq < nextSeq - 1)
    const ended = !endless && last !== undefined && last.seq < nextSeq && isTerminalKind(last.kind)
    if (pruned || ended) return
    await changes.wait(signal)
  }
}

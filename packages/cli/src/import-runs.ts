import { equalBytes, hashEvent, type Event } from '@starling/event'
import { checkAppend, validateEvents, type EventLog } from '@starling/eventlog'
import type { StoredLog } from './io.ts'
import { parseRawEvent, type RawEvent } from './raw-event.ts'

/** What became of one run of an import. */
export interface ImportedRun {
  readonly runId: string
  /**
   * `imported`: it is new. `continued`: its first events were there already.
   * `unchanged`: all of them were. `refused`: nothing of it was written.
   */
  readonly status: 'imported' | 'continued' | 'unchanged' | 'refused'
  /** How many events were written. */
  readonly events: number
  /** Why it was refused. */
  readonly reason?: string | undefined
  /** True when it was refused because its own events do not fit together. */
  readonly corrupt?: boolean | undefined
}

interface CollectedRun {
  readonly events: RawEvent[]
  readonly bySeq: Map<number, RawEvent>
}

function newRun(): CollectedRun {
  return { events: [], bySeq: new Map() }
}

/**
 * Collects the events of a file by run, each run in the order of its lines; identical lines count once.
 *
 * @throws {@link Error} whose message starts with the number of the line.
 */
export async function collectRuns(lines: AsyncIterable<string>): Promise<ReadonlyMap<string, readonly RawEvent[]>> {
  const runs = new Map<string, CollectedRun>()
  let number = 0
  for await (const line of lines) {
    number += 1
    // A byte order mark may stand before the first line; blank lines may stand anywhere.
    const text = number === 1 && line.startsWith('\uFEFF') ? line.slice(1) : line
    if (text.trim() === '') continue
    const raw = parseLine(text, number)
    const run = runs.get(raw.event.runId) ?? newRun()
    runs.set(raw.event.runId, run)
    const same = run.bySeq.get(raw.event.seq)
    // A line that stands there twice, as in two backups put together, says nothing new.
    if (same !== undefined && isSame(same.event, raw.event) && isSameBytes(same.hash, raw.hash)) continue
    run.bySeq.set(raw.event.seq, raw)
    run.events.push(raw)
  }
  return new Map([...runs].map(([runId, run]) => [runId, run.events]))
}

/**
 * Returns why the events of a run do not fit together, or `undefined` when they do.
 *
 * Every event must extend the chain before it and have the hash its line
 * claims, and the whole must be valid; a run that has not ended is.
 */
export function findFault(runId: string, events: readonly RawEvent[]): string | undefined {
  let previous: Event | undefined
  for (const { event, hash } of events) {
    try {
      checkAppend(previous, event, runId)
      if (hash !== null && !equalBytes(hash, hashEvent(event)))
        return `the hash of event ${event.seq} is not what its line claims`
    } catch (error) {
      return `event ${event.seq}: ${error instanceof Error ? error.message : String(error)}`
    }
    previous = event
  }
  const validation = validateEvents(events.map((raw) => raw.event))
  return validation.status === 'corrupt' ? (validation.violation?.detail ?? validation.reason) : undefined
}

/** Writes a run, or what the log lacks of it, in one atomic append. */
export async function storeRun(
  log: StoredLog,
  runId: string,
  options: { readonly events: readonly Event[]; readonly unchecked: boolean },
): Promise<ImportedRun> {
  const { events, unchecked } = options
  const existing = await log.read(runId)
  const different = firstDifference(existing, events)
  if (different !== undefined) {
    const reason = `the log has a run of this id whose event ${different} differs; fork or prune it first`
    return { runId, status: 'refused', events: 0, reason }
  }
  const missing = events.slice(existing.length)
  if (missing.length === 0) return { runId, status: 'unchanged', events: 0 }
  if (unchecked && log.appendUnchecked !== undefined) await log.appendUnchecked(runId, missing)
  else await append(log, runId, missing)
  return { runId, status: existing.length === 0 ? 'imported' : 'continued', events: missing.length }
}

async function append(log: EventLog, runId: string, events: readonly Event[]): Promise<void> {
  await log.append(runId, events)
}

/** Returns the `seq` of the first event that both have and that differs. */
function firstDifference(existing: readonly Event[], events: readonly Event[]): number | undefined {
  const common = Math.min(existing.length, events.length)
  for (let index = 0; index < common; index++) {
    const a = existing[index]
    const b = events[index]
    if (a === undefined || b === undefined || !isSame(a, b)) return a?.seq ?? index + 1
  }
  return undefined
}

function isSame(a: Event, b: Event): boolean {
  return (
    a.seq === b.seq &&
    a.ts === b.ts &&
    a.kind === b.kind &&
    isSameBytes(a.prevHash, b.prevHash) &&
    equalBytes(a.payload, b.payload)
  )
}

function isSameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b)
}

function parseLine(text: string, number: number): RawEvent {
  try {
    return parseRawEvent(text)
  } catch (cause) {
    throw new Error(`line ${number} ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

import { hasCode, type Event } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { RunCheck } from '../import/run-check.ts'
import type { StoredEvents } from '../import/stored-events.ts'
import type { ImportedRun } from '../import/write-runs.ts'
import type { StoredLog } from '../io.ts'
import { readEvents } from '../read-log.ts'

/** How runs are copied. */
export interface CopyOptions {
  readonly source: EventLog
  /** What the other log holds. */
  readonly stored: StoredEvents
  /** Opens the other log to write, the first time that there is something to write. */
  readonly destination: () => Promise<StoredLog>
  /** Compare no hashes, do not validate, and store events whatever their chain says. */
  readonly unverified: boolean
  /** Only find out what would be copied. */
  readonly dryRun: boolean
  readonly signal: AbortSignal
  /** How much of a run is held; a longer one is read twice, and written in parts. Default: 8 MiB. */
  readonly maxHeldBytes?: number | undefined
}

/** A run that could not be written to its end. */
export interface CutOff {
  /** How many events were written. */
  readonly events: number
  readonly failure: Error
}

const DEFAULT_MAX_HELD_BYTES = 8 * 1024 * 1024

/** Copies what the other log lacks of a run, once all of it was read and found right. */
export async function copyRun(runId: string, options: CopyOptions): Promise<ImportedRun | CutOff> {
  const { source, stored, unverified, dryRun, signal, maxHeldBytes = DEFAULT_MAX_HELD_BYTES } = options
  const check = new RunCheck(runId, { unverified, stored, isUnique: true })
  const missing = new HeldEvents(maxHeldBytes)
  let lastSeq = 0
  try {
    for await (const event of readEvents(source, runId)) {
      signal.throwIfAborted()
      await check.push(event, null)
      if (check.isRefused) break
      if (!check.isStored(event)) missing.add(event)
      lastSeq = event.seq
    }
  } catch (error) {
    if (!hasCode(error, 'EVENTLOG_CORRUPT')) throw error
    return { runId, status: 'refused', events: 0, reason: `it cannot be read: ${error.message}`, corrupt: true }
  }
  const checked = check.finish()
  // Deleted after it was listed: then there is nothing to copy, and nothing wrong.
  if (checked.events === 0) return { runId, status: 'unchanged', events: 0 }
  if (checked.refusal !== undefined) return { runId, status: 'refused', events: 0, ...checked.refusal }
  if (checked.missing === 0) return { runId, status: 'unchanged', events: 0 }
  const status = checked.exists ? 'continued' : 'imported'
  if (dryRun) return { runId, status, events: checked.missing }
  const events = missing.events ?? readMissing(source, { runId, check, lastSeq })
  return writeRun(events, { ...options, runId, status, maxHeldBytes })
}

interface WriteRunOptions extends CopyOptions {
  readonly runId: string
  readonly status: ImportedRun['status']
  readonly maxHeldBytes: number
}

async function writeRun(
  events: Iterable<Event> | AsyncIterable<Event>,
  { runId, status, destination, unverified, signal, maxHeldBytes }: WriteRunOptions,
): Promise<ImportedRun | CutOff> {
  let written = 0
  let batch = new HeldEvents(maxHeldBytes)
  try {
    const log = await destination()
    const flush = async (): Promise<void> => {
      const held = batch.events ?? []
      batch = new HeldEvents(maxHeldBytes)
      if (unverified && log.appendUnchecked !== undefined) await log.appendUnchecked(runId, held)
      else await log.append(runId, held)
      written += held.length
    }
    for await (const event of events) {
      signal.throwIfAborted()
      if (!batch.fits(event)) await flush()
      batch.add(event)
    }
    await flush()
    return { runId, status, events: written }
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure
    if (!hasCode(failure, 'EVENTLOG_INVALID_APPEND')) return { events: written, failure }
    // What the log itself refuses concerns this run only; the others go on.
    const before = written === 0 ? '' : `; its first ${written} missing events have been written`
    return { runId, status: 'refused', events: written, reason: `${failure.message}${before}`, corrupt: true }
  }
}

/** Reads a run again; what has been appended to it meanwhile was not checked. */
async function* readMissing(
  source: EventLog,
  { runId, check, lastSeq }: { readonly runId: string; readonly check: RunCheck; readonly lastSeq: number },
): AsyncIterable<Event> {
  for await (const event of readEvents(source, runId)) {
    if (event.seq > lastSeq) return
    if (!check.isStored(event)) yield event
  }
}

/** Events as long as they are not too large together. */
class HeldEvents {
  readonly #maxBytes: number
  #bytes = 0
  #events: Event[] | undefined = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** What was added; `undefined` when that was too much. */
  get events(): readonly Event[] | undefined {
    return this.#events
  }

  /** Whether one more may be added; the first always may. */
  fits(event: Event): boolean {
    return this.#bytes === 0 || this.#bytes + sizeOf(event) <= this.#maxBytes
  }

  add(event: Event): void {
    if (!this.fits(event)) this.#events = undefined
    this.#bytes += sizeOf(event)
    this.#events?.push(event)
  }
}

function sizeOf(event: Event): number {
  return event.payload.length + 200
}

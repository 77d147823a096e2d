import { hasCode, type Event } from '@starling/event'
import type { StoredLog } from '../io.ts'
import { readEvents } from './check-runs.ts'
import type { CheckedRun } from './run-check.ts'
import { SeqSet } from './seq-set.ts'

/** What became of one run of an import. */
export interface ImportedRun {
  readonly runId: string
  /**
   * `imported`: it is new. `continued`: its first events were there already.
   * `unchanged`: all of them were. `refused`: it may not be written.
   * `pending`: the import ended before its last event was written.
   */
  readonly status: 'imported' | 'continued' | 'unchanged' | 'refused' | 'pending'
  /** How many events were written. */
  readonly events: number
  /** Why it was refused. */
  readonly reason?: string | undefined
  /** True when it was refused because its own events do not fit together. */
  readonly corrupt?: boolean | undefined
}

/** How a {@link RunWriter} writes. */
export interface WriteOptions {
  /** Where to; may be absent when there is nothing to write. */
  readonly log: StoredLog | undefined
  /** Store events whatever their chain says, where the log can. */
  readonly unchecked: boolean
  /** Called when runs have been written whole, with how many so far. */
  readonly onWritten: (runs: number) => void
  /** How much of a file may be held; runs that do not fit are written in parts. Default: 32 MiB. */
  readonly maxHeldBytes?: number | undefined
}

// What is appended at the same moment shares one commit: enough runs for that to cost little each.
const GROUP_RUNS = 256
const GROUP_BYTES = 1024 * 1024

const DEFAULT_MAX_HELD_BYTES = 32 * 1024 * 1024

/** A run that is being written. */
interface OpenRun {
  readonly checked: CheckedRun
  /** Numbers met in the file, which may have lines twice. */
  readonly met: SeqSet
  held: Event[]
  written: number
  refusal?: string | undefined
}

/** Writes runs that have been checked, many at a time, and knows at any moment what has become of each. */
export class RunWriter {
  readonly #options: WriteOptions
  readonly #runs: ReadonlyMap<string, OpenRun>
  /** Runs of which every missing event is held. */
  #complete: OpenRun[] = []
  #heldBytes = 0
  #bytesSinceFlush = 0
  #writtenRuns = 0

  constructor(runs: readonly CheckedRun[], options: WriteOptions) {
    this.#options = options
    const open = runs.map((checked): OpenRun => ({ checked, met: new SeqSet(), held: [], written: 0 }))
    this.#runs = new Map(open.map((run) => [run.checked.runId, run]))
  }

  /** Writes what the log lacks. When it fails, {@link RunWriter.results} tells how far it got. */
  async write(lines: AsyncIterable<string>): Promise<void> {
    const { maxHeldBytes = DEFAULT_MAX_HELD_BYTES } = this.#options
    for await (const { event } of readEvents(lines)) {
      const run = this.#runs.get(event.runId)
      if (run === undefined || run.checked.refusal !== undefined || run.refusal !== undefined) continue
      if (run.checked.stored.has(event.seq) || !run.met.add(event.seq)) continue
      this.#hold(run, event)
      if (this.#complete.length >= GROUP_RUNS || this.#bytesSinceFlush >= GROUP_BYTES) await this.#flush(this.#complete)
      else if (this.#heldBytes >= maxHeldBytes) await this.#flush([...this.#runs.values()])
    }
    await this.#flush([...this.#runs.values()])
  }

  /** What has become of each run so far, in the order of the file. */
  results(): readonly ImportedRun[] {
    return [...this.#runs.values()].map(({ checked, written, refusal }) => {
      const { runId, exists, missing } = checked
      if (checked.refusal !== undefined) return { runId, status: 'refused', events: 0, ...checked.refusal }
      if (refusal !== undefined) return { runId, status: 'refused', events: written, reason: refusal, corrupt: true }
      if (missing === 0) return { runId, status: 'unchanged', events: 0 }
      if (written < missing) return { runId, status: 'pending', events: written }
      return { runId, status: exists ? 'continued' : 'imported', events: written }
    })
  }

  #hold(run: OpenRun, event: Event): void {
    run.held.push(event)
    const bytes = sizeOf(event)
    this.#heldBytes += bytes
    this.#bytesSinceFlush += bytes
    if (run.written + run.held.length === run.checked.missing) this.#complete.push(run)
  }

  /** Appends what these runs hold, all of it in one go. */
  async #flush(runs: readonly OpenRun[]): Promise<void> {
    const due = runs.filter((run) => run.held.length > 0)
    this.#complete = []
    this.#bytesSinceFlush = 0
    const outcomes = await Promise.allSettled(due.map(async (run) => this.#append(run)))
    this.#options.onWritten(this.#writtenRuns)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async #append(run: OpenRun): Promise<void> {
    const { checked, held } = run
    run.held = []
    this.#heldBytes -= held.reduce((sum, event) => sum + sizeOf(event), 0)
    const { log, unchecked } = this.#options
    try {
      if (unchecked && log?.appendUnchecked !== undefined) await log.appendUnchecked(checked.runId, held)
      else await log?.append(checked.runId, held)
    } catch (error) {
      if (!hasCode(error, 'EVENTLOG_INVALID_APPEND')) throw error
      // What the log itself refuses concerns this run only; the others go on.
      const before = run.written === 0 ? '' : `; its first ${run.written} events have been written`
      run.refusal = `${error.message}${before}`
      return
    }
    run.written += held.length
    if (run.written === checked.missing) this.#writtenRuns += 1
  }
}

function sizeOf(event: Event): number {
  return event.payload.length + 200
}

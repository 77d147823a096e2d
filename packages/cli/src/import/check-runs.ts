import { parseRawEvent, type RawEvent } from '../raw-event.ts'
import { RunCheck, type CheckedRun, type RunCheckOptions } from './run-check.ts'

/** How {@link checkRuns} checks. */
export interface CheckOptions extends RunCheckOptions {
  /** Called after every line with how many runs there are so far. */
  readonly onLine: (runs: number) => void
}

/**
 * Checks every run of a file, line by line, and returns them in the order in which they first appear.
 *
 * Of a run that has ended a few bytes per event are kept, of one that has not
 * its last event too: files of any size fit.
 *
 * @throws {@link Error} whose message starts with the number of the line that is no event.
 */
export async function checkRuns(lines: AsyncIterable<string>, options: CheckOptions): Promise<readonly CheckedRun[]> {
  const runs = new Map<string, RunCheck>()
  for await (const { event, hash } of readEvents(lines)) {
    let run = runs.get(event.runId)
    if (run === undefined) {
      run = new RunCheck(event.runId, options)
      runs.set(event.runId, run)
    }
    await run.push(event, hash)
    options.onLine(runs.size)
  }
  return [...runs.values()].map((run) => run.finish())
}

/**
 * Reads the events of a file.
 *
 * @throws {@link Error} whose message starts with the number of the line that is no event.
 */
export async function* readEvents(lines: AsyncIterable<string>): AsyncIterable<RawEvent> {
  let number = 0
  for await (const line of lines) {
    number += 1
    // A byte order mark may stand before the first line; blank lines may stand anywhere.
    const text = number === 1 && line.startsWith('\uFEFF') ? line.slice(1) : line
    if (text.trim() !== '') yield parseLine(text, number)
  }
}

function parseLine(text: string, number: number): RawEvent {
  try {
    return parseRawEvent(text)
  } catch (cause) {
    throw new Error(`line ${number} ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

import { join } from 'node:path'
import type { ReplayReport } from '@starling/core'
import type { Crash } from './crashing-log.ts'

/** What a child process is to do. */
export type Job =
  /** Start the run of a scenario in a folder, or take it up again, and be killed. */
  | {
      readonly type: 'crash'
      readonly phase: 'start' | 'again'
      readonly scenario: string
      readonly folder: string
      readonly crash: Crash
    }
  /** Bring the run in every folder to its end, starting it where there is none, and replay it. */
  | { readonly type: 'finish'; readonly scenario: string; readonly folders: readonly string[] }

/** How a run was brought to its end. */
export interface Outcome {
  /** The result's status, or the code of the error. */
  readonly end: string
  /** The replay that calls the tools again, and the one that takes over what they returned. */
  readonly replays: readonly Pick<
    ReplayReport,
    'status' | 'eventsRecorded' | 'eventsReproduced' | 'divergences' | 'warnings'
  >[]
}

/** The only run in a folder. */
export const RUN_ID = 'the-run'

/** The files of a folder. */
export function filesIn(folder: string): { readonly log: string; readonly journal: string; readonly outcome: string } {
  return { log: join(folder, 'log.db'), journal: join(folder, 'journal.ndjson'), outcome: join(folder, 'outcome.json') }
}

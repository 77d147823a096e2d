import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { bundleEnv, bundleProgram, runProgram, type ProcessEnd } from '../programs.ts'
import type { ScenarioName } from './scenario.ts'

/** Where a process works, and when it is killed. */
export interface ProgramOptions {
  /** The directory of the log and the journal. */
  readonly folder: string
  /** Killed, with the signal nobody can catch, right after this event of the run is durable. */
  readonly crashAtSeq?: number | undefined
}

/** The log in a folder, as the program is told. */
export const LOG = 'runs.db'

/** Where the executions of the tools are written. */
export function journalIn(folder: string): string {
  return join(folder, 'journal')
}

/** The program as a bundle, and the agent modules: a process from the sources takes most of its time to load them. */
export interface Program {
  run(args: readonly string[], options: ProgramOptions): Promise<ProcessEnd>
  /** The paths of the agent modules. */
  readonly agents: Readonly<Record<ScenarioName, string>>
  /** The path of a program of its own that streams a run of `pay`. */
  readonly stream: string
}

/** The log of the command line is able to kill it. */
const CRASHING_LOG: Plugin = {
  name: 'crashing-log',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@starling\/eventlog-sqlite$/ }, ({ importer }) =>
      importer.endsWith('sqlite-store.ts')
        ? { path: fileURLToPath(new URL('crashing-sqlite.child.ts', import.meta.url)) }
        : undefined,
    ),
}

/** Bundles the command line, the agent modules of the tests, and a program without a command line. */
export async function buildProgram(): Promise<Program> {
  const [main, ship, pay, stream] = await Promise.all([
    bundleProgram(new URL('../../../../apps/starling/src/main.ts', import.meta.url), 'approvals-starling', [
      CRASHING_LOG,
    ]),
    bundleProgram(new URL('ship.child.ts', import.meta.url), 'approvals-ship'),
    bundleProgram(new URL('pay.child.ts', import.meta.url), 'approvals-pay'),
    bundleProgram(new URL('stream.child.ts', import.meta.url), 'approvals-stream'),
  ])
  return {
    agents: { ship, pay },
    stream,
    run: async (args, { folder, crashAtSeq }) => {
      const crash = crashAtSeq === undefined ? {} : { CRASH_AT_SEQ: String(crashAtSeq) }
      return runProgram(main, args, { cwd: folder, env: { ...envIn(folder), ...crash } })
    },
  }
}

/** Tells a process where its journal is. */
export function envIn(folder: string): NodeJS.ProcessEnv {
  // Whoever runs the tests may have a log of their own.
  return bundleEnv({ STARLING_DB: undefined, APPROVALS_JOURNAL: journalIn(folder) })
}

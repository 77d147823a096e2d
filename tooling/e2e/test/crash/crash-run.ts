import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '@starling/event'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import type { Message } from '@starling/provider'
import { runChild } from './children.ts'
import type { Crash } from './crashing-log.ts'
import { filesIn, RUN_ID } from './job.ts'
import type { Job, Outcome } from './job.ts'
import { readJournal } from './journal.ts'
import type { Scenario } from './scenario.ts'
import { findBroken } from './verdict.ts'

/** The undisturbed run of a scenario, and where the first crash of a run that crashes twice is kept. */
export interface Baseline {
  readonly scenario: Scenario
  readonly directory: string
  readonly events: readonly Event[]
  readonly lastRequest: readonly Message[]
  /** What else is wrong with it. */
  readonly broken: readonly string[]
}

/** Runs a scenario that nobody kills, except where it is about a run that was killed before. */
export async function runBaseline(scenario: Scenario, directory: string): Promise<Baseline> {
  const folder = makeFolder(directory, 'undisturbed')
  const { crashedBefore } = scenario
  if (crashedBefore !== undefined) {
    const first = makeFolder(directory, 'first')
    await crash(scenario, { phase: 'start', folder: first, crash: { type: 'event', seq: crashedBefore } })
    cpSync(first, folder, { recursive: true })
  }
  const before = await readRun(folder)
  await finishAll(scenario, [folder])
  const baseline = {
    scenario,
    directory,
    events: await readRun(folder),
    lastRequest: lastRequestIn(folder),
    broken: [],
  }
  return { ...baseline, broken: await judge(baseline, { folder, before }) }
}

/** A run after its process was killed. */
export interface Dead {
  readonly folder: string
  readonly before: readonly Event[]
}

/** Runs a scenario in a new process until it kills itself. */
export async function runUntil({ scenario, directory }: Baseline, name: string, when: Crash): Promise<Dead> {
  const folder = makeFolder(directory, name)
  if (scenario.crashedBefore !== undefined) cpSync(join(directory, 'first'), folder, { recursive: true })
  await crash(scenario, { phase: scenario.crashedBefore === undefined ? 'start' : 'again', folder, crash: when })
  return { folder, before: await readRun(folder) }
}

async function crash(
  scenario: Scenario,
  options: Pick<Extract<Job, { type: 'crash' }>, 'phase' | 'folder' | 'crash'>,
): Promise<void> {
  const { signal, code, stderr } = await start({ type: 'crash', scenario: scenario.name, ...options })
  if (signal === 'SIGKILL') return
  throw new Error(
    `${scenario.name}: ${JSON.stringify(options.crash)} killed nobody, exit code ${String(code)}: ${stderr}`,
  )
}

/** Brings dead runs to their end, in one new process. */
export async function finishAll(scenario: Scenario, folders: readonly string[]): Promise<void> {
  const { code, stderr } = await start({ type: 'finish', scenario: scenario.name, folders })
  if (code !== 0) throw new Error(`${scenario.name}: the process that resumes ended with ${String(code)}: ${stderr}`)
}

/** Holds a finished run against what must be true of it; returns what is not. */
export async function judge({ scenario, lastRequest }: Baseline, { folder, before }: Dead): Promise<readonly string[]> {
  const files = filesIn(folder)
  const outcome = JSON.parse(readFileSync(files.outcome, 'utf8')) as Outcome // written by the child
  return findBroken({
    scenario,
    before,
    after: await readRun(folder),
    notes: readJournal(files.journal),
    outcome,
    undisturbed: lastRequest,
  })
}

function start(job: Job): ReturnType<typeof runChild> {
  return runChild('run.child.ts', job)
}

function makeFolder(directory: string, name: string): string {
  const folder = join(directory, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

async function readRun(folder: string): Promise<readonly Event[]> {
  await using log = await openSqliteEventLog({ path: filesIn(folder).log })
  return log.read(RUN_ID)
}

function lastRequestIn(folder: string): readonly Message[] {
  return readJournal(filesIn(folder).journal).findLast((note) => note.type === 'request')?.messages ?? []
}

/** Runs scenarios in a process of its own: the job comes as JSON in the first argument. */
import { writeFileSync } from 'node:fs'
import { createAgent } from '@starling/core'
import type { Agent, Clock, RunHandle } from '@starling/core'
import { hasCode, isStarlingError, KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { systemClock } from '@starling/step'
import { createCrashingLog } from './crashing-log.ts'
import { filesIn, RUN_ID } from './job.ts'
import type { Job, Outcome } from './job.ts'
import { Journal } from './journal.ts'
import { toDefinition } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

/** Waits between attempts are no part of what is tested. */
const HASTY: Clock = { ...systemClock, sleep: (ms, options) => systemClock.sleep(Math.min(ms, 1), options) }

const job = JSON.parse(process.argv[2] ?? '') as Job // written by the parent
const scenario = scenarioNamed(job.scenario)
if (job.type === 'crash') await crash(job)
else for (const folder of job.folders) await finish(folder)

async function crash({ folder, phase, crash: when }: Extract<Job, { type: 'crash' }>): Promise<void> {
  const files = filesIn(folder)
  const journal = new Journal(files.journal, phase)
  await using log = await openSqliteEventLog({ path: files.log })
  const agent = agentOn(createCrashingLog(log, when), journal)
  await drive(phase === 'start' ? agent.stream(scenario.name, { runId: RUN_ID }) : agent.resume(RUN_ID), journal)
}

async function finish(folder: string): Promise<void> {
  const files = filesIn(folder)
  const journal = new Journal(files.journal, 'finish')
  await using log = await openSqliteEventLog({ path: files.log })
  const agent = agentOn(log, journal)
  const end = await drive(await takeUp(agent, log, journal), journal)
  journal.enter('replay')
  const replays = [
    await agent.replay(RUN_ID, { collect: 'all' }),
    await agent.replay(RUN_ID, { tools: 'recorded', collect: 'all' }),
  ]
  const outcome: Outcome = { end, replays }
  writeFileSync(
    files.outcome,
    JSON.stringify(outcome, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  )
}

async function takeUp(agent: Agent, log: EventLog, journal: Journal): Promise<RunHandle> {
  const events = await log.read(RUN_ID)
  if (events.length === 0) {
    journal.enter('start')
    return agent.stream(scenario.name, { runId: RUN_ID })
  }
  const isSaid = events.some((event) => event.kind === KIND.UserMessageAppended)
  return agent.resume(RUN_ID, { message: isSaid ? undefined : scenario.message })
}

/** Steers a run to its end; the status of its result, or the code of its error. */
async function drive(handle: RunHandle, journal: Journal): Promise<string> {
  handle.result.catch(() => undefined) // comes as the last update, too
  for await (const update of handle) {
    scenario.onUpdate?.(update, handle, journal)
    if (update.type !== 'done') continue
    if (update.result !== undefined) return update.result.status
    if (isStarlingError(update.error) && !hasCode(update.error, 'CORE_CORRUPT')) return update.error.code
    throw update.error
  }
  throw new Error('the run went by without its last update')
}

function agentOn(log: EventLog, journal: Journal): Agent {
  return createAgent({ ...toDefinition(scenario, journal), log, clock: HASTY })
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}`)
  return found
}

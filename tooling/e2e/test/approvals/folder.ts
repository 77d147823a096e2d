import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAgent, readApprovals, type ApprovalRequest } from '@starling/core'
import { decodePayload, decodeValue, KIND, type Event } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { journalIn, LOG } from './program.ts'
import type { Scenario } from './scenario.ts'

/** The only run of a folder. */
export const RUN = 'ship-it'

/** Makes an empty folder, or a copy of another. */
export function makeFolder(directory: string, name: string, from?: string): string {
  const folder = join(directory, name)
  if (from === undefined) mkdirSync(folder, { recursive: true })
  else cpSync(from, folder, { recursive: true })
  return folder
}

/** The events of the run; none when there is not even a log. */
export async function readRun(folder: string): Promise<readonly Event[]> {
  if (!existsSync(join(folder, LOG))) return []
  await using log = await openSqliteEventLog({ path: join(folder, LOG) })
  return await log.read(RUN)
}

/** What waits for a decision in the run. */
export async function readWaiting(folder: string): Promise<readonly ApprovalRequest[]> {
  await using log = await openSqliteEventLog({ path: join(folder, LOG) })
  return await readApprovals(log, RUN)
}

/** What the tools have done, in order. */
export function readJournal(folder: string): readonly string[] {
  const path = journalIn(folder)
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/** The payloads that a name has on record, in order, such as decisions and requests. */
export function recordedAs(events: readonly Event[], name: string): readonly { callId: string; value: object }[] {
  return events.flatMap(({ kind, payload }) => {
    if (kind !== KIND.SideEffectRecorded) return []
    const effect = decodePayload(KIND.SideEffectRecorded, payload)
    return effect.name === name ? [{ callId: effect.callId ?? '', value: Object(decodeValue(effect.value)) }] : []
  })
}

/** Holds a run that has been brought to its end against everything that must be true of it; returns what is not. */
export async function findBroken(folder: string, scenario: Scenario): Promise<readonly string[]> {
  const broken: string[] = []
  const events = await readRun(folder)
  await using log = await openSqliteEventLog({ path: join(folder, LOG) })
  const { status, reason } = await validateRun(log, RUN)
  if (status !== 'ok') broken.push(`the log is ${status}: ${reason ?? ''}`)
  if (events.at(-1)?.kind !== KIND.RunCompleted) broken.push('the run has not completed')
  const agent = createAgent({ ...scenario.define(undefined), log })
  for (const tools of ['execute', 'recorded'] as const) {
    const { divergences, warnings } = await agent.replay(RUN, { tools, collect: 'all' })
    if (divergences.length + warnings.length > 0) {
      broken.push(
        `the replay differs (${tools}): ${[...divergences, ...warnings].map((one) => one.message).join('; ')}`,
      )
    }
  }
  return [...broken, ...findRepeated(readJournal(folder), events, scenario), ...findUnpaired(events)]
}

/** What was let through is done once; what may have been done when a process died is not done again without asking. */
function findRepeated(journal: readonly string[], events: readonly Event[], { once }: Scenario): readonly string[] {
  const doubted = recordedAs(events, 'starling/approval-request').filter(
    ({ value }) => Reflect.get(value, 'reason') === 'in_doubt',
  )
  return Object.entries(once).flatMap(([line, callId]) => {
    const times = journal.filter((done) => done === line).length
    const isDoubted = doubted.some((request) => request.callId === callId)
    return times === 1 || (isDoubted && times === 0) ? [] : [`${line} was done ${times} times`]
  })
}

/** For each request there is one decision, for each question one answer. */
function findUnpaired(events: readonly Event[]): readonly string[] {
  const names = [
    ['starling/approval-request', 'starling/approval'],
    ['starling/question', 'starling/answer'],
  ] as const
  return names.flatMap(([asked, given]) => {
    const [requests, answers] = [recordedAs(events, asked).length, recordedAs(events, given).length]
    return requests === answers ? [] : [`${asked} was recorded ${requests} times, ${given} ${answers} times`]
  })
}

import { join } from 'node:path'
import { createAgent } from '@starling/core'
import type { RunResult } from '@starling/core'
import { hasCode, KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import type { SqliteEventLog } from '@starling/eventlog-sqlite'
import { describe, expect, test } from 'vitest'
import { Contender } from './lease/contender-process.ts'
import { toContender } from './lease/contender.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

const RUN_ID = 'contended'
const LONG_MS = 600_000

describe('a run has one owner across processes', () => {
  test('of two processes that resume it at once exactly one gets it, and the other is told that it is in use', async () => {
    await inTemporaryDirectory(async (directory) => {
      const path = await leaveOrphan(directory)
      await using one = new Contender({ path, task: 'resume', runId: RUN_ID, leaseMs: LONG_MS })
      await using two = new Contender({ path, task: 'resume', runId: RUN_ID, leaseMs: LONG_MS })
      expect(await Promise.all([one.next(), two.next()])).toEqual(['ready', 'ready'])
      one.tell('go')
      two.tell('go')
      const said = await Promise.all([one.next(), two.next()])
      expect(said.toSorted()).toEqual(['CORE_RUN_IN_USE', 'working'])
      const winner = said[0] === 'working' ? one : two
      winner.tell('finish')
      expect(await winner.next()).toBe('completed')
      await using log = await openSqliteEventLog({ path })
      await expectWhole(log, { resumes: 1 })
    })
  })

  test('a dead owner loses it at once, however long its lease', async () => {
    await inTemporaryDirectory(async (directory) => {
      const path = await leaveOrphan(directory)
      await using log = await openSqliteEventLog({ path })
      const lease = await log.leases?.current(RUN_ID)
      expect(lease?.expiresAt).toBeGreaterThan(Date.now() + LONG_MS / 2)
      expect(await resumeHere(log)).toMatchObject({ status: 'completed', finalText: 'It was mine.' })
      await expectWhole(log, { resumes: 1 })
    })
  })

  test('a living owner keeps it until its lease ends, and cannot write once another has taken over', async () => {
    await inTemporaryDirectory(async (directory) => {
      const path = join(directory, 'log.db')
      await using owner = new Contender({ path, task: 'start', runId: RUN_ID, leaseMs: 1500 })
      await begin(owner)
      await using log = await openSqliteEventLog({ path })
      await expect(resumeHere(log)).rejects.toMatchObject({ code: 'CORE_RUN_IN_USE', retryable: true })
      owner.send('SIGSTOP') // alive, and unable to renew
      expect(await resumeWhenFree(log)).toMatchObject({ status: 'completed' })
      owner.send('SIGCONT')
      owner.tell('finish')
      expect(await owner.next()).toBe('CORE_RUN_IN_USE')
      await expectWhole(log, { resumes: 1 })
    })
  })
})

/** Leaves a run whose process was killed while it held a long lease; returns the file. */
async function leaveOrphan(directory: string): Promise<string> {
  const path = join(directory, 'log.db')
  await using owner = new Contender({ path, task: 'start', runId: RUN_ID, leaseMs: LONG_MS })
  await begin(owner)
  await owner.kill()
  return path
}

async function begin(owner: Contender): Promise<void> {
  expect(await owner.next()).toBe('ready')
  owner.tell('go')
  expect(await owner.next()).toBe('working')
}

function resumeHere(log: SqliteEventLog): Promise<RunResult> {
  return createAgent({ ...toContender(() => Promise.resolve()), log }).resume(RUN_ID).result
}

/** Tries as often as the error says that it may help. */
async function resumeWhenFree(log: SqliteEventLog): Promise<RunResult> {
  for (;;) {
    try {
      return await resumeHere(log)
    } catch (error) {
      if (!hasCode(error, 'CORE_RUN_IN_USE')) throw error
    }
  }
}

async function expectWhole(log: SqliteEventLog, { resumes }: { readonly resumes: number }): Promise<void> {
  expect(await validateRun(log, RUN_ID)).toMatchObject({ status: 'ok' })
  const events = await log.read(RUN_ID)
  expect(events.filter((event) => event.kind === KIND.RunResumed)).toHaveLength(resumes)
  const replay = await createAgent({ ...toContender(() => Promise.resolve()), log }).replay(RUN_ID)
  expect(replay).toMatchObject({ status: 'match', warnings: [] })
}

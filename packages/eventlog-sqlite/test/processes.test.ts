import type { Event } from '@starling/event'
import { summarize, validateRun } from '@starling/eventlog'
import { chainOf, RunBuilder } from '@starling/eventlog/conformance'
import { describe, expect, test } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { crash, messageOf, startChild } from './child.ts'
import { goldenDatabase } from './golden.ts'
import { openRaw } from './raw.ts'
import { temporaryPath } from './temporary-directory.ts'

describe('several processes', () => {
  test('that create one file and append to it at once all succeed, and every seq has one winner', async () => {
    for (let round = 0; round < 2; round++) {
      const path = temporaryPath()
      const children = ['a', 'b', 'c'].map((name) => startChild('race', path, name, '20', '20'))
      await Promise.all(children.map(messageOf))
      const results = children.map(messageOf)
      for (const child of children) child.send('go')
      const won = (await Promise.all(results)) as readonly (readonly number[])[]
      await using log = await openSqliteEventLog({ path })
      const shared = await log.read('shared')
      expect(won.flat().toSorted((a, b) => a - b)).toEqual(shared.map(({ seq }) => seq))
      expect(await validateRun(log, 'shared')).toMatchObject({ status: 'open', events: shared.length })
      expect((await log.listRuns()).totalMatching).toBe(1 + 3 * 20)
      expect((await log.listRuns({ query: 'own-', limit: 0 })).runs.every((run) => run.lastSeq === 10)).toBe(true)
      using raw = openRaw(path)
      expect(raw.db.prepare('SELECT version FROM eventlog_schema_migrations').pluck().all()).toEqual([1, 2])
      expect(raw.db.pragma('integrity_check', { simple: true })).toBe('ok')
    }
  })

  test('see what each other appends, in a stream that drops nothing', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path, pollIntervalMs: 2 })
    const child = startChild('append-for-ever', path, '1', '3')
    const seen: number[] = []
    for await (const event of log.stream('run-0')) {
      seen.push(event.seq)
      if (seen.length === 200) break
    }
    await crash(child)
    expect(seen).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  })

  test('may take over the lease of one that died, and its writes are fenced off', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path })
    const child = startChild('hold-lease', path, 'r')
    const held = (await messageOf(child)) as { readonly owner: string; readonly token: number }
    const ask = { owner: 'me', ttlMs: 1000, isOwnerDead: (owner: string) => !isAlive(owner) }
    await expect(log.leases?.acquire('r', ask)).rejects.toMatchObject({ code: 'EVENTLOG_LEASED' })
    await crash(child)
    const lease = await log.leases?.acquire('r', ask)
    expect(lease).toMatchObject({ owner: 'me', token: held.token + 1 })
    const late = log.append('r', chainOf('r', 1), { fence: { runId: 'r', token: held.token } })
    await expect(late).rejects.toMatchObject({ code: 'EVENTLOG_FENCED' })
    expect(await log.read('r')).toEqual([])
  })
})

describe('a process that is killed while it appends', () => {
  test.each([
    ['one run, one event at a time', '1', '1'],
    ['eight runs at once', '8', '1'],
    ['batches of five', '2', '5'],
  ])('has lost nothing that it was told is durable: %s', async (_, runs, batch) => {
    const path = temporaryPath()
    const child = startChild('append-for-ever', path, runs, batch)
    const durable = new Map<string, number>()
    let count = 0
    const enough = Promise.withResolvers<void>()
    child.on('message', ([runId, seq]: readonly [string, number]) => {
      durable.set(runId, seq)
      if (++count === 100) enough.resolve()
    })
    await enough.promise
    await crash(child)
    await using log = await openSqliteEventLog({ path })
    expect(durable.size).toBe(Number(runs))
    for (const [runId, seq] of durable) {
      const events = await log.read(runId)
      expect(events.length).toBeGreaterThanOrEqual(seq)
      expect(events.length % Number(batch)).toBe(0)
      // Whole and chained up to its end; only the terminal event is missing.
      expect(await validateRun(log, runId)).toMatchObject({ status: 'open', events: events.length })
      expect(await log.summary(runId)).toMatchObject({ lastSeq: events.length, status: 'in progress' })
    }
    expect((await log.listRuns()).totalMatching).toBe(durable.size)
  })
})

describe('a process that is killed while it derives tables', () => {
  test('leaves a file whose listing and search are right, again and again', async () => {
    const path = temporaryPath()
    const runs = Array.from({ length: 20 }, (_, n) => talk(`run-${n}`))
    {
      await using log = await openSqliteEventLog({ path })
      await Promise.all(runs.map((events) => log.append(events[0]?.runId ?? '', events)))
    }
    for (let rounds = 1; rounds <= 3; rounds++) {
      const child = startChild('derive-for-ever', path)
      // Each is killed at another point of its work.
      for (let times = 0; times < rounds; times++) await messageOf(child)
      await crash(child)
      for (const readOnly of [true, false]) {
        await using log = await openSqliteEventLog({ path, readOnly })
        const { runs: listed } = await log.listRuns({ limit: 0 })
        expect(new Map(listed.map((run) => [run.runId, run]))).toEqual(
          new Map(runs.map((events) => [events[0]?.runId, summarize(events)])),
        )
        expect(await log.search({ query: 'zeppelin*', limit: 5000 })).toHaveLength(20 * 30)
      }
      using raw = openRaw(path)
      expect(raw.db.pragma('integrity_check', { simple: true })).toBe('ok')
    }
  })
})

function talk(runId: string): readonly Event[] {
  const run = new RunBuilder(runId).start()
  for (let n = 0; n < 30; n++) run.say(`zeppelin ${n}`)
  return run.events
}

test('reading and checking a log loads no query builder, and importing the package not even the driver', async () => {
  const { onImport, afterwards } = (await messageOf(startChild('loaded-modules', goldenDatabase()))) as {
    readonly onImport: readonly string[]
    readonly afterwards: readonly string[]
  }
  expect(onImport).toContain('@starling/event')
  expect(onImport).not.toContain('better-sqlite3')
  expect(afterwards).toContain('better-sqlite3')
  expect(afterwards).not.toContain('kysely')
})

/** Whether the process that an owner names is there. */
function isAlive(owner: string): boolean {
  try {
    return process.kill(Number(owner.replace('process ', '')), 0)
  } catch {
    return false
  }
}

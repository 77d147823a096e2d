import { validateRun } from '@starling/eventlog'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { crash, messageOf, startChild } from './child.ts'
import { freshSchema, rowsOf, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describe('several processes', () => {
  test('that create one log and append to it at once all succeed, and every seq has one winner', async () => {
    const schema = freshSchema()
    const children = ['a', 'b', 'c', 'd'].map((name) => startChild('race', server.url(), schema, name, '20', '5'))
    await Promise.all(children.map(messageOf))
    const results = children.map(messageOf)
    for (const child of children) child.send('go')
    const won = (await Promise.all(results)) as readonly (readonly number[])[]
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    const shared = await log.read('shared')
    expect(won.flat().toSorted((a, b) => a - b)).toEqual(shared.map(({ seq }) => seq))
    const { runs } = await log.listRuns({ limit: 0 })
    expect(runs).toHaveLength(1 + 4 * 5)
    for (const { runId } of runs) expect(await validateRun(log, runId)).toMatchObject({ status: 'open' })
    expect(await rowsOf(server.url(), `SELECT version FROM ${schema}.eventlog_schema_migrations`)).toEqual([[1]])
  })

  test('see what each other appends, in a stream that drops nothing', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    const child = startChild('append-for-ever', server.url(), schema, '1', '3')
    const seen: number[] = []
    for await (const event of log.stream('run-0')) {
      seen.push(event.seq)
      if (seen.length === 200) break
    }
    await crash(child)
    expect(seen).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  })
})

describe('a process that is killed while it appends', () => {
  test.each([
    ['one run, one event at a time', '1', '1'],
    ['eight runs at once, in batches of five', '8', '5'],
  ])('has lost nothing that it was told is durable: %s', async (_, runs, batch) => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    const url = `${server.url()}?application_name=${schema}`
    const child = startChild('append-for-ever', url, schema, runs, batch)
    const durable = new Map<string, number>()
    let count = 0
    const enough = Promise.withResolvers<void>()
    child.on('message', ([runId, seq]: readonly [string, number]) => {
      durable.set(runId, seq)
      if (++count === 100) enough.resolve()
    })
    await enough.promise
    await crash(child)
    // What the server had received of the process may still be written: it is over when its connections are.
    await rowsOf(
      server.url(),
      'SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1',
      [schema],
    )
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

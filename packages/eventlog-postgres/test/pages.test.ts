import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { startProxy } from './proxy.ts'
import { execute, freshSchema, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

const MB = 1024 * 1024

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(options: PostgresEventLogOptions = {}): Promise<{ log: PostgresEventLog; schema: string }> {
  const schema = options.schema ?? freshSchema()
  const log = await openPostgresEventLog({ url: server.url(), schema, listen: false, ...options })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

describe('events of a megabyte each', () => {
  const COUNT = 60

  /** A log over a proxy, with a run of large events, the answers of a model. */
  async function openLarge(): Promise<{ log: PostgresEventLog; answered: () => number; restart: () => void }> {
    const proxy = await startProxy(server.port)
    const { log, schema } = await open({
      url: `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres`,
    })
    onTestFinished(async () => {
      await proxy[Symbol.asyncDispose]()
    })
    await execute(
      server.url(),
      `INSERT INTO ${schema}.eventlog_events
       SELECT 'large', n, '\\x00', n, 5, convert_to('word' || n || ' ' || repeat('x', ${MB}), 'UTF8') FROM generate_series(1, ${COUNT}) AS n`,
    )
    let before = 0
    return {
      log,
      answered: () => proxy.answered - before,
      restart: () => {
        before = proxy.answered
      },
    }
  }

  test('are streamed some megabytes at a time, all of them', async () => {
    const { log, answered, restart } = await openLarge()
    restart()
    const seqs: number[] = []
    for await (const { seq } of log.stream('large')) {
      // Bytes travel as two digits each, and what was read is all that is held.
      expect(answered()).toBeLessThan(2 * (seq + 10) * MB)
      seqs.push(seq)
      if (seq === COUNT) break
    }
    expect(seqs).toEqual(Array.from({ length: COUNT }, (_, n) => n + 1))
  })

  test('are summed up, and read by number', async () => {
    const { log } = await openLarge()
    expect((await log.listRuns()).runs).toMatchObject([{ runId: 'large', lastSeq: COUNT }])
    const some = await log.read('large', { fromSeq: 7, limit: 2 })
    expect(some.map(({ seq, payload }) => [seq, payload.length > MB])).toEqual([
      [7, true],
      [8, true],
    ])
  })
})

describe('an offset', () => {
  test('counts the runs in front of the page as a listing orders them, however many steps it takes', async () => {
    const { log, schema } = await open()
    const { log: reader } = await open({ schema, readOnly: true })
    await execute(
      server.url(),
      `INSERT INTO ${schema}.eventlog_events
       SELECT 'r' || n, 1, NULL, n / 3, CASE n % 2 WHEN 0 THEN 12 ELSE 1 END, '\\xa0' FROM generate_series(0, 12099) AS n`,
    )
    const all = await log.listRuns({ limit: 0 })
    expect(all.totalMatching).toBe(12_100)
    const ids = all.runs.map(({ runId }) => runId)
    for (const each of [log, reader]) {
      for (const offset of [
        1, 999, 1000, 1001, 6049, 6050, 6051, 9999, 10_000, 10_001, 12_098, 12_099, 12_100, 20_000,
      ]) {
        const page = await each.listRuns({ limit: 3, offset })
        expect(page.runs.map(({ runId }) => runId)).toEqual(ids.slice(offset, offset + 3))
        expect(page).toMatchObject({ offset, totalMatching: 12_100 })
      }
      const first = await each.listRuns({ limit: 5, status: 'completed' })
      const { runs } = await each.listRuns({ limit: 2, offset: 7, after: first.next, status: 'completed' })
      const completed = all.runs.filter(({ status }) => status === 'completed')
      expect(runs).toEqual(completed.slice(12, 14))
      for (const offset of [2000, 3024, 3025, 3026, 5000, 6049, 6050]) {
        const page = await each.listRuns({ limit: 2, offset, status: 'completed' })
        expect(page.runs).toEqual(completed.slice(offset, offset + 2))
      }
      const named = all.runs.filter(({ runId }) => runId.includes('1'))
      const behind = await each.listRuns({ limit: 2, offset: 4000, query: '1' })
      expect(behind.runs).toEqual(named.slice(4000, 4002))
    }
  })
})

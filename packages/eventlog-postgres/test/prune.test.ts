import { KIND } from '@starling/event'
import { chainOf, RunBuilder } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { untilWaitingForLock } from './lock-waits.ts'
import { at, nextEvent } from './raw.ts'
import { freshSchema, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describe('a prune that waits for a run', () => {
  test('keeps it when it has gone on meanwhile, and deletes the others', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema, applicationName: schema })
    const run = new RunBuilder('r').start().fail('no').events
    await log.append('r', run)
    await log.append('other', new RunBuilder('other').start().fail('no').events)
    await log.listRuns()
    const said = {
      kind: KIND.UserMessageAppended,
      payload: at(new RunBuilder('x').start().say('on').events, -1).payload,
    }
    const { seq, prevHash, ts, kind, payload } = { ...nextEvent(at(run, -1)), ...said }
    const report = await withClient(server.url(), async (client) => {
      await client.query('BEGIN')
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      await client.query(`INSERT INTO ${schema}.eventlog_events VALUES ('r', $1, $2, $3, $4, $5)`, [
        seq,
        prevHash,
        ts,
        kind,
        payload,
      ])
      const pruning = log.prune({ before: 10n ** 18n })
      await untilWaitingForLock(server.url(), schema)
      await client.query('COMMIT')
      return pruning
    })
    expect(report).toMatchObject({ runIds: ['other'], deletedRuns: 1, deletedEvents: 2 })
    expect(await log.read('r')).toHaveLength(3)
    expect((await log.listRuns()).runs).toMatchObject([{ runId: 'r', status: 'in progress', lastSeq: 3 }])
  })

  test('keeps nobody from appending or listing, and gives up when that takes too long', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    const options = { applicationName: schema, lockTimeoutMs: 2000, statementTimeoutMs: 0 }
    await using pruner = await openPostgresEventLog({ url: server.url(), schema, ...options })
    await log.append('r', new RunBuilder('r').start().fail('no').events)
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      const pruned = Promise.allSettled([pruner.prune({ before: 10n ** 18n })])
      let isOver = false
      void pruned.then(() => {
        isOver = true
      })
      await untilWaitingForLock(server.url(), schema)
      await log.append('other', chainOf('other', 1))
      expect(await log.listRuns()).toMatchObject({ totalMatching: 2 })
      expect(isOver).toBe(false)
      expect(await pruned).toMatchObject([{ reason: { code: 'EVENTLOG_BUSY', retryable: true } }])
      await client.query('ROLLBACK')
    })
    expect(await pruner.prune({ before: 10n ** 18n })).toMatchObject({ runIds: ['r'] })
  })
})

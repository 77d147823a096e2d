import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { connect } from '../src/connect-options.ts'
import { Connection } from '../src/connection.ts'
import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { Listener } from '../src/listener.ts'
import { at } from './raw.ts'
import { freshSchema, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'
import { stallingProxy } from './stalling-proxy.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

/** Opens a log whose process will be paused, as far as the server can tell. */
async function openPaused(url: string, schema: string): Promise<PostgresEventLog> {
  const times = { statementTimeoutMs: 500, reconnectTimeoutMs: 0, connectTimeoutMs: 500 }
  const log = await openPostgresEventLog({ url, schema, listen: false, ...times })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return log
}

describe('a process that is paused', () => {
  test('while it derives lets others append to the runs it sums up at once, and list them soon', async () => {
    const schema = freshSchema()
    const proxy = await stallingProxy(server.port, 'WITH taken')
    // Less than the paused process may be silent: appends that waited for it would fail.
    await using log = await openPostgresEventLog({ url: server.url(), schema, lockTimeoutMs: 100 })
    const events = chainOf('r', 3)
    const paused = await openPaused(proxy.url, schema)
    await log.append('r', events.slice(0, 2))
    const listing = paused.listRuns().catch(() => undefined)
    await proxy.stalled
    await Promise.all([log.append('r', at(events, 2)), log.append('other', chainOf('other', 1))])
    expect((await log.listRuns({ query: 'r' })).runs).toMatchObject([{ runId: 'r', lastSeq: 3 }, { runId: 'other' }])
    await listing
  })

  test('while it prunes keeps nobody from listing, and what it had not committed is there', async () => {
    const schema = freshSchema()
    const proxy = await stallingProxy(server.port, 'WITH gone')
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    await log.append('r', finishedRun('r'))
    await log.listRuns()
    const paused = await openPaused(proxy.url, schema)
    const pruning = paused.prune({ before: 10n ** 18n }).catch(() => undefined)
    await proxy.stalled
    await log.append('s', chainOf('s', 1))
    expect(await log.listRuns()).toMatchObject({ totalMatching: 2 })
    await pruning
  })
})

describe('a connection that falls silent', () => {
  test('is given up by appends and reads within their limits, and keeps nobody from closing the log', async () => {
    const proxy = await stallingProxy(server.port)
    const log = await openPaused(proxy.url, freshSchema())
    await log.append('r', chainOf('r', 1))
    proxy.stall()
    const outcomes = await Promise.allSettled([log.append('s', chainOf('s', 1)), log.read('r')])
    expect(outcomes).toMatchObject([
      {
        status: 'rejected',
        reason: {
          code: 'EVENTLOG_STORAGE',
          retryable: true,
          message: expect.stringMatching(/whether event 1 of run "s" was written is not known$/),
        },
      },
      { status: 'rejected', reason: { code: 'EVENTLOG_STORAGE', retryable: true } },
    ])
    await log[Symbol.asyncDispose]()
    await expect(log.read('r')).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
  })

  test('while nothing is asked for keeps nobody from closing the log', async () => {
    const proxy = await stallingProxy(server.port)
    const log = await openPaused(proxy.url, freshSchema())
    await log.append('r', chainOf('r', 1))
    proxy.stall()
    await log[Symbol.asyncDispose]()
    await expect(log.read('r')).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
  })

  test('while it begins to listen is given up, and another one listens', async () => {
    const proxy = await stallingProxy(server.port, 'LISTEN')
    const { pool } = connect({ url: server.url() })
    const { target } = connect({ url: proxy.url, connectTimeoutMs: 500 })
    const times = { statementTimeoutMs: 50, lockTimeoutMs: 50, reconnectTimeoutMs: 0 }
    const connection = new Connection(pool, target, { schema: freshSchema(), ...times })
    const { promise: listening, resolve } = Promise.withResolvers<void>()
    const listener = new Listener({ connection, listen: true, onAppend: () => undefined, onConnect: resolve })
    listener.start()
    await proxy.stalled
    proxy.resume()
    await expect(listening).resolves.toBeUndefined()
    await listener.close()
    await connection.close()
  })
})

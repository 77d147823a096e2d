import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { rowsOf, startServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const REPLICATED = ['wal_level=replica', 'max_wal_senders=5', 'wal_keep_size=256MB', 'hot_standby=on']

test('a log on a standby is read and streamed, and written once the standby is promoted', async () => {
  const primary = await startServer({ settings: REPLICATED })
  onTestFinished(() => primary.stop())
  await using writer = await openPostgresEventLog({ url: primary.url() })
  await writer.append('before', finishedRun('before'))
  expect(await writer.search({ query: 'thanks' })).toHaveLength(1)
  const standby = await startStandby(primary)
  onTestFinished(() => standby.stop())
  const events = chainOf('live', 12)
  {
    await using reader = await openPostgresEventLog({ url: standby.url(), readOnly: true, pollIntervalMs: 10 })
    const stream = reader.stream('live')[Symbol.asyncIterator]()
    for (const event of events.slice(0, 10)) {
      await writer.append('live', event)
      expect((await stream.next()).value).toEqual(event)
    }
    await stream.return?.()
    expect((await reader.listRuns()).runs).toMatchObject([{ runId: 'live', lastSeq: 10 }, { runId: 'before' }])
    expect(await reader.search({ query: 'thanks' })).toHaveLength(1)
  }
  await using log = await openPostgresEventLog({ url: standby.url() })
  await expect(log.append('live', events.slice(10))).rejects.toMatchObject({
    code: 'EVENTLOG_READ_ONLY',
    message: expect.stringContaining('the server takes no writes'),
  })
  await writer[Symbol.asyncDispose]()
  await rowsOf(standby.url(), 'SELECT pg_promote()')
  await log.append('live', events.slice(10))
  await log.append('after', finishedRun('after'))
  for (const runId of ['before', 'after']) expect(await validateRun(log, runId)).toMatchObject({ status: 'ok' })
  expect(await log.read('live')).toEqual(events)
  expect((await log.listRuns()).totalMatching).toBe(3)
  expect(await log.search({ query: 'thanks' })).toHaveLength(2)
}, 60_000)

/** Copies the server's files while it runs, and starts a standby on them that follows it. */
async function startStandby(primary: TestServer): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'starling-standby-'))
  chmodSync(directory, 0o755)
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  const dataDirectory = join(directory, 'data')
  await withClient(primary.url(), async (client) => {
    await client.query("SELECT pg_backup_start('standby', true)")
    cpSync(primary.dataDirectory, dataDirectory, {
      recursive: true,
      preserveTimestamps: true,
      filter: (source) => !['postmaster.pid', 'postmaster.opts'].includes(basename(source)),
    })
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
    writeFileSync(join(dataDirectory, 'backup_label'), rows[0]?.labelfile ?? '')
  })
  const url = new URL(primary.url())
  appendFileSync(
    join(dataDirectory, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${url.port} user=postgres password=${url.password}'\n`,
  )
  writeFileSync(join(dataDirectory, 'standby.signal'), '')
  giveTo(dataDirectory, primary.dataDirectory)
  return startServer({ settings: REPLICATED, dataDirectory, standby: true })
}

// As root the files of the server belong to its own user.
function giveTo(directory: string, like: string): void {
  const { uid, gid } = statSync(like)
  chownSync(directory, uid, gid)
  chmodSync(directory, 0o700)
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(directory, name), uid, gid)
  }
}

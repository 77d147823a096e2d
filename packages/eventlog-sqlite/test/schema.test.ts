import { dirname } from 'node:path'

import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { describe, expect, test } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { goldenDatabase } from './golden.ts'
import { contentsOf, execute, openRaw } from './raw.ts'
import { temporaryPath } from './temporary-directory.ts'

const LEGACY_TABLE =
  'CREATE TABLE events (run_id TEXT, seq INTEGER, prev_hash BLOB, ts INTEGER, kind INTEGER, payload BLOB, PRIMARY KEY (run_id, seq))'

describe('a new file', () => {
  test("has the reference's two tables, word for word", async () => {
    const path = temporaryPath()
    await create(path)
    expect(compatibleTables(path)).toEqual(compatibleTables(goldenDatabase()))
  })

  test('has both migrations recorded, with the time in nanoseconds', async () => {
    const path = temporaryPath()
    const before = BigInt(Date.now()) * 1_000_000n
    await create(path)
    using raw = openRaw(path)
    const rows = raw.db.prepare('SELECT version, applied_at FROM eventlog_schema_migrations').raw().safeIntegers()
    const migrations = rows.all() as readonly (readonly [bigint, bigint])[]
    expect(migrations.map(([version]) => version)).toEqual([1n, 2n])
    for (const [, appliedAt] of migrations) {
      expect(appliedAt).toBeGreaterThanOrEqual(before)
      expect(appliedAt).toBeLessThanOrEqual(BigInt(Date.now()) * 1_000_000n)
    }
  })

  test('keeps everything else under names of its own', async () => {
    const path = temporaryPath()
    await create(path)
    using raw = openRaw(path)
    const names = raw.db.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").pluck().all()
    const others = names.map(String).filter((name) => !name.startsWith('eventlog_'))
    expect(others.every((name) => name.startsWith('starling_'))).toBe(true)
  })

  test('stores events in the types that the reference stores', async () => {
    const path = temporaryPath()
    {
      await using log = await openSqliteEventLog({ path })
      await log.append('r', finishedRun('r'))
    }
    const types = `SELECT DISTINCT typeof(run_id), typeof(seq), typeof(prev_hash), typeof(ts), typeof(kind), typeof(payload)
      FROM eventlog_events ORDER BY seq = 1 DESC`
    using raw = openRaw(path)
    using golden = openRaw(goldenDatabase())
    expect(raw.db.prepare(types).raw().all()).toEqual(golden.db.prepare(types).raw().all())
  })

  test('is in WAL mode, whatever asks', async () => {
    const path = temporaryPath()
    await create(path)
    using raw = openRaw(path)
    expect(raw.db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(raw.db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  test('opened again stays as it is, byte for byte', async () => {
    const path = temporaryPath()
    await create(path)
    const before = contentsOf(dirname(path))
    await create(path)
    expect(contentsOf(dirname(path))).toEqual(before)
  })
})

describe('a table of the first version', () => {
  test('is taken over with its rows', async () => {
    const path = temporaryPath()
    const events = finishedRun('r')
    execute(path, LEGACY_TABLE)
    {
      using raw = openRaw(path)
      const insert = raw.db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)')
      for (const { runId, seq, prevHash, ts, kind, payload } of events)
        insert.run(runId, seq, prevHash, ts, kind, payload)
    }
    await using log = await openSqliteEventLog({ path })
    expect(await log.read('r')).toEqual(events)
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
    using raw = openRaw(path)
    expect(raw.db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").all()).toEqual([])
  })

  test('in a file that has been migrated already is left alone', async () => {
    const path = temporaryPath()
    await create(path)
    execute(path, `${LEGACY_TABLE}; INSERT INTO events VALUES ('r', 1, NULL, 0, 1, x'00')`)
    await using log = await openSqliteEventLog({ path })
    expect(await log.read('r')).toEqual([])
    using raw = openRaw(path)
    expect(raw.db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(1)
  })
})

describe('migrating', () => {
  test('on request reports what was done, and does it once', async () => {
    const path = temporaryPath()
    execute(path, `${LEGACY_TABLE}; INSERT INTO events VALUES ('r', 1, NULL, 0, 1, x'a0')`)
    const before = contentsOf(dirname(path))
    await using log = await openSqliteEventLog({ path, migrate: false })
    expect(await log.schemaVersion()).toBe(0)
    expect(await log.migrate({ dryRun: true })).toEqual({ from: 0, to: 2, applied: [1, 2], dryRun: true })
    expect(contentsOf(dirname(path))).toEqual(before)
    const outdated = {
      code: 'EVENTLOG_SCHEMA_OUTDATED',
      message: 'eventlog: database schema is older than this binary; run migrate: db=0 binary=2',
    }
    await expect(log.append('s', chainOf('s', 1))).rejects.toMatchObject(outdated)
    await expect(log.prune({ before: 1n })).rejects.toMatchObject(outdated)
    expect(await log.migrate()).toEqual({ from: 0, to: 2, applied: [1, 2], dryRun: false })
    expect(await log.migrate()).toEqual({ from: 2, to: 2, applied: [], dryRun: false })
    await log.append('s', chainOf('s', 1))
    expect((await log.listRuns()).totalMatching).toBe(2)
  })

  test('a file of version 1 applies what is missing', async () => {
    const path = temporaryPath()
    await create(path)
    execute(path, 'DELETE FROM eventlog_schema_migrations WHERE version = 2')
    await using log = await openSqliteEventLog({ path, migrate: false })
    expect(await log.schemaVersion()).toBe(1)
    expect(await log.migrate()).toEqual({ from: 1, to: 2, applied: [2], dryRun: false })
  })

  test('is not asked for by a file that is up to date', async () => {
    const path = goldenDatabase()
    await using log = await openSqliteEventLog({ path, migrate: false })
    expect(await log.migrate({ dryRun: true })).toEqual({ from: 2, to: 2, applied: [], dryRun: true })
    await log.append('r', chainOf('r', 2))
    expect(await log.read('r')).toHaveLength(2)
  })

  test('a database in memory works like a file', async () => {
    await using log = await openSqliteEventLog({ path: ':memory:' })
    expect(await log.schemaVersion()).toBe(2)
    expect(await log.migrate()).toEqual({ from: 2, to: 2, applied: [], dryRun: false })
  })
})

describe('durability', () => {
  test('a checkpoint empties the log beside the file', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path })
    await log.append('r', chainOf('r', 100))
    await log.checkpoint()
    const files = contentsOf(dirname(path)).map((file) => file.split(' ', 2).join(' '))
    expect(files).toContain('runs.db-wal 0')
    expect(await log.read('r')).toHaveLength(100)
  })
})

async function create(path: string): Promise<void> {
  await using log = await openSqliteEventLog({ path })
  expect(await log.schemaVersion()).toBe(2)
}

/** The statements that made the shared tables and their indexes, with one space where there are any. */
function compatibleTables(path: string): readonly unknown[] {
  using raw = openRaw(path)
  const rows = raw.db.prepare(
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name LIKE 'eventlog_%' AND type <> 'trigger' ORDER BY name",
  )
  return (rows.all() as readonly { readonly sql: string | null }[]).map((row) => ({
    ...row,
    sql: row.sql?.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')'),
  }))
}

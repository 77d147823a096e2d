import { dirname } from 'node:path'

import { decodePayload, KIND } from '@starling/event'
import { summarize } from '@starling/eventlog'
import { CallBuilder, runOfCalls } from '@starling/eventlog/conformance'
import type { CallTotals } from '@starling/eventlog/conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { forkSqliteFile, openSqliteEventLog } from '../src/index.ts'
import type { SqliteEventLog } from '../src/index.ts'
import { contentsOf, execute, insertEvents, openRaw } from './raw.ts'
import type { RawDatabase } from './raw.ts'
import { temporaryPath } from './temporary-directory.ts'

const ANSWERED = { inputTokens: 1000, outputTokens: 20, costUsd: 0.25 }
const FAILED = { inputTokens: 300, outputTokens: 4, costUsd: 0.5 }
const RUN_IDS = Array.from({ length: 30 }, (_, seed) => `run ${seed}`)

describe('what failed attempts have used, in events that another program stores', () => {
  test('is counted, whatever is in the file already', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), fc.nat(6), async (seeds, first) => {
        const path = temporaryPath()
        await using log = await openSqliteEventLog({ path })
        await using reader = await openSqliteEventLog({ path, readOnly: true })
        using raw = openRaw(path)
        const runs = seeds.map((seed, index) => ({ runId: `run ${index}`, ...runOfCalls(`run ${index}`, seed) }))
        for (const { runId, events } of runs) await log.append(runId, events.slice(0, first))
        await log.listRuns()
        for (const { events } of runs) insertEvents(raw.db, events.slice(first))
        for (const each of [log, reader]) {
          for (const { runId, totals } of runs) expect(await each.summary(runId)).toMatchObject(totals)
          expect(await totalsByRun(each)).toEqual(new Map(runs.map(({ runId, totals }) => [runId, totals])))
        }
      }),
      { numRuns: 25 },
    )
  })

  test.each([
    ['a kind of 272, 16 modulo 256', 'kind = 272'],
    ['a kind of -240, 16 modulo 256', 'kind = -240'],
    ['a kind as a float', 'kind = 16.0'],
    ['a kind as text', "kind = '16'"],
    ['the payload as text', 'payload = CAST(payload AS TEXT)'],
  ])('is counted with %s', async (_, change) => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path })
    await log.append('r', new CallBuilder('r').startTurn().fail(FAILED).events)
    execute(path, `UPDATE eventlog_events SET ${change} WHERE seq = 3`)
    await using reader = await openSqliteEventLog({ path, readOnly: true })
    for (const each of [log, reader]) expect((await each.listRuns()).runs).toMatchObject([FAILED])
  })

  test('is counted no more when the event is deleted or becomes another one', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path })
    const run = new CallBuilder('r').startTurn().fail(FAILED).fail(FAILED).answer(ANSWERED)
    await log.append('r', run.events)
    expect(await log.summary('r')).toMatchObject({ inputTokens: 1600, costUsd: 1.25 })
    execute(path, `UPDATE eventlog_events SET kind = ${KIND.ContextTruncated} WHERE seq = 3`)
    expect(await log.summary('r')).toMatchObject({ inputTokens: 1300, costUsd: 0.75 })
    execute(path, 'DELETE FROM eventlog_events WHERE seq IN (3, 4)')
    expect(await log.summary('r')).toMatchObject(ANSWERED)
  })

  test('is counted in a table without rowids', async () => {
    const path = temporaryPath()
    const { events, totals } = runOfCalls('r', 3)
    execute(
      path,
      `CREATE TABLE eventlog_schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);
       INSERT INTO eventlog_schema_migrations VALUES (1, 1), (2, 1);
       CREATE TABLE eventlog_events (
         run_id TEXT NOT NULL, seq INTEGER NOT NULL, prev_hash BLOB, ts INTEGER NOT NULL, kind INTEGER NOT NULL,
         payload BLOB NOT NULL, PRIMARY KEY (run_id, seq)
       ) WITHOUT ROWID`,
    )
    await using log = await openSqliteEventLog({ path })
    await log.append('r', events)
    expect(await log.summary('r')).toMatchObject(totals)
    expect((await log.listRuns()).runs).toMatchObject([totals])
  })
})

describe('a file whose summaries were made before failed attempts counted', () => {
  test('is the file that these tests say it is: it lists less than its runs have used', async () => {
    const { path } = await oldFile()
    using raw = openRaw(path)
    const listed = raw.db.prepare('SELECT sum(input_tokens) FROM starling_runs').pluck().get()
    await using log = await openSqliteEventLog({ path, readOnly: true })
    const counted = [...(await totalsByRun(log)).values()].reduce((sum, { inputTokens }) => sum + inputTokens, 0)
    expect(listed).toBeGreaterThan(0)
    expect(listed).toBeLessThan(counted)
  })

  test('is listed right by a reader, which changes nothing in it', async () => {
    const { path, totals } = await oldFile()
    const before = contentsOf(dirname(path))
    {
      await using reader = await openSqliteEventLog({ path, readOnly: true })
      expect(await totalsByRun(reader)).toEqual(totals)
      expect(await reader.summary('run 2')).toMatchObject(totals.get('run 2') ?? {})
    }
    expect(contentsOf(dirname(path))).toEqual(before)
  })

  test('is listed right by whoever writes it, and from then on by everyone', async () => {
    const { path, totals } = await oldFile()
    using raw = openRaw(path)
    {
      await using log = await openSqliteEventLog({ path })
      expect(await log.summary('run 2')).toMatchObject(totals.get('run 2') ?? {})
      expect(await totalsByRun(log)).toEqual(totals)
    }
    expect(raw.db.prepare('SELECT version FROM starling_state').pluck().all()).toEqual([3])
    expect(inFile(raw)).toEqual(totals)
    for (const readOnly of [true, false]) {
      await using again = await openSqliteEventLog({ path, readOnly })
      expect(await totalsByRun(again)).toEqual(totals)
    }
  })

  test('keeps the two tables of the log format as they were', async () => {
    const { path } = await oldFile()
    using raw = openRaw(path)
    const before = compatibleContents(raw)
    await (await openSqliteEventLog({ path }))[Symbol.asyncDispose]()
    expect(compatibleContents(raw)).toEqual(before)
  })

  test('is searched as before', async () => {
    const { path } = await oldFile({ isSearched: true })
    using raw = openRaw(path)
    await using log = await openSqliteEventLog({ path })
    const answers = raw.db.prepare('SELECT count(*) FROM eventlog_events WHERE kind = 5').pluck().get()
    const hits = await log.search({ query: 'hello', kinds: [KIND.AssistantMessageCompleted], limit: 1000 })
    expect(hits).toHaveLength(Number(answers))
  })

  test('goes on with a run whose attempts had failed before', async () => {
    const { path, totals } = await oldFile()
    await using log = await openSqliteEventLog({ path })
    const { events } = runOfCalls('run 7', 7)
    const run = new CallBuilder('run 7').startTurn().fail(FAILED)
    expect(events.at(-1)?.kind).toBe(KIND.AssistantMessageCompleted)
    const { inputTokens = 0, outputTokens = 0 } = totals.get('run 7') ?? {}
    await log.appendUnchecked(
      'run 7',
      run.events.slice(1).map((event, index) => ({ ...event, seq: events.length + 1 + index })),
    )
    expect(await log.summary('run 7')).toMatchObject({
      inputTokens: inputTokens + FAILED.inputTokens,
      outputTokens: outputTokens + FAILED.outputTokens,
      lastSeq: events.length + 2,
    })
  })

  test('is right after a rebuild as well', async () => {
    const { path, totals } = await oldFile()
    await using log = await openSqliteEventLog({ path })
    expect(await log.rebuild()).toMatchObject({ runs: RUN_IDS.length })
    expect(await totalsByRun(log)).toEqual(totals)
  })

  test('makes a fork that is right, also of the run that is cut', async () => {
    const { path, totals } = await oldFile()
    const copy = temporaryPath()
    await forkSqliteFile(path, copy, { runId: 'run 2', beforeSeq: 6 })
    const { events } = runOfCalls('run 2', 2)
    for (const readOnly of [true, false]) {
      await using log = await openSqliteEventLog({ path: copy, readOnly })
      expect(await log.summary('run 2')).toEqual(summarize(events.slice(0, 5)))
      expect((await totalsByRun(log)).get('run 2')).not.toEqual(totals.get('run 2'))
      expect((await totalsByRun(log)).get('run 5')).toEqual(totals.get('run 5'))
    }
  })

  test('is noticed when an older version puts its tables in the place of ours, in a file that is open', async () => {
    const { path, totals } = await oldFile()
    using raw = openRaw(path)
    await using log = await openSqliteEventLog({ path })
    await using reader = await openSqliteEventLog({ path, readOnly: true })
    for (const each of [log, reader]) expect(await totalsByRun(each)).toEqual(totals)
    sumUpAsBefore(raw)
    expect(inFile(raw)).not.toEqual(totals)
    for (const each of [reader, log, reader]) expect(await totalsByRun(each)).toEqual(totals)
    expect(inFile(raw)).toEqual(totals)
  })

  test('of a newer version is left to that one while the file is open', async () => {
    const { path, totals } = await oldFile()
    using raw = openRaw(path)
    await using log = await openSqliteEventLog({ path })
    await log.listRuns()
    raw.db.exec('UPDATE starling_state SET version = 4')
    expect(await totalsByRun(log)).toEqual(totals)
    expect(raw.db.prepare('SELECT version FROM starling_state').pluck().all()).toEqual([4])
  })
})

interface OldFile {
  readonly path: string
  /** What the runs have used. */
  readonly totals: ReadonlyMap<string, CallTotals>
}

/** Makes a file with runs whose failed attempts are not in its summaries. */
async function oldFile({ isSearched = false }: { readonly isSearched?: boolean } = {}): Promise<OldFile> {
  const path = temporaryPath()
  const runs = RUN_IDS.map((runId, seed) => ({ runId, ...runOfCalls(runId, seed) }))
  {
    await using log = await openSqliteEventLog({ path })
    for (const { runId, events } of runs) await log.append(runId, events)
    await log.listRuns()
    if (isSearched) await log.search({ query: 'hello' })
  }
  using raw = openRaw(path)
  sumUpAsBefore(raw)
  return { path, totals: new Map(runs.map(({ runId, totals }) => [runId, totals])) }
}

/** Leaves in a file what version 2 of the derived tables has: the same tables, answers being all that counts. */
function sumUpAsBefore({ db }: RawDatabase): void {
  const payloads = db.prepare<[string], Buffer>('SELECT payload FROM eventlog_events WHERE run_id = ? AND kind = 5')
  const update = db.prepare(
    'UPDATE starling_runs SET input_tokens = ?, output_tokens = ?, cost_usd = ? WHERE run_id = ?',
  )
  for (const runId of RUN_IDS) {
    const answers = payloads
      .pluck()
      .all(runId)
      .map((payload) => decodePayload(KIND.AssistantMessageCompleted, payload))
    const total = (of: (answer: (typeof answers)[number]) => number): number =>
      answers.reduce((sum, answer) => sum + of(answer), 0)
    update.run(
      total((answer) => answer.inputTokens),
      total((answer) => answer.outputTokens),
      total((answer) => answer.costUsd),
      runId,
    )
  }
  db.exec('UPDATE starling_state SET version = 2')
}

/** What a listing says that each run has used. */
async function totalsByRun(log: SqliteEventLog): Promise<ReadonlyMap<string, CallTotals>> {
  const { runs } = await log.listRuns({ limit: 0 })
  return new Map(
    runs.map(({ runId, inputTokens, outputTokens, costUsd }) => [runId, { inputTokens, outputTokens, costUsd }]),
  )
}

/** The same as the tables in the file have it. */
function inFile({ db }: RawDatabase): ReadonlyMap<string, CallTotals> {
  const columns = 'input_tokens AS inputTokens, output_tokens AS outputTokens, cost_usd AS costUsd'
  const select = db.prepare<[], CallTotals & { readonly runId: string }>(
    `SELECT run_id AS runId, ${columns} FROM starling_runs`,
  )
  return new Map(select.all().map(({ runId, ...totals }) => [runId, totals]))
}

function compatibleContents({ db }: RawDatabase): readonly unknown[] {
  const schema = db.prepare("SELECT sql FROM sqlite_schema WHERE name LIKE 'eventlog_%'").all()
  const tables = ['eventlog_events', 'eventlog_schema_migrations']
  return [schema, ...tables.map((table) => db.prepare(`SELECT rowid, * FROM ${table}`).all())]
}

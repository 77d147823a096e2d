import { encodePayload, KIND } from '@starling/event'
import { summarize } from '@starling/eventlog'
import { chainOf, finishedRun, RunBuilder } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { execute, freshSchema, rowsOf, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(schema = freshSchema()): Promise<{ log: PostgresEventLog; schema: string }> {
  const log = await openPostgresEventLog({ url: server.url(), schema })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

/** Whether the summaries and how many runs there are of each status say what the events say. */
async function expectConsistent(log: PostgresEventLog, schema: string): Promise<void> {
  const { runs, totalMatching } = await log.listRuns({ limit: 0 })
  expect(totalMatching).toBe(runs.length)
  for (const run of runs) expect(run).toEqual(summarize(await log.read(run.runId)))
  const counted = await rowsOf(
    server.url(),
    `SELECT status, runs::integer FROM ${schema}.starling_counts WHERE runs > 0 ORDER BY status`,
  )
  const expected = await rowsOf(
    server.url(),
    `SELECT status, count(*)::integer FROM ${schema}.starling_runs GROUP BY status ORDER BY status`,
  )
  expect(counted).toEqual(expected)
}

describe('the summaries', () => {
  test('are those of the events after any mixture of appends, ends, deletions and prunes', async () => {
    const { log, schema } = await open()
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 8; n++) {
        const run = new RunBuilder(`r${n}-${round % 2}`, BigInt(n + round + 1)).start().callTool()
        if (n % 3 === 0) run.complete()
        else if (n % 3 === 1) run.fail('no')
        await log.append(`r${n}-${round % 2}`, run.events).catch(() => undefined)
      }
      if (round === 2)
        await execute(server.url(), `DELETE FROM ${schema}.eventlog_events WHERE seq > 3 AND run_id < 'r4'`)
      if (round === 4) await log.prune({ before: 6n, status: 'failed' })
      await expectConsistent(log, schema)
    }
  })

  test('of a run of 12,000 events are summed up in steps', async () => {
    const { log, schema } = await open()
    const events = chainOf('long', 12_000)
    for (let from = 0; from < events.length; from += 3000) await log.append('long', events.slice(from, from + 3000))
    await log.append('short', finishedRun('short'))
    expect((await log.listRuns()).runs).toEqual(
      expect.arrayContaining([summarize(events), summarize(finishedRun('short'))]),
    )
    await expectConsistent(log, schema)
  })

  test('are brought up to date by many logs at once without getting in each other’s way', async () => {
    const { log, schema } = await open()
    const others = await Promise.all(Array.from({ length: 4 }, async () => (await open(schema)).log))
    const writing = Promise.all(
      Array.from({ length: 120 }, async (_, n) => {
        for (const event of finishedRun(`r${n}`)) await log.append(`r${n}`, event)
      }),
    )
    for (let round = 0; round < 10; round++) await Promise.all(others.map((other) => other.listRuns()))
    await writing
    for (const other of others) {
      expect(await other.listRuns({ limit: 0, status: 'completed' })).toMatchObject({ totalMatching: 120 })
    }
    await expectConsistent(log, schema)
  })

  test('follow by themselves when nothing is appended for a while', async () => {
    const { log, schema } = await open()
    await log.append('r', finishedRun('r'))
    for (;;) {
      const rows = await rowsOf(server.url(), `SELECT run_id, status FROM ${schema}.starling_runs`)
      if (rows.length === 0) continue
      expect(rows).toEqual([['r', 'completed']])
      break
    }
    expect(await rowsOf(server.url(), `SELECT count(*)::integer FROM ${schema}.starling_touched`)).toEqual([[0]])
  })

  test('are derived anew on demand, whatever has become of them', async () => {
    const { log, schema } = await open()
    for (let n = 0; n < 250; n++) await log.append(`r${n}`, finishedRun(`r${n}`, BigInt(n)))
    expect(await log.search({ query: 'thanks', limit: 500 })).toHaveLength(250)
    await execute(
      server.url(),
      `UPDATE ${schema}.starling_runs SET status = 'failed', turn_count = 99, cost_usd = 'NaN';
       DELETE FROM ${schema}.starling_runs WHERE started_at > 100;
       UPDATE ${schema}.starling_counts SET runs = 7; UPDATE ${schema}.starling_search SET words = ''`,
    )
    expect(await log.rebuild()).toEqual({ runs: 250, events: 1750 })
    await expectConsistent(log, schema)
    expect(await log.search({ query: 'thanks', limit: 500 })).toHaveLength(250)
  })
})

describe('the search index', () => {
  test('finds words of any length, and events with more words than it can hold', async () => {
    const { log } = await open()
    const long = 'x'.repeat(5000)
    const many = Array.from({ length: 60_000 }, (_, n) => `word${n}`).join(' ')
    const run = new RunBuilder('r').start().say(`a ${long}y b`).say(many).say('short')
    await log.append('r', run.events)
    const seqs = async (query: string): Promise<readonly number[]> =>
      (await log.search({ query })).map(({ seq }) => seq)
    expect(await seqs(`${long}y`)).toEqual([2])
    expect(await seqs(long)).toEqual([])
    expect(await seqs(`${'x'.repeat(300)}*`)).toEqual([2])
    expect(await seqs('word59999')).toEqual([3])
    expect(await seqs('word5999*')).toEqual([3])
    expect(await seqs('short')).toEqual([4])
  })

  test('shows the newest of a common word, and finds a rare one among many', async () => {
    const { log } = await open()
    const runs = Array.from({ length: 60 }, (_, n) => {
      const run = new RunBuilder(`r${n}`, BigInt(n) * 10n ** 9n).start({ goal: 'everyday' })
      while (run.events.length < 50) run.say(`common words number${n}`)
      return run.events
    })
    for (const events of runs) await log.append(events[0]?.runId ?? '', events)
    const common = await log.search({ query: 'common', limit: 5 })
    expect(new Set(common.map(({ runId }) => runId))).toEqual(new Set(['r59']))
    expect(await log.search({ query: 'number3 words' })).toHaveLength(49)
    expect((await log.search({ query: 'number3' })).every(({ runId }) => runId === 'r3')).toBe(true)
    expect(await log.search({ query: 'everyday', limit: 100 })).toHaveLength(60)
    expect(await log.search({ query: 'comm*', runId: 'r0', limit: 100 })).toHaveLength(49)
    expect(await log.search({ query: 'words', kinds: [KIND.RunStarted] })).toEqual([])
  })

  test('takes nothing in a query or an event for a word of its own', async () => {
    const { log } = await open()
    const tricky = "it's \\ ' :* & | ! <-> \u{E000}r \u{E001}2 \u{E002} needle"
    await log.append('r', new RunBuilder('r').start().say(tricky).events)
    for (const query of ['needle', "it's needle", 'needle:*', "needle' | 'x", '\u{E002}', '\u{E001}1', '<-> r']) {
      const hits = await log.search({ query })
      expect(hits.map(({ seq }) => seq).filter((seq) => seq !== 2)).toEqual([])
    }
    expect(await log.search({ query: 'needle' })).toHaveLength(1)
  })
})

test('a payload that is stored with bytes in the older way of the server is read all the same', async () => {
  const role = freshSchema()
  const schema = freshSchema()
  await execute(
    server.url(),
    `CREATE ROLE ${role} LOGIN PASSWORD 'x'; ALTER ROLE ${role} SET bytea_output = 'escape';
     CREATE SCHEMA ${schema} AUTHORIZATION ${role}`,
  )
  await using log = await openPostgresEventLog({ url: server.url(role, 'x'), schema })
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const payload = encodePayload(KIND.SideEffectRecorded, { name: 'bytes', value: Uint8Array.of(0x59, 1, 0, ...every) })
  const run = new RunBuilder('r').start().addRaw(KIND.SideEffectRecorded, payload).say('\\ and \\134 and \\\\')
  await log.append('r', run.events)
  expect(await log.read('r')).toEqual(run.events)
})

import { encodeCbor, KIND } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog, SearchOptions } from '../event-log.ts'
import type { EventLogHarness } from './harness.ts'
import { finishedRun, RunBuilder } from './runs.ts'
import { store } from './test-steps.ts'

/** Registers what holds for full-text search. */
export function describeSearch(harness: EventLogHarness): void {
  describe('search', () => {
    test.each([
      ['goal', 'meteorology', 1],
      ['message', 'gratitude', 2],
      ['reasoning', 'pondering', 3],
      ['answer', 'Reykjavik', 5],
      ['tool name', 'get_weather', 5],
      ['argument', 'Reykjavik', 6],
      ['result', 'drizzle', 7],
      ['number in a result', '4711', 7],
      ['side effect', 'lottery', 8],
      ['tool error', 'unreachable', 9],
      ['final text', 'umbrella', 10],
    ])('finds an event by its %s', async (_, query, seq) => {
      await using log = await harness.open()
      await storeWeather(log)
      expect(await seqsOf(log, { query })).toContain(seq)
    })

    test('all words must occur, in any order', async () => {
      await using log = await logOf(harness, ['the quick brown fox', 'the lazy dog', 'a quick dog'])
      expect(await seqsOf(log, { query: 'dog quick' })).toEqual([3])
      expect(await seqsOf(log, { query: 'quick' })).toEqual([1, 3])
      expect(await seqsOf(log, { query: 'quick cat' })).toEqual([])
    })

    test('a word matches whole, unless it ends in an asterisk', async () => {
      await using log = await logOf(harness, ['incident report', 'incidental', 'incidents'])
      expect(await seqsOf(log, { query: 'incident' })).toEqual([1])
      expect(await seqsOf(log, { query: 'incident*' })).toEqual([1, 2, 3])
      expect(await seqsOf(log, { query: 'inc* rep*' })).toEqual([1])
    })

    test('case and accents do not matter', async () => {
      await using log = await logOf(harness, ['Crème BRÛLÉE', 'creme brulee'])
      for (const query of ['creme', 'CRÈME', 'brûlée', 'Brulee cre*']) {
        expect(await seqsOf(log, { query })).toEqual([1, 2])
      }
    })

    test.each(['', '   ', '*', '"', '!?', '***', '()'])(
      'the query %j has no words and finds nothing',
      async (query) => {
        await using log = await logOf(harness, ['something * " ( )'])
        expect(await log.search({ query })).toEqual([])
      },
    )

    test.each([
      ['"alpha beta', [1]],
      ['alpha-beta', [1]],
      ["alpha'beta", [1]],
      ['(alpha)', [1]],
      ['alpha:beta', [1]],
      ['^alpha + beta', [1]],
      ['alpha AND beta', []],
      ['alpha OR gamma', []],
      ['NOT gamma', []],
      ['NEAR(alpha beta)', []],
      ['alpha* % beta_', [1]],
    ])('the query %j is words, not a language', async (query, seqs) => {
      await using log = await logOf(harness, ['alpha beta', 'gamma'])
      expect(await seqsOf(log, { query })).toEqual(seqs)
    })

    test('can be restricted to a run', async () => {
      await using log = await harness.open()
      await store(log, finishedRun('one'))
      await store(log, finishedRun('two'))
      expect((await log.search({ query: 'thanks', runId: 'two' })).map((hit) => hit.runId)).toEqual(['two'])
      expect(await log.search({ query: 'thanks', runId: 'three' })).toEqual([])
      expect(await log.search({ query: 'thanks' })).toHaveLength(2)
    })

    test('can be restricted to kinds', async () => {
      await using log = await harness.open()
      await storeWeather(log)
      const kinds = [KIND.ToolCallScheduled, KIND.ToolCallCompleted]
      expect(await seqsOf(log, { query: 'Reykjavik', kinds })).toEqual([6])
      expect(await seqsOf(log, { query: 'Reykjavik', kinds: [] })).toEqual([])
    })

    test('returns as many hits as asked for, fifty by default', async () => {
      await using log = await logOf(
        harness,
        Array.from({ length: 60 }, (_, n) => `echo ${n}`),
      )
      expect(await log.search({ query: 'echo', limit: 7 })).toHaveLength(7)
      expect(await log.search({ query: 'echo' })).toHaveLength(50)
      expect(await log.search({ query: 'echo', limit: 100 })).toHaveLength(60)
    })

    test.each([0, -1, 1.5, NaN])('a limit of %j is refused', async (limit) => {
      await using log = await harness.open()
      await expect(log.search({ query: 'x', limit })).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
    })

    test('a hit says where it is and shows the text around the match', async () => {
      await using log = await harness.open()
      const filler = 'lorem ipsum dolor '.repeat(200)
      const run = new RunBuilder('r', 1_795_256_960_795_436_425n).say(`${filler}Needle in the middle ${filler}`)
      await store(log, run.events)
      const hits = await log.search({ query: 'needle' })
      expect(hits).toHaveLength(1)
      expect(hits[0]).toMatchObject({
        runId: 'r',
        seq: 1,
        kind: KIND.UserMessageAppended,
        ts: 1_795_256_960_795_436_425n,
      })
      expect(hits[0]?.snippet).toContain('Needle')
      expect(hits[0]?.snippet.length).toBeLessThan(600)
    })

    test('the event that is most about it comes first', async () => {
      await using log = await logOf(harness, [
        'a river and a bank and a tree and a field',
        'river river river',
        'a tree',
      ])
      expect((await log.search({ query: 'river' })).map((hit) => hit.seq)).toEqual([2, 1])
    })

    test('an event is found as soon as it is appended', async () => {
      await using log = await harness.open()
      const run = new RunBuilder('r')
      for (const word of ['first', 'second', 'third']) {
        await log.append('r', run.say(word).events.slice(-1))
        expect(await log.search({ query: word })).toHaveLength(1)
      }
    })

    test('an event that does not decode has no words and stops nothing', async () => {
      await using log = await harness.open()
      const run = new RunBuilder('r')
        .addRaw(KIND.UserMessageAppended, encodeCbor(['needle']))
        .say('needle')
        .addRaw(200, encodeCbor('needle'))
      await store(log, run.events)
      expect(await seqsOf(log, { query: 'needle' })).toEqual([2])
    })
  })
}

/** A log with one run that has these messages. */
async function logOf(harness: EventLogHarness, messages: readonly string[]): Promise<EventLog> {
  const log = await harness.open()
  const run = new RunBuilder('r')
  for (const message of messages) run.say(message)
  await store(log, run.events)
  return log
}

async function storeWeather(log: EventLog): Promise<void> {
  const city = 'Reykjavik'
  const run = new RunBuilder('weather')
    .start({ goal: 'A question of meteorology' })
    .say('With gratitude')
    .add(KIND.ReasoningEmitted, { turnId: 't', content: 'pondering', sensitive: true })
    .callTool({ city, result: 'drizzle 4711' })
    .add(KIND.SideEffectRecorded, { name: 'lottery', value: encodeCbor([1, 2, 3]) })
    .add(KIND.ToolCallFailed, { callId: 'c', error: 'unreachable', errorType: 'tool', durationMs: 0, attempt: 1 })
    .complete('Take an umbrella')
  await store(log, run.events)
}

async function seqsOf(log: EventLog, options: SearchOptions): Promise<readonly number[]> {
  const hits = await log.search(options)
  return hits.map((hit) => hit.seq).toSorted((a, b) => a - b)
}

import { decodePayload, encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog } from '../event-log.ts'
import { validateRun } from '../validate.ts'
import { APPEND_CASES } from './append-cases.ts'
import type { EventLogHarness } from './harness.ts'
import { chainOf, finishedRun, RunBuilder } from './runs.ts'
import { at, outcomesOf, store } from './test-steps.ts'

const INVALID = { code: 'EVENTLOG_INVALID_APPEND' }

/** Registers what holds for single appends and batches. */
export function describeAppend(harness: EventLogHarness): void {
  describe('append', () => {
    test('what was appended is read back byte for byte', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      expect(await log.read('r')).toEqual(events)
    })

    test.each(APPEND_CASES)('the log format says: $name', async ({ steps }) => {
      await using log = await harness.open()
      for (const { runId, event, detail } of steps) {
        const message = detail === undefined ? 'ok' : `eventlog: invalid append: ${detail}`
        expect(await messageOf(log.append(runId, event))).toBe(message)
      }
      const kept = steps.filter(({ allowed }) => allowed).map(({ event }) => event)
      for (const runId of ['r1', 'run-a', 'run-b']) {
        expect(await log.read(runId)).toEqual(kept.filter((event) => event.runId === runId))
      }
    })

    test('a run goes on after a refused append', async () => {
      await using log = await harness.open()
      const events = chainOf('r', 3)
      await log.append('r', at(events, 0))
      await expect(log.append('r', at(events, 2))).rejects.toMatchObject(INVALID)
      await log.append('r', at(events, 1))
      await log.append('r', at(events, 2))
      expect(await log.read('r')).toEqual(events)
    })

    test('a payload that is not CBOR is stored, and stops the append after it', async () => {
      await using log = await harness.open()
      const broken = at(new RunBuilder('r').addRaw(KIND.UserMessageAppended, Uint8Array.of(0xff)).events, 0)
      await log.append('r', broken)
      const next = { ...broken, seq: 2, prevHash: new Uint8Array(32) }
      await expect(log.append('r', next)).rejects.toMatchObject({
        ...INVALID,
        message: expect.stringMatching(/^eventlog: invalid append: re-marshal previous event: ./),
      })
      expect(await log.read('r')).toEqual([broken])
    })

    test('kinds from 0 to 255 and empty payloads are kept', async () => {
      await using log = await harness.open()
      const run = new RunBuilder('r')
      for (const kind of [0, 16, 17, 200, 255]) run.addRaw(kind, new Uint8Array(0))
      await store(log, run.events)
      expect(await log.read('r')).toEqual(run.events)
    })

    test('times keep all 64 bits', async () => {
      await using log = await harness.open()
      const times = [-(2n ** 63n), -1n, 0n, 1_795_256_960_795_436_425n, 2n ** 63n - 1n]
      for (const ts of times) await log.append(`r${ts}`, { ...at(chainOf(`r${ts}`, 1), 0), ts })
      const stored = await Promise.all(times.map(async (ts) => at(await log.read(`r${ts}`), 0).ts))
      expect(stored).toEqual(times)
    })

    test.each([
      { what: 'a kind above 255', field: { kind: 256 } },
      { what: 'a negative kind', field: { kind: -1 } },
      { what: 'a kind with a fraction', field: { kind: 1.5 } },
      { what: 'a time above 64 bits', field: { ts: 2n ** 63n } },
      { what: 'a time below 64 bits', field: { ts: -(2n ** 63n) - 1n } },
      { what: 'zero bytes instead of null before the first event', field: { prevHash: new Uint8Array(0) } },
    ])('$what is refused', async ({ field }) => {
      await using log = await harness.open()
      await expect(log.append('r', { ...at(chainOf('r', 1), 0), ...field })).rejects.toMatchObject(INVALID)
      expect(await log.read('r')).toEqual([])
    })

    test('a text of a million characters is kept', async () => {
      await using log = await harness.open()
      const content = 'ä'.repeat(1_000_000)
      await store(log, new RunBuilder('r').start().say(content).events)
      const [message] = await log.read('r', { fromSeq: 2 })
      expect(decodePayload(KIND.UserMessageAppended, message?.payload ?? new Uint8Array(0)).content === content).toBe(
        true,
      )
    })

    test.each(['ünïcödé', '日本語', '👩‍👩‍👧', 'a b', "it's", '"quoted"', '%_\\', 'a/b', ' ', '\u{10ffff}', '\n'])(
      'a run id may be %j',
      async (runId) => {
        await using log = await harness.open()
        const events = await store(log, finishedRun(runId))
        expect(await log.read(runId)).toEqual(events)
        expect(await log.summary(runId)).toMatchObject({ runId })
        expect((await log.listRuns()).runs.map((run) => run.runId)).toEqual([runId])
      },
    )

    test('run ids that differ in case, form or trailing space are different runs', async () => {
      await using log = await harness.open()
      const ids = ['run', 'RUN', 'run ', 'é', 'e\u0301']
      for (const runId of ids) await store(log, new RunBuilder(runId).start({ goal: runId }).events)
      for (const runId of ids) {
        const [event] = await log.read(runId)
        expect(decodePayload(KIND.RunStarted, event?.payload ?? new Uint8Array(0)).goal).toBe(runId)
      }
    })

    test('nothing that a caller does to its bytes changes the log', async () => {
      await using log = await harness.open()
      const pristine = chainOf('r', 2)
      const mine = chainOf('r', 2)
      await store(log, mine)
      for (const event of mine) event.payload.fill(0)
      for (const event of await log.read('r')) {
        event.payload.fill(1)
        event.prevHash?.fill(1)
      }
      expect(await log.read('r')).toEqual(pristine)
      await log.append('r', at(chainOf('r', 3), 2))
    })
  })

  describe('a batch', () => {
    test('lands whole', async () => {
      await using log = await harness.open()
      const events = chainOf('r', 10)
      await log.append('r', events.slice(0, 4))
      await log.append('r', events.slice(4))
      expect(await log.read('r')).toEqual(events)
    })

    test.each([
      {
        what: 'its last event does not follow',
        break: (events: readonly Event[]) => [...events.slice(0, 2), at(events, 3)],
      },
      { what: 'an event comes twice', break: (events: readonly Event[]) => [at(events, 0), at(events, 0)] },
      {
        what: 'an event of another run is in it',
        break: (events: readonly Event[]) => [at(events, 0), { ...at(events, 1), runId: 'other' }],
      },
      {
        what: 'a kind is out of range',
        break: (events: readonly Event[]) => [at(events, 0), { ...at(events, 1), kind: 256 }],
      },
    ])('writes nothing when $what', async (broken) => {
      await using log = await harness.open()
      const events = chainOf('r', 5)
      await log.append('r', at(events, 0))
      await expect(log.append('r', broken.break(events.slice(1)))).rejects.toMatchObject(INVALID)
      expect(await log.read('r')).toEqual(events.slice(0, 1))
      expect(await log.read('other')).toEqual([])
      expect(await log.summary('r')).toMatchObject({ lastSeq: 1 })
    })

    test('without events is no append', async () => {
      await using log = await harness.open()
      await log.append('r', [])
      expect(await log.summary('r')).toBeUndefined()
      expect((await log.listRuns()).totalMatching).toBe(0)
    })

    test('of two thousand events lands whole', async () => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 2000))
      expect(await log.read('r')).toEqual(events)
    })
  })

  describe('racing writers', () => {
    test('exactly one of many wins each seq', async () => {
      await using log = await harness.open()
      for (let seq = 1; seq <= 3; seq++) {
        const tail = await log.read('r')
        const appends = Array.from({ length: 8 }, (_, n) => log.append('r', messageAfter(tail, 'r', `writer ${n}`)))
        expect((await outcomesOf(appends)).toSorted()).toEqual([...Array.from({ length: 7 }, () => INVALID.code), 'ok'])
      }
      expect((await log.read('r')).map((event) => event.seq)).toEqual([1, 2, 3])
    })

    test('exactly one batch wins, and no batch is mixed into another', async () => {
      await using log = await harness.open()
      const runs = Array.from({ length: 4 }, (_, writer) =>
        new RunBuilder('r', BigInt(writer)).start().say('a').say('b'),
      )
      const outcomes = await outcomesOf(runs.map((run) => log.append('r', run.events)))
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
      expect(await log.read('r')).toEqual(runs[outcomes.indexOf('ok')]?.events)
    })

    test('writers that read again and retry lose nothing', async () => {
      await using log = await harness.open()
      const writers = Array.from({ length: 4 }, (_, writer) => appendWithRetries(log, `writer ${writer}`, 10))
      await Promise.all(writers)
      const events = await log.read('r')
      const contents = events.map((event) => decodePayload(KIND.UserMessageAppended, event.payload).content)
      for (let writer = 0; writer < 4; writer++) {
        const own = contents.filter((content) => content.startsWith(`writer ${writer}:`))
        expect(own).toEqual(Array.from({ length: 10 }, (_, n) => `writer ${writer}: ${n}`))
      }
      expect(await validateRun(log, 'r')).toMatchObject({ events: 40, reason: expect.not.stringContaining('hash') })
    })

    test('runs that are written at the same time do not mix', async () => {
      await using log = await harness.open()
      const runs = Array.from({ length: 16 }, (_, n) => finishedRun(`run-${n}`))
      await Promise.all(
        runs.map(async (events, n) => {
          for (const event of events) await log.append(`run-${n}`, event)
        }),
      )
      for (const [n, events] of runs.entries()) expect(await log.read(`run-${n}`)).toEqual(events)
    })

    test('a reader always sees a prefix', async () => {
      await using log = await harness.open()
      const events = chainOf('r', 100)
      const writing = (async () => {
        for (let from = 0; from < events.length; from += 5) await log.append('r', events.slice(from, from + 5))
      })()
      let seen = 0
      while (seen < events.length) {
        const read = await log.read('r')
        expect(read).toEqual(events.slice(0, read.length))
        expect(read.length % 5).toBe(0)
        expect(read.length).toBeGreaterThanOrEqual(seen)
        seen = read.length
      }
      await writing
    })
  })
}

/** Registers what holds for run ids with U+0000 in a backend that takes them. */
export function describeNulInRunId(harness: EventLogHarness): void {
  test('a run id may contain U+0000', async () => {
    await using log = await harness.open()
    const events = await store(log, finishedRun('a\0b'))
    const prefix = await store(log, finishedRun('a'))
    expect(await log.read('a\0b')).toEqual(events)
    expect(await log.read('a')).toEqual(prefix)
    expect((await log.listRuns({ query: 'a\0b' })).runs).toMatchObject([{ runId: 'a\0b' }])
    expect(await log.summary('a\0b')).toMatchObject({ runId: 'a\0b' })
  })
}

/** Registers what holds for run ids with U+0000 in a backend that cannot store them. */
export function describeNoNulInRunId(harness: EventLogHarness): void {
  test('a run id with U+0000 is refused, and writes nothing', async () => {
    await using log = await harness.open()
    expect(await outcomesOf([store(log, finishedRun('a\0b'))])).not.toContain('ok')
    expect((await log.listRuns()).totalMatching).toBe(0)
  })
}

function messageAfter(tail: readonly Event[], runId: string, content: string): Event {
  const last = tail.at(-1)
  return {
    runId,
    seq: tail.length + 1,
    prevHash: last === undefined ? null : hashEvent(last),
    ts: 0n,
    kind: KIND.UserMessageAppended,
    payload: encodePayload(KIND.UserMessageAppended, { content }),
  }
}

async function appendWithRetries(log: EventLog, writer: string, count: number): Promise<void> {
  for (let n = 0; n < count;) {
    const event = messageAfter(await log.read('r'), 'r', `${writer}: ${n}`)
    const [outcome] = await outcomesOf([log.append('r', event)])
    if (outcome === 'ok') n++
    else if (outcome !== INVALID.code) throw new Error(`expected a refused append, got ${outcome}`)
  }
}

async function messageOf(append: Promise<void>): Promise<string> {
  try {
    await append
    return 'ok'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

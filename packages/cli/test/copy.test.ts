import { KIND, type Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyRun, type CopyOptions } from '../src/copy/copy-run.ts'
import { StoredEvents } from '../src/import/stored-events.ts'
import { EXIT, type StoredLog } from '../src/index.ts'
import { formatRawEvent } from '../src/raw-event.ts'
import { call, documents } from './support/call.ts'
import { chain, complete, corruptRun, helloEntries, helloRun, runStarted, type Entry } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

describe('copy', () => {
  test('makes the same log of it, byte for byte, and only reads the one it comes from', async () => {
    const store = await threeRuns()
    expect(await call(['copy', 'x.db', 'y.db'], { store })).toEqual({
      code: EXIT.ok,
      stdout: 'copied 3 runs (11 events) to y.db\n',
      stderr: '',
    })
    for (const runId of ['a', 'b', 'c']) {
      expect(rawLines(await store.log('y.db').read(runId))).toEqual(rawLines(await store.log('x.db').read(runId)))
    }
    expect(store.opened).toEqual([
      ['x.db', 'read'],
      ['y.db', 'create'],
    ])
  })

  test('changes nothing the second time, and opens nothing to write', async () => {
    const store = await threeRuns()
    await call(['copy', 'x.db', 'y.db'], { store })
    const before = store.opened.length
    expect(await call(['copy', 'x.db', 'y.db'], { store })).toEqual({
      code: EXIT.ok,
      stdout: 'copied 0 runs (0 events) to y.db; 3 runs already there\n',
      stderr: '',
    })
    expect(store.opened.slice(before)).toEqual([
      ['x.db', 'read'],
      ['y.db', 'read'],
    ])
  })

  test('copies only the runs that are named, also by the beginning of their ids, each once', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('alpha'), helloRun('beta', 2n), helloRun('gamma', 3n))
    const argv = ['copy', 'x.db', 'y.db', '--run', 'al', '--run=gamma', '--run', 'alpha', '--json']
    const { code, stdout } = await call(argv, { store })
    expect(code).toBe(EXIT.ok)
    expect(documents(stdout)).toEqual([
      {
        from: 'x.db',
        to: 'y.db',
        dry_run: false,
        runs: 2,
        events: 8,
        unchanged: 0,
        refused: 0,
        pending: 0,
        results: [],
      },
    ])
    expect(await store.log('y.db').read('beta')).toEqual([])
  })

  test.each([
    [['--run', 'nothing'], EXIT.notFound, 'starling: run "nothing" not found in x.db; '],
    [['--run'], EXIT.usage, 'starling: --run needs a value: --run <run>'],
    [['z.db'], EXIT.usage, 'starling: unexpected argument "z.db"'],
  ])('%j fails before anything is made', async (more, code, problem) => {
    const store = await threeRuns()
    const result = await call(['copy', 'x.db', 'y.db', ...more], { store })
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(problem) })
    expect(await store.exists('y.db')).toBe(false)
  })

  test.each([
    [['copy', 'none.db', 'y.db'], EXIT.notFound, 'no log at none.db'],
    [['copy', 'x.db', 'x.db'], EXIT.usage, 'x.db is the log to copy from, too; name another one'],
    [['copy', 'x.db', ''], EXIT.usage, 'the path of the log to copy to is empty'],
    [['copy', 'x.db'], EXIT.usage, 'missing <to>'],
  ])('%j says what is wrong', async (argv, code, problem) => {
    const store = await threeRuns()
    expect(await call(argv, { store })).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(problem) })
    expect(await store.exists('y.db')).toBe(false)
  })

  test('an empty log is copied without another one being made', async () => {
    const store = createMemoryStore()
    await store.add('x.db')
    await store.open('x.db', 'create')
    expect((await call(['copy', 'x.db', 'y.db'], { store })).stdout).toBe('copied 0 runs (0 events) to y.db\n')
    expect(await store.exists('y.db')).toBe(false)
  })

  test('takes the log to copy from from STARLING_DB', async () => {
    const store = await threeRuns()
    const { stdout } = await call(['copy', 'y.db'], { store, env: { STARLING_DB: 'x.db' } })
    expect(stdout).toBe('copied 3 runs (11 events) to y.db\n')
  })

  test('--dry-run only says what it would do', async () => {
    const store = await threeRuns()
    expect((await call(['copy', 'x.db', 'y.db', '--dry-run'], { store })).stdout).toBe(
      'would copy 3 runs (11 events) to y.db\n',
    )
    expect(await store.exists('y.db')).toBe(false)
    await store.add('y.db', helloRun('a').slice(0, 2))
    const { stdout } = await call(['copy', 'x.db', 'y.db', '--dry-run', '--json'], { store })
    expect(documents(stdout)[0]).toMatchObject({ dry_run: true, runs: 3, events: 9, pending: 0 })
    expect(await store.log('y.db').read('a')).toHaveLength(2)
  })

  test('goes on with a run of which the other log has the beginning, and leaves one of which it has more', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a'), helloRun('b').slice(0, 2))
    await store.add('y.db', helloRun('a').slice(0, 3), helloRun('b'))
    const { stdout } = await call(['copy', 'x.db', 'y.db', '--json'], { store })
    expect(documents(stdout)[0]).toMatchObject({ runs: 1, events: 1, unchanged: 1 })
    expect(await store.log('y.db').read('a')).toEqual(helloRun('a'))
    expect(await store.log('y.db').read('b')).toEqual(helloRun('b'))
  })

  test('refuses a run that the other log holds with other events, and names it; the others go on', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a'), helloRun('b', 2n))
    await store.add('y.db', chain('a', helloEntries('another goal')))
    const { code, stdout, stderr } = await call(['copy', 'x.db', 'y.db'], { store })
    expect({ code, stdout }).toEqual({ code: EXIT.failure, stdout: 'copied 1 run (4 events) to y.db\n' })
    expect(stderr).toBe(
      'starling: run "a" refused: the log has a run of this id whose event 1 differs; fork or prune it first\n',
    )
    expect(await store.log('y.db').read('a')).toEqual(chain('a', helloEntries('another goal')))
  })

  test('refuses a run that is corrupt, and names it; the others go on', async () => {
    const store = createMemoryStore()
    await store.add('x.db', corruptRun('a'), helloRun('b', 2n))
    const { code, stdout, stderr } = await call(['copy', 'x.db', 'y.db', '--json'], { store })
    expect(code).toBe(EXIT.corrupt)
    expect(documents(stdout)[0]).toMatchObject({
      runs: 1,
      refused: 1,
      pending: 0,
      results: [{ run_id: 'a', status: 'refused', reason: 'merkle root mismatch' }],
    })
    expect(documents(stderr)).toEqual([
      { error: { code: 'CLI_COPY_REFUSED', message: 'run "a" refused: merkle root mismatch' } },
    ])
    expect(await store.log('y.db').read('a')).toEqual([])
  })

  test('makes no log for runs that are all refused', async () => {
    const store = createMemoryStore()
    await store.add('x.db', corruptRun('a'))
    expect((await call(['copy', 'x.db', 'y.db'], { store })).code).toBe(EXIT.corrupt)
    expect(await store.exists('y.db')).toBe(false)
  })

  test('--unverified copies a corrupt run as it is', async () => {
    const store = createMemoryStore()
    await store.add('x.db', corruptRun('a'))
    expect(await call(['copy', 'x.db', 'y.db', '--unverified'], { store })).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(await store.log('y.db').read('a')).toEqual(corruptRun('a'))
    expect((await call(['validate', 'y.db'], { store })).code).toBe(EXIT.corrupt)
  })

  test('--unverified stores even a broken chain where the log can', async () => {
    const kept: (readonly [string, number])[] = []
    const appendUnchecked = async (runId: string, events: readonly Event[]): Promise<void> =>
      void kept.push([runId, events.length])
    const store = createMemoryStore({ extras: { appendUnchecked } })
    await store.add('x.db', helloRun('a'))
    expect((await call(['copy', 'x.db', 'y.db', '--unverified'], { store })).code).toBe(EXIT.ok)
    expect(kept).toEqual([['a', 4]])
  })

  test('refuses a run that cannot be read', async () => {
    const store = await threeRuns()
    const damaged = replacing(store, 'x.db', {
      read: async (runId, options) => {
        if (runId === 'b') throw new EventLogError('EVENTLOG_CORRUPT', 'event 2 cannot be read')
        return store.log('x.db').read(runId, options)
      },
    })
    const { code, stdout, stderr } = await call(['copy', 'x.db', 'y.db'], { store: damaged })
    expect({ code, stdout }).toEqual({ code: EXIT.corrupt, stdout: 'copied 2 runs (7 events) to y.db\n' })
    expect(stderr).toBe('starling: run "b" refused: it cannot be read: event 2 cannot be read\n')
  })

  test('has nothing to say of a run that was deleted after it was listed', async () => {
    const store = await threeRuns()
    const pruned = replacing(store, 'x.db', {
      read: async (runId, options) => (runId === 'b' ? [] : store.log('x.db').read(runId, options)),
    })
    expect(await call(['copy', 'x.db', 'y.db'], { store: pruned })).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect((await store.log('y.db').listRuns()).totalMatching).toBe(2)
  })

  test('refuses what another process has written meanwhile', async () => {
    const store = await threeRuns()
    const racing = replacing(store, 'y.db', {
      append: async (runId, events) => {
        if (runId === 'a')
          throw new EventLogError('EVENTLOG_INVALID_APPEND', 'eventlog: invalid append: expected Seq=5')
        await store.log('y.db').append(runId, events)
      },
    })
    const { code, stdout, stderr } = await call(['copy', 'x.db', 'y.db'], { store: racing })
    expect({ code, stdout }).toEqual({ code: EXIT.corrupt, stdout: 'copied 2 runs (7 events) to y.db\n' })
    expect(stderr).toBe('starling: run "a" refused: eventlog: invalid append: expected Seq=5\n')
  })
})

describe('a copy that cannot finish', () => {
  const RUNS = Array.from({ length: 100 }, (_, index) => helloRun(`r${index}`, BigInt(index)))

  test('says how far it got, and goes on when it is repeated', async () => {
    const store = createMemoryStore()
    await store.add('x.db', ...RUNS)
    let appends = 0
    const failing = replacing(store, 'y.db', {
      append: async (runId, events) => {
        appends += 1
        if (appends > 30) throw new EventLogError('EVENTLOG_FULL', 'the storage is full')
        await store.log('y.db').append(runId, events)
      },
    })
    expect(await call(['copy', 'x.db', 'y.db'], { store: failing })).toEqual({
      code: EXIT.failure,
      stdout: 'copied 30 runs (120 events) to y.db; 70 runs not copied: repeat the command to go on\n',
      stderr: 'starling: the storage is full\n',
    })
    expect(await call(['copy', 'x.db', 'y.db'], { store })).toEqual({
      code: EXIT.ok,
      stdout: 'copied 70 runs (280 events) to y.db; 30 runs already there\n',
      stderr: '',
    })
  })

  test.each([
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const)('ends with what is there after %s', async (signal, code) => {
    const store = createMemoryStore()
    await store.add('x.db', ...RUNS)
    let interrupt = (): void => {}
    let appends = 0
    const slow = replacing(store, 'y.db', {
      append: async (runId, events) => {
        appends += 1
        if (appends === 20) interrupt()
        await store.log('y.db').append(runId, events)
      },
    })
    const result = await call(['copy', 'x.db', 'y.db'], {
      store: slow,
      onInterrupt: (listener) => {
        interrupt = () => listener(signal)
        return () => {}
      },
    })
    expect(result).toMatchObject({ code, stderr: '' })
    const [, copied = '0', left = '0'] = /^copied (\d+) runs .*; (\d+) runs not copied/.exec(result.stdout) ?? []
    expect(Number(copied) + Number(left)).toBe(100)
    expect((await store.log('y.db').listRuns()).totalMatching).toBe(Number(copied))
    expect(Number(copied)).toBeGreaterThanOrEqual(20)
    expect(Number(copied)).toBeLessThan(100)
  })

  test('shows on a terminal how far it is', async () => {
    const store = createMemoryStore()
    await store.add('x.db', ...RUNS)
    const { stderr } = await call(['copy', 'x.db', 'y.db'], { store, isTTY: true })
    expect(stderr).toMatch(/^\r1 of 100 runs, 4 events copied/)
  })
})

describe('copyRun', () => {
  const ENTRY = fc.record({ size: fc.integer({ min: 0, max: 400 }) })

  test('copies a run of any length in parts that are no larger than what may be held', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ENTRY, { maxLength: 12 }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 3000 }),
        async (sizes, there, maxHeldBytes) => {
          const run = longRun(sizes.map(({ size }) => size))
          const had = Math.min(there, run.length)
          const store = createMemoryStore()
          await store.add('x.db', run)
          await store.add('y.db', ...(had === 0 ? [] : [run.slice(0, had)]))
          const target = await store.open('y.db', 'create')
          const batches: number[] = []
          const destination = observed(target, {
            append: async (runId, events) => {
              const batch = 'kind' in events ? [events] : events
              batches.push(batch.reduce((sum, event) => sum + event.payload.length + 200, 0))
              if (batch.length === 1) batches.pop() // one event is as large as it is
              await target.append(runId, events)
            },
          })
          const outcome = await copyRun('r', copyOptions(store.log('x.db'), { target, destination, maxHeldBytes }))
          expect(outcome).toMatchObject({ events: run.length - had })
          expect(await target.read('r')).toEqual(run)
          for (const bytes of batches) expect(bytes).toBeLessThanOrEqual(maxHeldBytes)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('leaves what was appended to the source after it was checked for the next copy', async () => {
    const run = longRun([500, 500, 500])
    const store = createMemoryStore()
    await store.add('x.db', run.slice(0, 4))
    const source = store.log('x.db')
    const target = await store.open('y.db', 'create')
    const growing = async (): Promise<StoredLog> => {
      await source.append('r', run.slice(4))
      return target
    }
    const given = { ...copyOptions(source, { target, destination: target, maxHeldBytes: 10 }), destination: growing }
    expect(await copyRun('r', given)).toEqual({ runId: 'r', status: 'imported', events: 4 })
    expect(await target.read('r')).toEqual(run.slice(0, 4))
  })
})

interface Copying {
  readonly target: StoredLog
  readonly destination: StoredLog
  readonly maxHeldBytes: number
}

function copyOptions(source: StoredLog, { target, destination, maxHeldBytes }: Copying): CopyOptions {
  return {
    source,
    stored: new StoredEvents(target),
    destination: async () => destination,
    unverified: false,
    dryRun: false,
    signal: new AbortController().signal,
    maxHeldBytes,
  }
}

async function threeRuns(): Promise<MemoryStore> {
  const store = createMemoryStore()
  await store.add('x.db', helloRun('a'), helloRun('b', 2n), chain('c', helloEntries(), 3n))
  return store
}

/** A run with messages of these lengths. */
function longRun(sizes: readonly number[]): readonly Event[] {
  const messages = sizes.map((size): Entry => [KIND.UserMessageAppended, { content: 'x'.repeat(size) }])
  return complete(chain('r', [[KIND.RunStarted, runStarted('talk')], ...messages]), 'Done.')
}

function rawLines(events: readonly Event[]): readonly string[] {
  return events.map(formatRawEvent)
}

/** A store in which one log does some things otherwise. */
function replacing(store: MemoryStore, target: string, methods: Partial<StoredLog>): MemoryStore {
  return {
    ...store,
    open: async (opened, mode) => {
      const log = await store.open(opened, mode)
      return opened === target ? observed(log, methods) : log
    },
  }
}

function observed(log: StoredLog, methods: Partial<StoredLog>): StoredLog {
  return new Proxy(log, {
    get: (owner, key) => {
      const value: unknown = Reflect.get(methods, key) ?? Reflect.get(owner, key)
      return typeof value === 'function' ? value.bind(owner) : value
    },
  })
}

import { expect, test } from 'vitest'

import { appendForEver, race } from '../src/conformance/workloads.ts'
import { validateRun } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'

test('of racers for one run exactly one wins each seq, and the runs of their own are whole', async () => {
  await using log = createMemoryEventLog()
  const won = await Promise.all(['a', 'b', 'c'].map(async (name) => race(log, { name, shared: 20, own: 2 })))
  expect(won.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  const { runs } = await log.listRuns({ query: 'own-' })
  expect(runs.map(({ lastSeq }) => lastSeq)).toEqual([10, 10, 10, 10, 10, 10])
  for (const { runId } of runs) expect(await validateRun(log, runId)).toMatchObject({ status: 'open' })
})

test('a racer does not take a log that is closed for one that another has won', async () => {
  const log = createMemoryEventLog()
  await log[Symbol.asyncDispose]()
  await expect(race(log, { name: 'a', shared: 1, own: 0 })).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
})

test('whoever appends for ever tells what is durable, and stops at a failure', async () => {
  await using log = createMemoryEventLog()
  const told = new Map<string, number>()
  let count = 0
  const appending = appendForEver(log, {
    runs: 2,
    batch: 3,
    onDurable: (runId, seq) => {
      told.set(runId, seq)
      if (++count >= 40) throw new Error('enough')
    },
  })
  await expect(appending).rejects.toThrow('enough')
  expect([...told.keys()].toSorted()).toEqual(['run-0', 'run-1'])
  for (const [runId, seq] of told) {
    expect(await log.read(runId)).toHaveLength(seq)
    expect(seq % 3).toBe(0)
  }
})

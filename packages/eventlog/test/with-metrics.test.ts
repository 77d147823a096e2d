import { KIND } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun } from '../src/conformance/runs.ts'
import { collect } from '../src/conformance/test-steps.ts'
import { describeEventLog } from '../src/conformance/index.ts'
import { withMetrics } from '../src/index.ts'
import type { AppendObservation } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'

describeEventLog({
  name: 'memory, observed',
  open: () => Promise.resolve(withMetrics(createMemoryEventLog(), { onAppend: () => undefined })),
})

describe('withMetrics', () => {
  test('tells of every event that was appended, with the time it took', async () => {
    const { log, seen } = observed()
    await log.append('r', chainOf('r', 1))
    await log.append('r', chainOf('r', 3).slice(1))
    expect(seen).toEqual([
      { kind: KIND.RunStarted, status: 'ok', durationMs: 5, batchSize: 1 },
      { kind: KIND.UserMessageAppended, status: 'ok', durationMs: 5, batchSize: 2 },
      { kind: KIND.UserMessageAppended, status: 'ok', durationMs: 5, batchSize: 2 },
    ])
  })

  test('tells of a refused append, and passes the refusal on', async () => {
    const { log, seen } = observed()
    await expect(log.append('r', chainOf('r', 2).slice(1))).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_APPEND' })
    expect(seen).toEqual([{ kind: KIND.UserMessageAppended, status: 'error', durationMs: 5, batchSize: 1 }])
  })

  test('says nothing about reads and the rest', async () => {
    const { log, seen } = observed()
    await log.append('r', finishedRun('r'))
    seen.length = 0
    await log.read('r')
    await collect(log.stream('r'))
    await log.listRuns()
    await log.fork('r', { beforeSeq: 0, newRunId: 'copy' })
    expect(seen).toEqual([])
  })

  test('an observer that throws does not fail the append', async () => {
    const log = withMetrics(createMemoryEventLog(), {
      onAppend: () => {
        throw new Error('broken observer')
      },
    })
    await log.append('r', finishedRun('r'))
    expect(await log.read('r')).toHaveLength(7)
    await expect(log.append('r', finishedRun('r'))).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_APPEND' })
  })

  test('measures with a clock that does not go back', async () => {
    const durations: number[] = []
    const log = withMetrics(createMemoryEventLog(), { onAppend: ({ durationMs }) => durations.push(durationMs) })
    for (let n = 0; n < 20; n++) await log.append(`r${n}`, finishedRun(`r${n}`))
    expect(durations).toHaveLength(140)
    expect(durations.every((duration) => duration >= 0 && duration < 10_000)).toBe(true)
  })
})

function observed(): { log: ReturnType<typeof withMetrics>; seen: AppendObservation[] } {
  const seen: AppendObservation[] = []
  let time = 0
  const now = (): number => (time += 5)
  return { log: withMetrics(createMemoryEventLog(), { onAppend: (each) => seen.push(each) }, { now }), seen }
}

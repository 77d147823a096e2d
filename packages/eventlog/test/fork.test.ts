import { decodePayload, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun, RunBuilder } from '../src/conformance/runs.ts'
import { at } from '../src/conformance/test-steps.ts'
import { validateEvents } from '../src/index.ts'
import { forkEvents } from '../src/backend/index.ts'
import { readGoldenRuns } from './fixtures.ts'

describe('forkEvents', () => {
  const runs = readGoldenRuns().filter((run) => run.events.length < 100)

  test.each(runs)('a fork of $name is as valid as it is, and every prefix is open', ({ events }) => {
    const fork = forkEvents('r', events, { beforeSeq: 0, newRunId: 'fork' })
    const [source, forked] = [validateEvents(events), validateEvents(fork)]
    expect({ ...forked, root: undefined }).toEqual({ ...source, root: undefined })
    const prefix = forkEvents('r', events, { beforeSeq: events.length, newRunId: 'fork' })
    expect(prefix).toEqual(fork.slice(0, -1))
  })

  test('a fork of a fork under the old id is the run again', () => {
    for (const { events } of runs) {
      const runId = at(events, 0).runId
      const fork = forkEvents(runId, events, { beforeSeq: 0, newRunId: 'fork' })
      expect(forkEvents('fork', fork, { beforeSeq: 0, newRunId: runId })).toEqual(events)
    }
  })

  test('changes nothing in a terminal event but the root', () => {
    const events = finishedRun('r')
    const fork = forkEvents('r', events, { beforeSeq: 0, newRunId: 'fork' })
    const [before, after] = [events, fork].map((run) => decodePayload(KIND.RunCompleted, at(run, -1).payload))
    expect({ ...after, merkleRoot: null }).toEqual({ ...before, merkleRoot: null })
    expect(after?.merkleRoot).not.toEqual(before?.merkleRoot)
  })

  test('copies payloads', () => {
    const events = chainOf('r', 2)
    const fork = forkEvents('r', events, { beforeSeq: 0, newRunId: 'fork' })
    at(fork, 0).payload.fill(0)
    expect(events).toEqual(chainOf('r', 2))
  })

  test('a wrong root stays wrong', () => {
    const events = new RunBuilder('r').start().completeWithoutRoot('done').events
    const fork = forkEvents('r', events, { beforeSeq: 0, newRunId: 'fork' })
    expect(validateEvents(fork)).toMatchObject({ status: 'corrupt', violation: { detail: 'merkle root mismatch' } })
  })

  test.each([
    [2, { ts: 5n }, 'prev-hash mismatch at index 3'],
    [2, { seq: 9 }, 'seq gap at index 2: want 3 got 9'],
    [2, { runId: 'x' }, 'RunID mismatch at index 2: "x" vs "r"'],
  ] satisfies [number, Partial<Event>, string][])(
    'a broken chain is refused: event %i with %o',
    (index, change, detail) => {
      const events = chainOf('r', 5)
      const broken = events.with(index, { ...at(events, index), ...change })
      expect(() => forkEvents('r', broken, { beforeSeq: 0, newRunId: 'fork' })).toThrow(
        expect.objectContaining({
          code: 'EVENTLOG_CORRUPT',
          message: `eventlog: cannot fork run "r": log failed validation: ${detail}`,
        }),
      )
    },
  )

  test('damage behind the cut does not matter', () => {
    const events = chainOf('r', 5)
    const broken = events.with(4, { ...at(events, 4), seq: 77 })
    expect(forkEvents('r', broken, { beforeSeq: 5, newRunId: 'fork' })).toHaveLength(4)
  })

  test('names the run that does not exist', () => {
    expect(() => forkEvents('a "b"', [], { beforeSeq: 0, newRunId: 'fork' })).toThrow(
      expect.objectContaining({
        code: 'EVENTLOG_FORK_NOT_FOUND',
        message: String.raw`eventlog: fork source not found: "a \"b\""`,
      }),
    )
  })
})

import { encodePayload, hashEvent, isStarlingError, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { EventLog } from '../src/index.ts'
import { summarize, validateEvents } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'

/** What a log must remember, kept as plainly as possible. */
type Model = Map<string, Event[]>

const RUN_IDS = ['a', 'b', 'c']
const PAYLOAD = encodePayload(KIND.UserMessageAppended, { content: 'x' })

test('a log does what a map of lists does, whatever it is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(allCommands(), { maxCommands: 40 }), async (commands) => {
      await using log = createMemoryEventLog()
      await fc.asyncModelRun(() => ({ model: new Map<string, Event[]>(), real: log }), commands)
    }),
    { numRuns: 150 },
  )
})

test('what is read in any pieces and put together is what was appended in any pieces', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (appendSizes, readSizes) => {
      await using log = createMemoryEventLog()
      const events: Event[] = []
      for (const size of appendSizes) {
        const batch = follow(events, 'r', size)
        await log.append('r', batch)
        events.push(...batch)
      }
      const pieces: Event[] = []
      for (let n = 0; pieces.length < events.length; n++) {
        pieces.push(...(await log.read('r', { fromSeq: pieces.length + 1, limit: readSizes[n % readSizes.length] })))
      }
      expect(pieces).toEqual(events)
    }),
  )
})

type Command = fc.AsyncCommand<Model, EventLog>

function allCommands(): fc.Arbitrary<Command>[] {
  const runId = fc.constantFrom(...RUN_IDS)
  const size = fc.integer({ min: 0, max: 3 })
  return [
    fc.tuple(runId, size, fc.constantFrom(0, 0, 0, 1, -1)).map(([id, count, shift]) => append(id, count, shift)),
    fc.tuple(runId, fc.constantFrom(12, 13, 14)).map(([id, kind]) => appendTerminal(id, kind)),
    fc.tuple(runId, fc.integer({ min: 1, max: 8 }), fc.nat(4)).map(([id, fromSeq, limit]) => read(id, fromSeq, limit)),
    fc.tuple(runId, runId, fc.nat(5)).map(([from, to, beforeSeq]) => fork(from, to, beforeSeq)),
    fc.boolean().map(prune),
    fc.constant(list()),
  ]
}

function append(runId: string, count: number, shift: number): Command {
  return command(`append ${count} to ${runId}, shifted by ${shift}`, async (model, log) => {
    const stored = model.get(runId) ?? []
    const batch = follow(stored, runId, count).map((event) => ({ ...event, seq: event.seq + shift }))
    const outcome = await codeOf(log.append(runId, batch))
    const refused = shift !== 0 && count > 0
    expect(outcome).toBe(refused ? 'EVENTLOG_INVALID_APPEND' : 'ok')
    if (!refused && count > 0) model.set(runId, [...stored, ...batch])
  })
}

function appendTerminal(runId: string, kind: number): Command {
  return command(`end ${runId} with ${kind}`, async (model, log) => {
    const stored = model.get(runId) ?? []
    const events = follow(stored, runId, 1).map((event) => ({ ...event, kind }))
    await log.append(runId, events)
    model.set(runId, [...stored, ...events])
  })
}

function read(runId: string, fromSeq: number, limit: number): Command {
  return command(`read ${runId} from ${fromSeq}, ${limit}`, async (model, log) => {
    const stored = model.get(runId) ?? []
    expect(await log.read(runId, { fromSeq, limit })).toEqual(stored.slice(fromSeq - 1, fromSeq - 1 + limit))
    expect(await log.summary(runId)).toEqual(summarize(stored))
  })
}

function fork(runId: string, newRunId: string, beforeSeq: number): Command {
  return command(`fork ${runId} before ${beforeSeq} to ${newRunId}`, async (model, log) => {
    const stored = model.get(runId) ?? []
    const kept = beforeSeq === 0 ? stored : stored.slice(0, beforeSeq - 1)
    const exists = (model.get(newRunId) ?? []).length > 0
    const outcome = await codeOf(log.fork(runId, { beforeSeq, newRunId }))
    if (stored.length === 0) return expect(outcome).toBe('EVENTLOG_FORK_NOT_FOUND')
    if (exists && kept.length > 0) return expect(outcome).toBe('EVENTLOG_INVALID_APPEND')
    expect(outcome).toBe('ok')
    if (kept.length === 0) return undefined
    const copies = await log.read(newRunId)
    expect(copies.map(({ seq, ts, kind, payload }) => ({ seq, ts, kind, payload }))).toEqual(
      kept.map(({ seq, ts, kind, payload }) => ({ seq, ts, kind, payload })),
    )
    expect(validateEvents(copies).reason).not.toMatch(/hash mismatch|gap|RunID/)
    model.set(newRunId, [...copies])
    return undefined
  })
}

function prune(includeInProgress: boolean): Command {
  return command(`prune, open ones too: ${includeInProgress}`, async (model, log) => {
    const gone = [...model].filter(([, events]) => includeInProgress || [12, 13, 14].includes(events.at(-1)?.kind ?? 0))
    const report = await log.prune({ before: 2n ** 62n, includeInProgress })
    expect(report.runIds).toEqual(gone.map(([runId]) => runId).toSorted())
    expect(report.deletedEvents).toBe(gone.reduce((sum, [, events]) => sum + events.length, 0))
    for (const [runId] of gone) model.delete(runId)
  })
}

function list(): Command {
  return command('list', async (model, log) => {
    const { runs, totalMatching } = await log.listRuns()
    expect(runs).toEqual(
      [...model.keys()]
        .toSorted()
        .toReversed()
        .map((runId) => summarize(model.get(runId) ?? [])),
    )
    expect(totalMatching).toBe(model.size)
    expect(await log.search({ query: 'x', limit: 1000 })).toHaveLength(
      [...model.values()].flat().filter((event) => event.kind === KIND.UserMessageAppended).length,
    )
  })
}

function command(name: string, run: (model: Model, log: EventLog) => Promise<unknown>): Command {
  return { check: () => true, toString: () => name, run: async (model, log) => void (await run(model, log)) }
}

/** Events that extend `stored`, all at one time, so that runs are ordered by their ids. */
function follow(stored: readonly Event[], runId: string, count: number): Event[] {
  const events: Event[] = []
  let last = stored.at(-1)
  for (let n = 0; n < count; n++) {
    const seq: number = (last?.seq ?? 0) + 1
    const prevHash = last === undefined ? null : hashEvent(last)
    last = { runId, seq, prevHash, ts: 1000n, kind: KIND.UserMessageAppended, payload: PAYLOAD }
    events.push(last)
  }
  return events
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'ok'
  } catch (error) {
    if (isStarlingError(error)) return error.code
    throw error
  }
}

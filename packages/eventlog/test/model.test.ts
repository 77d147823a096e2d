import { expect, test } from 'vitest'

import { expectToAnswerLikeMemory } from '../src/conformance/model.conformance.ts'
import type { SharedEventLog } from '../src/conformance/model.conformance.ts'
import type { EventLog } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'

test('the log in memory answers like itself', async () => {
  await expectToAnswerLikeMemory({ open: async (now) => shared(createMemoryEventLog({ now })) })
})

test('of a log with a clock of its own the ends of leases are not compared', async () => {
  const open = async (): Promise<SharedEventLog> => shared(createMemoryEventLog())
  await expectToAnswerLikeMemory({ open, hasOwnClock: true })
  await expect(expectToAnswerLikeMemory({ open, numRuns: 500 })).rejects.toThrow('Property failed')
})

test.each<[string, (log: EventLog) => Partial<EventLog>]>([
  ['listings that forget the offset', (log) => ({ listRuns: (options) => log.listRuns({ ...options, offset: 0 }) })],
  ['a search in one run that finds all', (log) => ({ search: (options) => log.search({ ...options, runId: '' }) })],
  ['reads that begin one too late', (log) => ({ read: async (...asked) => (await log.read(...asked)).slice(1) })],
  ['prunes that only say so', (log) => ({ prune: (options) => log.prune({ ...options, dryRun: true }) })],
  ['appends that mind no fence', (log) => ({ append: (runId, events) => log.append(runId, events) })],
])('finds %s', async (_, breakIt) => {
  const open = async (now: () => number): Promise<SharedEventLog> => {
    const log = createMemoryEventLog({ now })
    return shared(broken(log, breakIt(log)))
  }
  await expect(expectToAnswerLikeMemory({ open, numRuns: 2000 })).rejects.toThrow('Property failed')
})

test('finds a reader that is behind what the writers have written', async () => {
  const open = async (now: () => number): Promise<SharedEventLog> => {
    const log = createMemoryEventLog({ now })
    return { ...shared(log), reader: createMemoryEventLog({ now }) }
  }
  await expect(expectToAnswerLikeMemory({ open, numRuns: 500 })).rejects.toThrow('Property failed')
})

function shared(log: EventLog): SharedEventLog {
  return { first: log, second: log, reader: log }
}

function broken(log: EventLog, methods: Partial<EventLog>): EventLog {
  return {
    leases: log.leases,
    append: (...asked) => log.append(...asked),
    read: (...asked) => log.read(...asked),
    stream: (...asked) => log.stream(...asked),
    listRuns: (...asked) => log.listRuns(...asked),
    summary: (...asked) => log.summary(...asked),
    search: (...asked) => log.search(...asked),
    fork: (...asked) => log.fork(...asked),
    prune: (...asked) => log.prune(...asked),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    ...methods,
  }
}

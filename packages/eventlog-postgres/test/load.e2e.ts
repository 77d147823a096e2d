/**
 * What takes too long for a unit test: many processes at once.
 *
 * Not run with the unit tests; name it to vitest to run it.
 */
import { validateRun } from '@starling/eventlog'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { messageOf, startChild } from './child.ts'
import { freshSchema, startServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ settings: ['fsync=on'] })
}, 60_000)

afterAll(async () => {
  await server.stop()
})

/** Lets so many processes append at once; returns the numbers that each has won in the shared run. */
async function race(
  schema: string,
  { processes, shared, own }: { processes: number; shared: number; own: number },
): Promise<readonly (readonly number[])[]> {
  const children = Array.from({ length: processes }, (_, n) =>
    startChild('race', server.url(), schema, String(n), String(shared), String(own)),
  )
  await Promise.all(children.map(messageOf))
  const results = children.map(messageOf)
  for (const child of children) child.send('go')
  return (await Promise.all(results)) as readonly (readonly number[])[]
}

test('of thirty-two processes that race for one run exactly one wins each seq', async () => {
  const schema = freshSchema()
  const won = await race(schema, { processes: 32, shared: 40, own: 0 })
  await using log = await openPostgresEventLog({ url: server.url(), schema })
  const events = await log.read('shared')
  expect(events).toHaveLength(40)
  expect(won.flat().toSorted((a, b) => a - b)).toEqual(events.map(({ seq }) => seq))
  expect(await validateRun(log, 'shared')).toMatchObject({ status: 'open', events: 40 })
}, 180_000)

test('a hundred runs from eight processes at once are each whole, and listed as what they are', async () => {
  const schema = freshSchema()
  await race(schema, { processes: 8, shared: 10, own: 13 })
  await using log = await openPostgresEventLog({ url: server.url(), schema })
  const { runs, totalMatching } = await log.listRuns({ limit: 0, query: 'own-' })
  expect(totalMatching).toBe(104)
  for (const { runId, lastSeq } of runs) {
    expect(lastSeq).toBe(10)
    expect(await validateRun(log, runId)).toMatchObject({ status: 'open', events: 10 })
  }
}, 180_000)

import { validateRun } from '@starling/eventlog'
import { openPostgresEventLog } from '@starling/eventlog-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raceProcesses } from './postgres-load/race.ts'
import { startPostgres, type PostgresServer } from './postgres/server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(async () => {
  await server.stop()
})

test('of thirty-two processes that race for one run exactly one wins each seq', async () => {
  const place = { url: server.url('shared'), schema: 'shared' }
  const won = await raceProcesses(place, { processes: 32, shared: 40, own: 0 })
  await using log = await openPostgresEventLog(place)
  const events = await log.read('shared')
  expect(events).toHaveLength(40)
  expect(won.flat().toSorted((a, b) => a - b)).toEqual(events.map(({ seq }) => seq))
  expect(await validateRun(log, 'shared')).toMatchObject({ status: 'open', events: 40 })
})

test('a hundred runs from eight processes at once are each whole, and listed as what they are', async () => {
  const place = { url: server.url('own'), schema: 'own' }
  await raceProcesses(place, { processes: 8, shared: 0, own: 13 })
  await using log = await openPostgresEventLog(place)
  const { runs, totalMatching } = await log.listRuns({ limit: 0 })
  expect(totalMatching).toBe(104)
  for (const { runId, lastSeq, status } of runs) {
    expect({ lastSeq, status }).toEqual({ lastSeq: 10, status: 'in progress' })
    expect(await validateRun(log, runId)).toMatchObject({ status: 'open', events: 10 })
  }
})

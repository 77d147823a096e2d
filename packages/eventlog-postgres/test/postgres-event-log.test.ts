import './driver.ts'

import type { EventLog } from '@starling/eventlog'
import { describeEventLog } from '@starling/eventlog/conformance'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { freshSchema, sharedServer } from './server.ts'

// To connect takes as long as everything else that a test does: the logs share their connections.
let pool: pg.Pool
const schemas = new WeakMap<EventLog, string>()

beforeAll(async () => {
  const server = await sharedServer()
  pool = new pg.Pool({ connectionString: server.url(), max: 20 })
}, 30_000)

afterAll(async () => {
  await pool.end()
})

describeEventLog({
  name: 'Postgres',
  open: () => openIn(freshSchema()),
  reopen: (log) => openIn(schemas.get(log) ?? ''),
  reopenReadOnly: (log) => openPostgresEventLog({ pool, schema: schemas.get(log), readOnly: true }),
  capabilities: { nulInRunId: false },
})

async function openIn(schema: string): Promise<EventLog> {
  const log = await openPostgresEventLog({ pool, schema })
  schemas.set(log, schema)
  return log
}

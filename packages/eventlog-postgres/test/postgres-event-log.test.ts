import type { EventLog } from '@starling/eventlog'
import { describeEventLog } from '@starling/eventlog/conformance'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { recycledSchemas } from './recycled-schemas.ts'
import { sharedServer } from './server.ts'

// To connect takes as long as everything else that a test does: the logs share their connections.
let pool: pg.Pool
const empty = recycledSchemas(() => pool)
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
  open: async () => openIn(await empty.take()),
  reopen: (log) => openIn(schemas.get(log) ?? ''),
  reopenReadOnly: (log) => openPostgresEventLog({ pool, schema: schemas.get(log), readOnly: true }),
  capabilities: { nulInRunId: false },
})

async function openIn(schema: string): Promise<EventLog> {
  const log = await openPostgresEventLog({ pool, schema })
  schemas.set(log, schema)
  return log
}

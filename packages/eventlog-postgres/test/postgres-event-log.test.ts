import './driver.ts'

import type { EventLog } from '@starling/eventlog'
import { describeEventLog } from '@starling/eventlog/conformance'
import { beforeAll } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { freshSchema, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer
const schemas = new WeakMap<EventLog, string>()

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describeEventLog({
  name: 'Postgres',
  open: () => openIn(freshSchema()),
  reopen: (log) => openIn(schemas.get(log) ?? ''),
  reopenReadOnly: (log) => openPostgresEventLog({ url: server.url(), schema: schemas.get(log), readOnly: true }),
  capabilities: { nulInRunId: false },
})

async function openIn(schema: string): Promise<EventLog> {
  const log = await openPostgresEventLog({ url: server.url(), schema })
  schemas.set(log, schema)
  return log
}

import { expectToAnswerLikeMemory } from '@starling/eventlog/conformance/model'
import pg from 'pg'
import { afterAll, beforeAll, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { freshSchema, sharedServer } from './server.ts'

let pool: pg.Pool

beforeAll(async () => {
  const server = await sharedServer()
  pool = new pg.Pool({ connectionString: server.url(), max: 10 })
}, 30_000)

afterAll(async () => {
  await pool.end()
})

test('two writers and a reader of one log answer and refuse like the log in memory, whichever is asked', async () => {
  await expectToAnswerLikeMemory({
    open: async () => {
      const schema = freshSchema()
      return {
        first: await openPostgresEventLog({ pool, schema }),
        second: await openPostgresEventLog({ pool, schema }),
        reader: await openPostgresEventLog({ pool, schema, readOnly: true }),
      }
    },
    hasOwnClock: true,
    numRuns: 40,
  })
}, 60_000)

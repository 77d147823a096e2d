import type pg from 'pg'
import { afterEach } from 'vitest'

import { freshSchema } from './server.ts'

/** Schemas whose log is empty, for the hundreds that a suite needs: to empty one takes a tenth of creating one. */
export interface RecycledSchemas {
  /** Returns the name of a schema that is empty, or not there yet; it is taken back after the test. */
  take(): Promise<string>
}

/** Creates {@link RecycledSchemas}; registers a hook of the test file. */
export function recycledSchemas(pool: () => pg.Pool): RecycledSchemas {
  const free: string[] = []
  const taken: string[] = []
  afterEach(() => {
    free.push(...taken.splice(0))
  })
  return {
    take: async () => {
      const used = free.pop()
      const schema = used ?? freshSchema()
      if (used !== undefined) {
        await pool().query(`TRUNCATE ${used}.eventlog_events; DELETE FROM ${used}.starling_leases`)
      }
      taken.push(schema)
      return schema
    },
  }
}

import type { OpenMode, StoredLog } from '@starling/cli'
import { openPostgresEventLog, type PostgresEventLog } from '@starling/eventlog-postgres'
import { diagnosePostgres } from './diagnose-postgres.ts'
import { parsePostgresUrl } from './parse-postgres-url.ts'

// What works on a log that is there, and not on a database without one.
const NEEDS_LOG: ReadonlySet<OpenMode> = new Set(['read', 'index', 'write'])

/** Opens the log that a URL names; nothing comes back when there is none and the mode makes none. */
export async function openPostgresLog(target: string, mode: OpenMode): Promise<StoredLog | undefined> {
  const { url, schema } = parsePostgresUrl(target)
  const allowNewerSchema = mode === 'inspect'
  const log = await openPostgresEventLog({
    url,
    schema,
    readOnly: mode === 'read' || allowNewerSchema,
    allowNewerSchema,
    // Only a command that makes logs changes the schema unasked: any other might be pointed at the wrong database.
    migrate: mode === 'create',
  })
  if (NEEDS_LOG.has(mode) && !(await isThere(log))) {
    await log[Symbol.asyncDispose]()
    return undefined
  }
  return Object.assign(log, { diagnose: async () => diagnosePostgres({ url, schema }) })
}

async function isThere(log: PostgresEventLog): Promise<boolean> {
  try {
    return (await log.schemaVersion()) > 0
  } catch (error) {
    await log[Symbol.asyncDispose]()
    throw error
  }
}

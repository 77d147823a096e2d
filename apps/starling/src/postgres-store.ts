import { nameOfUrl, type LogStore, type StoredLog } from '@starling/cli'

/**
 * Creates the store of logs in Postgres. Adapter and driver are loaded when the
 * first log is opened: a call that opens none, or a file, starts without them.
 */
export function createPostgresStore(): LogStore {
  const urls = new Map<string, string>()
  return {
    nameOf: (url) => {
      const name = nameOfUrl(url)
      // A name that was printed and typed again says nothing new.
      if (name !== url || !urls.has(name)) urls.set(name, url)
      return name
    },
    kindOf: () => ({ backend: 'postgres', latestSchemaVersion: 1 }),
    exists: async () => true,
    open: async (name, mode): Promise<StoredLog | undefined> => {
      const { openPostgresLog } = await import('./open-postgres-log.ts')
      return openPostgresLog(urls.get(name) ?? name, mode)
    },
  }
}

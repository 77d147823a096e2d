import type { LogStore, StoredLog } from '@starling/cli'

/**
 * Logs in SQLite files. The adapter is loaded when the first log is opened:
 * commands that open none start without it.
 */
export const sqliteStore: LogStore = {
  nameOf: (target) => target,
  kindOf: () => ({
    backend: 'sqlite',
    latestSchemaVersion: 2,
    async forkFile(source, destination, options) {
      const { forkSqliteFile } = await import('@starling/eventlog-sqlite')
      await forkSqliteFile(source, destination, options)
    },
  }),
  async exists(target) {
    const { stat } = await import('node:fs/promises')
    try {
      await stat(target)
      return true
    } catch (error) {
      // Anything else, such as missing rights, is for the opening to explain.
      return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
    }
  },
  async open(target, mode): Promise<StoredLog> {
    const { openSqliteEventLog } = await import('@starling/eventlog-sqlite')
    const allowNewerSchema = mode === 'inspect'
    const readOnly = mode === 'read' || allowNewerSchema
    // Only a command that makes logs changes the schema unasked: any other might be pointed at the wrong file.
    return openSqliteEventLog({ path: target, readOnly, allowNewerSchema, migrate: mode === 'create' })
  },
}

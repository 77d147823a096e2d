export { openPostgresEventLog, type PostgresEventLogOptions } from './open-postgres-event-log.ts'
export type { ConnectOptions } from './connect-options.ts'
export type { MigrateOptions, PostgresEventLog, RebuildReport } from './postgres-event-log.ts'
export type { MigrationReport } from './schema.ts'

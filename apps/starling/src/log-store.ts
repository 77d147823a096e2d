import { isLogUrl, type LogStore } from '@starling/cli'
import { createPostgresStore } from './postgres-store.ts'
import { sqliteStore } from './sqlite-store.ts'

/** Creates the store of all logs: those with a URL are in Postgres, all others in SQLite files. */
export function createLogStore(): LogStore {
  const postgres = createPostgresStore()
  const storeOf = (target: string): LogStore => (isLogUrl(target) ? postgres : sqliteStore)
  return {
    nameOf: (target) => storeOf(target).nameOf(target),
    kindOf: (target) => storeOf(target).kindOf(target),
    exists: async (target) => storeOf(target).exists(target),
    open: async (target, mode) => storeOf(target).open(target, mode),
  }
}

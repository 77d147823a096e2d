import { CliError } from './cli-error.ts'
import type { CliIo, OpenMode, StoredLog } from './io.ts'

/**
 * Opens a log for a command. Only mode `create` makes one: a mistyped path
 * is "not found", not a new empty log.
 */
export async function openLog(io: CliIo, target: string, mode: OpenMode): Promise<StoredLog> {
  if (mode !== 'create' && !(await io.store.exists(target))) {
    throw new CliError('CLI_LOG_NOT_FOUND', `no log at ${target}; check the path, or make one with \`starling run\``)
  }
  return io.store.open(target, mode)
}

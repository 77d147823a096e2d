import { parseRunStatus, type RunStatus } from '@starling/eventlog'
import { usageError } from './cli-error.ts'

/** The statuses as one types them without quotes. */
export const STATUS_WORDS = ['completed', 'failed', 'cancelled', 'in-progress'] as const

/**
 * Reads a run status; `in-progress` and `in_progress` are accepted, so that no quotes are needed.
 *
 * @throws {@link CliError} `CLI_USAGE`
 */
export function parseStatus(text: string): RunStatus {
  const status = parseRunStatus(text.replaceAll(/[-_]/g, ' '))
  if (status === undefined) {
    throw usageError(`--status must be completed, failed, cancelled or in-progress; got ${JSON.stringify(text)}`)
  }
  return status
}

import { StarlingError, type StarlingErrorOptions } from '@starling/event'
import { shellWord } from './output/shell-word.ts'

/** Why a command failed. */
export type CliErrorCode =
  /** The arguments make no sense. */
  | 'CLI_USAGE'
  /** There is no log at the given place. */
  | 'CLI_LOG_NOT_FOUND'
  /** The log has no such run. */
  | 'CLI_RUN_NOT_FOUND'
  /** The run has no such tool call. */
  | 'CLI_CALL_NOT_FOUND'
  /** The price table has no such model. */
  | 'CLI_MODEL_NOT_FOUND'
  /** A file that was named does not exist. */
  | 'CLI_FILE_NOT_FOUND'
  /** A file that would be overwritten exists. */
  | 'CLI_FILE_EXISTS'
  /** The agent module or the configuration cannot be loaded. */
  | 'CLI_AGENT_LOAD'
  /** The agent module or the configuration loads, but does not hold what it should. */
  | 'CLI_AGENT_INVALID'
  /** A line of an import is not one event in the lossless form. */
  | 'CLI_IMPORT_INVALID'
  /** This log cannot do what was asked. */
  | 'CLI_UNSUPPORTED'
  /** The run is not in a state in which this can be done. */
  | 'CLI_RUN_STATE'

/** How a {@link CliError} is made. */
export interface CliErrorOptions extends StarlingErrorOptions {
  /** A second line that says where to read on. */
  readonly hint?: string | undefined
  /** What is wrong in detail, a line each. Default: the message says it all. */
  readonly details?: readonly string[] | undefined
}

/** An error that a command reports on one line, and its details on one each. */
export class CliError extends StarlingError<CliErrorCode> {
  /** A second line that says where to read on. */
  readonly hint: string | undefined
  /** What is wrong in detail, a line each. */
  readonly details: readonly string[]

  constructor(code: CliErrorCode, message: string, options: CliErrorOptions = {}) {
    super(code, message, options)
    this.hint = options.hint
    this.details = options.details ?? []
  }
}

/** Returns the error for arguments that make no sense. */
export function usageError(message: string): CliError {
  return new CliError('CLI_USAGE', message)
}

/** Returns the error for a run that the log does not have. */
export function runNotFound(runId: string, log: string): CliError {
  return new CliError(
    'CLI_RUN_NOT_FOUND',
    `run ${JSON.stringify(runId)} not found in ${log}; \`starling list ${shellWord(log)}\` shows what is there`,
  )
}

import { isStarlingError } from '@starling/event'
import { CliError } from './cli-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'
import { hidePasswords } from './log-url.ts'
import { printableLine } from './output/printable.ts'
import { toJson } from './output/printer.ts'

/** How a failure is reported. */
export interface ReportOptions {
  readonly json: boolean
  readonly debug: boolean
}

/** Reports why a command failed and resolves with the exit code for it. */
export async function reportFailure(failure: unknown, io: CliIo, options: ReportOptions): Promise<ExitCode> {
  const error = firstCause(failure)
  // Nobody reads any more: that is the reader's decision, not a failure.
  if (codeOf(error) === 'EPIPE') return EXIT.ok
  const message = hidePasswords(messageOf(error))
  const details = detailsOf(error)
  try {
    if (options.json) {
      const more = details.length === 0 ? {} : { details }
      await io.stderr.write(`${toJson({ error: { code: codeOf(error) ?? 'CLI_INTERNAL', message, ...more } })}\n`)
    } else {
      const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? `${error.hint}\n` : ''
      const lines = details.map((line) => `  ${printableLine(line)}\n`).join('')
      await io.stderr.write(`starling: ${printableLine(message)}\n${lines}${hint}`)
    }
    if (options.debug || isSet(io.env['STARLING_DEBUG'])) await io.stderr.write(`${hidePasswords(stackOf(error))}\n`)
  } catch (closed) {
    // With stderr gone there is no way left to say it; the exit code still does.
    if (codeOf(closed) !== 'EPIPE') throw closed
  }
  return exitCodeOf(error)
}

/** When closing a log fails after something else failed, the something else is what matters. */
function firstCause(error: unknown): unknown {
  const suppressed = error instanceof Error && 'suppressed' in error ? error.suppressed : undefined
  return suppressed === undefined ? error : firstCause(suppressed)
}

/** Returns what an error says, on one line, its causes included where they add something. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message === '' ? error.name : error.message
  // Ours name their cause themselves; of a foreign error the cause is often the only useful part.
  const cause = !isStarlingError(error) && error.cause instanceof Error ? `: ${messageOf(error.cause)}` : ''
  return `${own}${cause}`.replaceAll(/\s*\n\s*/g, ' ').trim()
}

/** Returns the exit code that stands for an error. */
export function exitCodeOf(error: unknown): ExitCode {
  const code = codeOf(error)
  return (code === undefined ? undefined : BY_CODE.get(code)) ?? EXIT.failure
}

const BY_CODE: ReadonlyMap<string, ExitCode> = new Map<string, ExitCode>([
  ['CLI_USAGE', EXIT.usage],
  ['EVENTLOG_INVALID_OPTIONS', EXIT.usage],
  ['EVENTLOG_INVALID_PRUNE', EXIT.usage],
  ['EVENTLOG_CORRUPT', EXIT.corrupt],
  ['CLI_LOG_NOT_FOUND', EXIT.notFound],
  ['CLI_RUN_NOT_FOUND', EXIT.notFound],
  ['CLI_CALL_NOT_FOUND', EXIT.notFound],
  ['CLI_MODEL_NOT_FOUND', EXIT.notFound],
  ['CLI_FILE_NOT_FOUND', EXIT.notFound],
  ['EVENTLOG_FORK_NOT_FOUND', EXIT.notFound],
  ['CORE_RUN_NOT_FOUND', EXIT.notFound],
  ['CORE_CORRUPT', EXIT.corrupt],
])

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function detailsOf(error: unknown): readonly string[] {
  return error instanceof CliError ? error.details.map(hidePasswords) : []
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? String(error)
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0'
}

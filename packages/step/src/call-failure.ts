import { hasCode } from '@starling/event'
import { isTransient } from '@starling/tool'
import type { Tool } from '@starling/tool'
import { ENGINE } from './engine.ts'
import { errorText, truncateText } from './error-text.ts'
import { SuspendedError } from './questions.ts'
import type { CallEnvironment } from './tool-call.ts'

/** Names the class of a failure as it is recorded. */
export function classifyFailure(error: unknown, environment: CallEnvironment): string {
  if (error instanceof SuspendedError) return 'cancelled'
  if (hasCode(error, 'TOOL_TIMEOUT')) return 'timeout'
  if (environment.signal.aborted && isAbort(error, environment.signal)) return 'cancelled'
  return error instanceof Error ? 'tool' : 'panic'
}

/** More is of no use to a model, and would be in every prompt from then on. */
const MAX_ERROR_BYTES = 64 * 1024

/** A failure as it is recorded, and the error that stands for it outside the log, which says no more than the text. */
export interface FailureText {
  readonly recorded: string
  readonly cause: unknown
}

/** Puts a failure into the words to record. */
export function failureText(environment: CallEnvironment, tool: string, error: unknown): FailureText {
  // A tool that throws something that is not an error has lost its way: the reference calls that a panic.
  const text = error instanceof Error ? errorText(error) : `tool: panicked: ${errorText(error)}`
  const { recorder, tools } = environment
  if (recorder.engine === ENGINE.reference) return { recorded: text, cause: error }
  const redacted = redactText(text, tools.get(tool))
  const cause = redacted === text || isTransient(error) ? error : new Error(redacted)
  return { recorded: truncateText(redacted, MAX_ERROR_BYTES), cause }
}

/** Redaction is made for results: one that cannot take a bare text leaves it as it is. */
function redactText(text: string, tool: Tool | undefined): string {
  try {
    const redacted = tool?.policy?.redact?.(text, 'output')
    return typeof redacted === 'string' ? redacted : text
  } catch {
    return text
  }
}

/** Whether `error` is, or was caused by, the abort of this very signal. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  const seen = new Set<unknown>()
  for (let cause: unknown = error; cause !== undefined && !seen.has(cause);) {
    if (cause === signal.reason || (cause instanceof Error && cause.name === 'AbortError')) return true
    seen.add(cause)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return false
}

import { hasCode } from '@starling/event'

import { ToolError } from './tool-error.ts'

/**
 * Makes an error that says: try this call again.
 *
 * A call that fails with it is retried when the tool's policy calls it
 * idempotent and attempts are left.
 *
 * @example
 * ```ts
 * if (response.status === 503) throw transient('the metrics service is busy')
 * ```
 */
export function transient(messageOrError: unknown): ToolError {
  if (messageOrError instanceof Error) {
    return new ToolError('TOOL_TRANSIENT', messageOrError.message, { cause: messageOrError, retryable: true })
  }
  return new ToolError('TOOL_TRANSIENT', String(messageOrError), { retryable: true })
}

/** Reports whether `error`, or anything in its chain of causes, came from {@link transient}. */
export function isTransient(error: unknown): boolean {
  // A chain of causes may be a loop.
  const seen = new Set<unknown>()
  for (let next = error; next instanceof Error && !seen.has(next); next = next.cause) {
    if (hasCode(next, 'TOOL_TRANSIENT')) return true
    seen.add(next)
  }
  return false
}

import { KIND } from '@starling/event'
import type { ToolCallFailed } from '@starling/event'
import { isTransient } from '@starling/tool'
import { failureText } from './call-failure.ts'
import { ENGINE } from './engine.ts'
import type { RunningCall } from './running-call.ts'
import type { CallEnvironment, CallOutcome } from './tool-call.ts'

/** An attempt that has failed. */
export interface FailedAttempt {
  readonly attempt: number
  readonly measuredMs: number
  readonly error: unknown
  readonly errorType: string
}

/** Records that an attempt has failed, and waits for the time of the next one if there is to be one. */
export async function recordFailure(call: RunningCall, failed: FailedAttempt): Promise<CallOutcome | 'retry'> {
  const { plan, scope, environment } = call
  const { recorder, clock, signal } = environment
  const { attempt, measuredMs, error, errorType } = failed
  const canRetry = attempt < attemptsOf(call) && isTransient(error)
  const text = failureText(environment, plan.tool, error)
  const retry = canRetry && !signal.aborted && environment.mayRetry?.() !== false
  const delayMs = retry ? backoffMs(attempt, environment) : 0
  const staged = await recorder.emit(
    KIND.ToolCallFailed,
    (recorded): ToolCallFailed => ({
      callId: plan.callId,
      error: text.recorded,
      errorType,
      durationMs: recorded?.durationMs ?? measuredMs,
      attempt,
      // A cancelled run tries nothing again, nor one at its cap: only the recording knows how it stood by then.
      final: canRetry && recorded !== undefined ? recorded.final : !retry,
      retryAfterMs:
        recorded === undefined ? (recorder.engine === ENGINE.reference ? 0 : delayMs) : recorded.retryAfterMs,
    }),
    { scope, settle: retry ? 'durable' : call.settle() },
  )
  if (staged.final === true) return { ok: false, plan, error: staged.error, errorType, cause: text.cause }
  if (!recorder.replaying) await clock.sleep(delayMs, { signal })
  return 'retry'
}

function attemptsOf(call: RunningCall): number {
  const policy = call.environment.tools.get(call.plan.tool)?.policy ?? {}
  if (policy.idempotent === false) return 1 // whoever makes the call
  return call.maxAttempts ?? (policy.idempotent === true ? (policy.maxAttempts ?? 1) : 1)
}

const BACKOFF_MS = 100
const MAX_BACKOFF_MS = 10_000
const MAX_DOUBLINGS = 6

/** Doubles from 100 ms, capped, plus up to a quarter; the wait is recorded. */
function backoffMs(attempt: number, environment: CallEnvironment): number {
  const base = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
  return Math.round(base * (1 + (environment.entropy.bytes(1)[0] ?? 0) / 1024))
}

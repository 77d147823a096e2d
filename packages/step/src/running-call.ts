import type { AttemptGuard } from './attempt-guard.ts'
import type { CallLimiter, Slot } from './call-limiter.ts'
import { ENGINE } from './engine.ts'
import type { NestedCalls, Progress } from './nested-calls.ts'
import type { Scope } from './recorder.ts'
import type { ReplayedBatch } from './replayed-call.ts'
import type { CallEnvironment, CallPlan } from './tool-call.ts'

/** One call while it runs. */
export interface RunningCall {
  readonly environment: CallEnvironment
  readonly plan: CallPlan
  readonly scope: Scope
  readonly idempotencyKey: string
  /** Where in a planned call it is made: `2` is the second call that one makes, `2/1.3` the third of the first attempt of that. */
  readonly place?: string | undefined
  /** What it counts as against the limits. */
  readonly slot: Slot
  readonly limiter: CallLimiter
  /** How often an idempotent tool may be tried. Default: by its policy. */
  readonly maxAttempts?: number | undefined
  /** Whether the event that ends the call may be left for the next flush. */
  readonly settle: () => 'durable' | 'later'
  /** Stops the clocks of the calls around this one until `wait` has settled. Default: there are none. */
  readonly pauseFor?: (<T>(wait: Promise<T>) => Promise<T>) | undefined
  /** Kept up to date for whoever may end the call from outside. */
  readonly progress?: Progress | undefined
  /** What a recording holds of this call and of those inside it. */
  readonly replay?: ReplayedBatch | undefined
}

/** One attempt of a call while it runs. */
export interface RunningAttempt {
  readonly call: RunningCall
  readonly attempt: number
  /** The calls that it makes itself; most make none. */
  nested: NestedCalls | undefined
  guard: AttemptGuard | undefined
  /** Ends the questions that the attempt has not waited for. */
  asking: AbortController | undefined
  /** How many calls it has made under each id that its tool has chosen. */
  chosen: Map<string, number> | undefined
}

/** Notes which attempt is scheduled and has no outcome. */
export function noteOpen(call: RunningCall, attempt: number | undefined): void {
  if (call.progress !== undefined) call.progress.openAttempt = attempt
}

/** The key of a call, where schedules have a place for it. */
export function keyIfRecorded(call: RunningCall): string | undefined {
  return call.environment.recorder.engine === ENGINE.reference ? undefined : call.idempotencyKey
}

/** Stops the clocks of an attempt, and of the calls around it, until `wait` has settled. */
export function pauseFor<T>({ guard, call }: RunningAttempt, wait: Promise<T>): Promise<T> {
  const paused = call.pauseFor?.(wait) ?? wait
  return guard?.pauseFor(paused) ?? paused
}

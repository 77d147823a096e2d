import { currentCall } from './run-context.ts'
import type { CallContext, NestedCall } from './run-context.ts'
import { StepError } from './step-error.ts'

/**
 * Reads the clock, recorded: milliseconds since the epoch.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export function now(): Promise<number> {
  return call('now').now()
}

/**
 * Draws a number in [0, 1), recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export function random(): Promise<number> {
  return call('random').random()
}

/**
 * Draws an unsigned 64-bit integer, recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export function randomUint64(): Promise<bigint> {
  return call('randomUint64').randomUint64()
}

/**
 * Draws a version 4 UUID, recorded.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export function uuid(): Promise<string> {
  return call('uuid').uuid()
}

/**
 * Runs `fn` once and records what it returned or threw; a replay gets the
 * recorded outcome and never calls `fn`.
 *
 * The result is plain data (JSON types, bytes, bigint), also in the live run.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running; rejects with `STEP_INVALID_OPTIONS` for a
 *   name that begins with `starling/`, which is the runtime's own.
 */
export function sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
  return call('sideEffect').sideEffect(name, fn)
}

/**
 * Calls another tool of the agent from inside a tool, recorded.
 *
 * Resolves with the JSON text of its result; throws what the tool threw.
 *
 * @throws {@link StepError} `STEP_OUTSIDE_RUN` when no tool call is running.
 */
export function callTool(nested: NestedCall): Promise<string> {
  return call('callTool').callTool(nested)
}

function call(reading: string): CallContext {
  const context = currentCall()
  if (context === undefined) {
    throw new StepError('STEP_OUTSIDE_RUN', `${reading}() was called outside a tool call, where nothing is recorded`)
  }
  return context
}

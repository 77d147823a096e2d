/**
 * The rules a run is recorded under, written into `RunStarted.engine`.
 *
 * A recording without the key was written by the Go reference, or by this
 * runtime in its reference profile: no extension keys, side effects found by
 * position, a failed tool ends the run, budgets count per model call.
 *
 * - `scoped`: this runtime's own rules, with extension keys.
 * - `governed`: as well, a call that waits for a decision has a request on
 *   record, and calls that wait for none are made meanwhile; what was refused
 *   is no call in doubt after a crash; side effects named `starling/…` and the
 *   ids of planned calls are not for tools to use; a forced tool choice ends
 *   with the first call; attachments count in the estimate before a call.
 * - `asking`: as well, a question of a tool is on record before it waits, in an
 *   event of its own, and a call that was cut off while it asked goes on from
 *   there; what people say and decide while calls run stands among their events.
 *
 * Behaviour that changes what a replay emits gets the next number; the old
 * numbers stay replayable.
 */
export const ENGINE = { reference: 0, scoped: 1, governed: 2, asking: 3 } as const

/** A number of {@link ENGINE}. */
export type Engine = (typeof ENGINE)[keyof typeof ENGINE]

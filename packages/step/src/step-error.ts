import { StarlingError } from '@starling/event'

/** Why a step could not be taken. */
export type StepErrorCode =
  /** A reading or side effect was asked for outside a run. */
  | 'STEP_OUTSIDE_RUN'
  /** A reading or side effect was asked for by a tool call that had already ended. */
  | 'STEP_CALL_ENDED'
  /** What was emitted is not what the recording holds. */
  | 'STEP_DIVERGED'
  /** A budget cap was crossed. */
  | 'STEP_BUDGET_EXCEEDED'
  /** The provider gave no raw response hash although one is required. */
  | 'STEP_MISSING_RAW_HASH'
  /** Options contradict each other or are out of range. */
  | 'STEP_INVALID_OPTIONS'

/** An error of the determinism layer. */
export class StepError extends StarlingError<StepErrorCode> {}

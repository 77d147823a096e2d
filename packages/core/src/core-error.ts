import { StarlingError } from '@starling/event'

/** Why an agent refused to run, resume or replay. */
export type CoreErrorCode =
  /** The definition of the agent or the options of a call are not usable. */
  | 'CORE_INVALID_OPTIONS'
  /** The log has no run of this id. */
  | 'CORE_RUN_NOT_FOUND'
  /** The log already has a run of this id. */
  | 'CORE_RUN_EXISTS'
  /** The run has ended and cannot be resumed, or is suspended and takes nothing more from this handle. */
  | 'CORE_RUN_ENDED'
  /** Another process appends to the run. */
  | 'CORE_RUN_IN_USE'
  /** The run was recorded with a schema or an engine that this version does not know. */
  | 'CORE_SCHEMA_MISMATCH'
  /** The run was recorded with another agent: model, provider, system prompt, tools, settings or parameters. */
  | 'CORE_AGENT_MISMATCH'
  /** The run has calls without an outcome, and re-issuing them was not allowed. */
  | 'CORE_PENDING_CALLS'
  /** What is stored of the run is not a valid log. */
  | 'CORE_CORRUPT'
  /** A source of tools has none to give, or does not know what it gave to a recorded run. */
  | 'CORE_TOOL_SOURCE'
  /** A tool call has been decided already, and not in this way, or is decided in two ways at once. */
  | 'CORE_DECIDED'
  /** No such tool call waits for a decision (any more, in this turn, with these arguments), or no such question for an answer. */
  | 'CORE_NOT_WAITING'

/** An error of an agent. */
export class CoreError extends StarlingError<CoreErrorCode> {}

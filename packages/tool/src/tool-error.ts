import { StarlingError } from '@starling/event'

/** Why a tool failed or could not be made. */
export type ToolErrorCode =
  /** The arguments do not match the tool's schema. */
  | 'TOOL_INVALID_INPUT'
  /** The tool returned something that is not one JSON value. */
  | 'TOOL_INVALID_OUTPUT'
  /** The result is longer than the tool's policy allows. */
  | 'TOOL_RESULT_TOO_LARGE'
  /** The tool did not finish within its timeout. */
  | 'TOOL_TIMEOUT'
  /** The failure is expected to pass: the call may be tried again. */
  | 'TOOL_TRANSIENT'
  /** The model named a tool that the agent does not have. */
  | 'TOOL_NOT_FOUND'
  /** The call was refused by whoever had to approve it. */
  | 'TOOL_DENIED'
  /** The definition of the tool is not usable. */
  | 'TOOL_INVALID_DEFINITION'

/** An error of a tool. */
export class ToolError extends StarlingError<ToolErrorCode> {}

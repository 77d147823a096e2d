import { StarlingError } from '@starling/event'

/** Why an access policy was refused. */
export type PolicyErrorCode =
  /** The data is no access policy; the message has the JSON path of the problem. */
  'POLICY_INVALID'

/** An error of an access policy. */
export class PolicyError extends StarlingError<PolicyErrorCode> {}

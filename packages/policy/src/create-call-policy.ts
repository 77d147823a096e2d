import type { AccessPolicy, AccessPolicyData } from './access-policy.ts'
import { createAccessPolicy } from './create-access-policy.ts'
import { evaluateCall, type AccessDecision, type ToolCall } from './evaluate-call.ts'

/** Access policies in the form in which an agent of `@starling/core` takes them. */
export interface CallPolicy {
  /** What the agent records and hashes: the policies, in their order. */
  readonly data: readonly AccessPolicy[]
  /** Judges a call by all of them, as {@link evaluateCall} does. */
  evaluate(call: ToolCall): AccessDecision
}

/**
 * Makes the `policy` of an agent out of one or more sets of rules; the most
 * restrictive answer of all of them counts.
 *
 * @throws {@link PolicyError} `POLICY_INVALID` for data that is no access policy.
 * @example
 * ```ts
 * const policy = createCallPolicy({ version: 1, rules: [{ effect: 'ask', tool: 'shell' }], default: 'allow' })
 * ```
 */
export function createCallPolicy(first: AccessPolicyData, ...more: readonly AccessPolicyData[]): CallPolicy {
  const data = [first, ...more].map((policy) => createAccessPolicy(policy))
  return { data, evaluate: (call) => evaluateCall(data, call) }
}

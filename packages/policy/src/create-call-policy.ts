import type { AccessPolicy, AccessPolicyData } from './access-policy.ts'
import { createAccessPolicy } from './create-access-policy.ts'
import { evaluateCall, type AccessDecision, type ToolCall } from './evaluate-call.ts'

/** Access policies in the form in which an agent of `@starling/core` takes them. */
export interface CallPolicy {
  /** What the agent records and hashes: the policies, in their order. */
  readonly data: readonly AccessPolicy[]
  /** Judges a call by all of them, as {@link evaluateCall} does; the last few decisions are kept. */
  evaluate(call: ToolCall): AccessDecision
}

/** How many decisions are kept: an agent asks for the same one a few times in a row, for each call of a step. */
const MAX_KEPT = 32

/** Calls with longer arguments are judged anew, so that what is kept stays small. */
const LONGEST_KEPT = 16 * 1024

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
  const kept = new Map<string, AccessDecision>()
  return {
    data,
    evaluate(call) {
      const key = JSON.stringify([call.tool, call.input])
      const known = kept.get(key)
      if (known !== undefined) return known
      const decision = freeze(evaluateCall(data, call))
      if (key.length > LONGEST_KEPT) return decision
      const [oldest] = kept.keys()
      if (oldest !== undefined && kept.size === MAX_KEPT) kept.delete(oldest)
      kept.set(key, decision)
      return decision
    },
  }
}

/** What several callers get must be the same for all of them. */
function freeze(decision: AccessDecision): AccessDecision {
  return Object.freeze({ ...decision, rules: Object.freeze([...decision.rules]) })
}

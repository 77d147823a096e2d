import { blake3, encodeValue } from '@starling/event'
import { errorText } from '@starling/step'
import type { CallPolicy, CallVerdict } from './definition.ts'
import type { PlannedCall } from './run-state.ts'
import type { AgentSetup } from './session.ts'

/** The rules of an agent as they are recorded. */
export interface RecordedPolicy {
  /** One canonical CBOR item. */
  readonly policy: Uint8Array
  readonly policyHash: Uint8Array
}

/** Writes the rules of an agent. */
export function describePolicy(policy: CallPolicy | undefined): RecordedPolicy | undefined {
  if (policy === undefined) return undefined
  const encoded = encodeValue(policy.data)
  return { policy: encoded, policyHash: blake3(encoded) }
}

/** What becomes of a call with these arguments: the most restrictive of what the tool and the policy say. */
export function judge(setup: AgentSetup, call: { readonly tool: string; readonly input: string }): CallVerdict {
  const { policy } = setup.options
  const verdict: CallVerdict = policy === undefined ? { effect: 'allow' } : evaluate(policy, call)
  if (verdict.effect !== 'allow') return verdict
  return setup.tools.get(call.tool)?.policy?.approval === true ? { effect: 'ask' } : verdict
}

/** Rules that cannot judge let nothing through. */
function evaluate(policy: CallPolicy, call: { readonly tool: string; readonly input: string }): CallVerdict {
  try {
    const { effect, reason } = policy.evaluate(call)
    return effect === 'allow' || effect === 'ask' || effect === 'deny'
      ? { effect, reason }
      : { effect: 'deny', reason: 'the policy gave no verdict' }
  } catch (error) {
    return { effect: 'deny', reason: `the policy failed: ${errorText(error)}` }
  }
}

/** Why a call waits for a decision; `undefined` when it needs none. What is refused anyway asks nobody. */
export function approvalReason(setup: AgentSetup, call: PlannedCall): 'policy' | 'in_doubt' | undefined {
  if (isInDoubt(setup, call)) {
    return setup.tools.get(call.tool)?.policy?.inDoubt === 'ask' ? 'in_doubt' : undefined
  }
  // A call that was made once was let through then.
  if (call.status === 'cut-off' || call.argsError !== undefined || !setup.tools.has(call.tool)) return undefined
  return judge(setup, call).effect === 'ask' ? 'policy' : undefined
}

/** Whether a call may have happened already and must not happen twice. */
export function isInDoubt(setup: AgentSetup, call: PlannedCall): boolean {
  if (call.approval?.decision === 'answer') return false // the tool was never called
  return call.status === 'cut-off' && setup.tools.get(call.tool)?.policy?.idempotent === false
}

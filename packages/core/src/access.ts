import { blake3, encodeValue } from '@starling/event'
import { ENGINE, errorText } from '@starling/step'
import type { Engine } from '@starling/step'
import type { CallPolicy, CallVerdict } from './definition.ts'
import type { PlannedCall } from './planned-call.ts'
import { argumentsOf } from './redact-decision.ts'
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

/** Likewise, with the arguments that a planned call is made with. */
export function judgeCall(setup: AgentSetup, call: PlannedCall): CallVerdict {
  const { tool, args, edited } = call
  const known = verdicts.get(call)
  if (known?.setup === setup && known.args === args && known.edited === edited) return known.verdict
  const verdict = judge(setup, { tool, input: argumentsOf(setup.tools, call).input })
  verdicts.set(call, { setup, args, edited, verdict })
  return verdict
}

/** A step looks at a call several times, and rules read a whole script each time. */
const verdicts = new WeakMap<PlannedCall, Judged>()

interface Judged extends Pick<PlannedCall, 'args' | 'edited'> {
  readonly setup: AgentSetup
  readonly verdict: CallVerdict
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

/** Under which rules calls are judged. */
export interface Rules {
  readonly setup: AgentSetup
  readonly engine: Engine
}

/** Why a call waits for a decision; `undefined` when it needs none. What is refused anyway asks nobody. */
export function approvalReason(rules: Rules, call: PlannedCall): 'policy' | 'in_doubt' | undefined {
  const { setup, engine } = rules
  // Who has asked waits for an answer, whatever the tool and the policy say by now.
  if (call.request !== undefined) return call.request.reason
  if (isInDoubt(rules, call)) {
    return setup.tools.get(call.tool)?.policy?.inDoubt === 'ask' ? 'in_doubt' : undefined
  }
  if (call.argsError !== undefined || !setup.tools.has(call.tool)) return undefined
  // A call that was made once was let through then, by whoever decided or because nobody had to.
  if (call.status === 'cut-off' && (engine < ENGINE.governed || call.approval !== undefined)) return undefined
  return judgeCall(setup, call).effect === 'ask' ? 'policy' : undefined
}

/** Whether a call may have happened already and must not happen twice. */
export function isInDoubt({ setup, engine }: Rules, call: PlannedCall): boolean {
  if (call.status !== 'cut-off' || setup.tools.get(call.tool)?.policy?.idempotent !== false) return false
  if (call.approval?.decision === 'answer') return false // the tool was never called
  if (call.record.isStanding) return false // it was called, and did nothing but wait
  return engine < ENGINE.governed || !isNeverMade(setup, call)
}

/** Whether the tool was not called either time: what is refused once is refused again. */
function isNeverMade(setup: AgentSetup, call: PlannedCall): boolean {
  const isRefused = call.approval?.decision === 'deny' || call.argsError !== undefined
  if (isRefused || argumentsOf(setup.tools, call).problem !== undefined) return true
  return judgeCall(setup, call).effect === 'deny'
}

import { cborToJson, decodeValue, encodeValue, jsonToCbor } from '@starling/event'
import { checkDecision } from './approval.ts'
import type { ApprovalDecision } from './definition.ts'
import type { PlannedCall } from './planned-call.ts'
import type { AgentSetup } from './session.ts'

type Tools = AgentSetup['tools']

/**
 * A decision as it may be recorded: what it puts in the place of the tool's
 * arguments or result has passed the tool's redaction. When that cannot be, the
 * call is denied.
 */
export function redactDecision(tools: Tools, tool: string, decision: ApprovalDecision): ApprovalDecision {
  const redact = tools.get(tool)?.policy?.redact
  if (redact === undefined) return decision
  const rewrite = (json: string, where: 'input' | 'output'): string =>
    cborToJson(encodeValue(redact(decodeValue(jsonToCbor(json)), where)))
  try {
    if (decision.decision === 'answer')
      return checkDecision({ ...decision, result: rewrite(decision.result, 'output') })
    if (decision.decision === 'deny' || decision.input === undefined) return decision
    return checkDecision({ ...decision, input: rewrite(decision.input, 'input') })
  } catch {
    // What the redaction says may hold what it was to hide.
    const what = decision.decision === 'answer' ? 'the result' : 'the arguments'
    return { decision: 'deny', reason: `${what} of the decision could not be redacted`, by: decision.by }
  }
}

/** What a call is made with. */
export interface CallArguments {
  /** Canonical CBOR. */
  readonly args: Uint8Array
  /** Canonical JSON text. */
  readonly input: string
  /** Why they cannot be used. */
  readonly problem?: string | undefined
}

/** What a call is made with. Arguments that came from outside have passed nobody who knows the tool: they do here. */
export function argumentsOf(tools: Tools, call: PlannedCall): CallArguments {
  const { args, input, tool, edited } = call
  if (!edited || tools.get(tool)?.policy?.redact === undefined) return { args, input }
  const redacted = redactDecision(tools, tool, { decision: 'approve', input })
  if (redacted.decision === 'approve' && redacted.input !== undefined) {
    return { args: jsonToCbor(redacted.input), input: redacted.input }
  }
  return { args: jsonToCbor('{}'), input: '{}', problem: redacted.reason }
}

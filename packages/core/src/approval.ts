import { decodeValue, encodeValue } from '@starling/event'
import { errorText } from '@starling/step'
import type { ApprovalDecision } from './definition.ts'

/** The reserved name of the side effect that records an approval. */
export const APPROVAL = 'starling/approval'

/** A decision as it is recorded. Whatever does not say `approve` denies. */
export function encodeApproval(decision: ApprovalDecision): Uint8Array {
  return encodeValue(normalizeDecision(decision))
}

/** Reads a recorded decision. */
export function decodeApproval(value: Uint8Array): ApprovalDecision {
  return normalizeDecision(decodeValue(value))
}

/** A decision that someone's code has made, or could not make. */
export async function settleDecision(decide: () => unknown): Promise<ApprovalDecision> {
  try {
    return normalizeDecision(await decide())
  } catch (error) {
    return { decision: 'deny', reason: `the approval failed: ${errorText(error)}` }
  }
}

function normalizeDecision(value: unknown): ApprovalDecision {
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  return {
    decision: fields.get('decision') === 'approve' ? 'approve' : 'deny',
    reason: textOf(fields.get('reason')),
    by: textOf(fields.get('by')),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

import { blake3, cborToJson, decodeValue, encodeValue, jsonToCbor, toHex } from '@starling/event'
import { ENGINE, errorText } from '@starling/step'
import type { Engine } from '@starling/step'
import { refuse } from './agent-options.ts'
import type { ApprovalDecision } from './definition.ts'

/** The reserved name of the side effect that records a decision. */
export const APPROVAL = 'starling/approval'

/** The reserved name of the side effect that records that a call waits for one. */
export const APPROVAL_REQUEST = 'starling/approval-request'

/** That a call waits for a decision, as it is recorded. */
export interface RecordedRequest {
  readonly reason: 'policy' | 'in_doubt'
  readonly because: string | undefined
  /** When nobody is waited for any longer, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
}

/** Writes a request; `args` are the arguments, canonical CBOR. */
export function encodeRequest(request: RecordedRequest, args: Uint8Array): Uint8Array {
  const { reason, because, expiresAt } = request
  return encodeValue({ reason, because, expires_at: expiresAt, args_hash: blake3(args) })
}

/** Reads a recorded request. */
export function decodeRequest(value: Uint8Array): RecordedRequest {
  const fields = fieldsOf(decodeValue(value))
  const expiresAt = fields.get('expires_at')
  return {
    reason: fields.get('reason') === 'in_doubt' ? 'in_doubt' : 'policy',
    because: textOf(fields.get('because')),
    expiresAt: typeof expiresAt === 'number' ? expiresAt : undefined,
  }
}

/** The hash by which a decision names the arguments that it is about, in hex. */
export function hashArgs(args: Uint8Array): string {
  return toHex(blake3(args))
}

/** A decision as it is recorded, with the hash of the arguments it lets through. Whatever does not say `approve` denies. */
export function encodeApproval(decision: ApprovalDecision, args: Uint8Array, engine: Engine): Uint8Array {
  const normal = normalizeDecision(decision)
  if (engine < ENGINE.governed) return encodeValue(normal)
  const approved = normal.decision === 'approve' && normal.input !== undefined ? jsonToCbor(normal.input) : args
  return encodeValue({ ...normal, args_hash: blake3(approved) })
}

/** Reads a recorded decision. */
export function decodeApproval(value: Uint8Array): ApprovalDecision {
  return normalizeDecision(decodeValue(value))
}

/** A decision that someone's code has made, or could not make. */
export async function settleDecision(decide: () => unknown): Promise<ApprovalDecision> {
  try {
    return checkDecision(normalizeDecision(await decide()))
  } catch (error) {
    return { decision: 'deny', reason: `the approval failed: ${errorText(error)}` }
  }
}

/**
 * A decision with its JSON texts in canonical form.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for arguments or a result that are not JSON.
 */
export function checkDecision(decision: ApprovalDecision): ApprovalDecision {
  if (decision.decision === 'answer') return { ...decision, result: canonical(decision.result, 'the result') }
  if (decision.decision === 'deny' || decision.input === undefined) return decision
  return { ...decision, input: canonical(decision.input, 'the input') }
}

function canonical(text: string, what: string): string {
  try {
    return cborToJson(jsonToCbor(text, { uniqueKeys: true }))
  } catch (cause) {
    return refuse(`${what} of a decision is not JSON: ${errorText(cause)}`, cause)
  }
}

/** Whether two decisions come to the same, whoever made them. */
export function isSameDecision(a: ApprovalDecision, b: ApprovalDecision): boolean {
  if (a.decision === 'approve' && b.decision === 'approve') return a.input === b.input
  if (a.decision === 'answer' && b.decision === 'answer') return a.result === b.result
  return a.decision === b.decision
}

/** What a decision made of a call, for whoever comes too late. */
export function describeDecision({ decision, by }: ApprovalDecision): string {
  const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[decision]
  return by === undefined || by === '' ? how : `${how} by ${by}`
}

function normalizeDecision(value: unknown): ApprovalDecision {
  const fields = fieldsOf(value)
  const shared = { reason: textOf(fields.get('reason')), by: textOf(fields.get('by')) }
  const result = textOf(fields.get('result'))
  if (fields.get('decision') === 'approve') {
    const input = textOf(fields.get('input'))
    return input === undefined ? { decision: 'approve', ...shared } : { decision: 'approve', input, ...shared }
  }
  if (fields.get('decision') === 'answer' && result !== undefined) return { decision: 'answer', result, ...shared }
  return { decision: 'deny', ...shared }
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

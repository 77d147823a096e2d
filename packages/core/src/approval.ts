import { blake3, decodeValue, encodeValue, jsonToCbor, toHex } from '@starling/event'
import { ENGINE, errorText, fieldsOf, textOf } from '@starling/step'
import type { Engine } from '@starling/step'
import { checkText, refuse } from './agent-options.ts'
import { canonicalJson } from './canonical-json.ts'
import { CoreError } from './core-error.ts'
import type { ApprovalDecision, ApprovalRequest, CallDecision } from './definition.ts'

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

/** What a decision is recorded for. */
export interface ApprovalContext {
  /** What the call would be made with, canonical CBOR. */
  readonly args: Uint8Array
  readonly engine: Engine
  /** Whether the process that records it works on the run. */
  readonly outside: boolean
}

/** A decision as it is recorded, with the hash of the arguments it lets through. Whatever does not say `approve` denies. */
export function encodeApproval(decision: ApprovalDecision, { args, engine, outside }: ApprovalContext): Uint8Array {
  const normal = normalizeDecision(decision)
  if (engine < ENGINE.governed) return encodeValue(normal)
  const approved = normal.decision === 'approve' && normal.input !== undefined ? jsonToCbor(normal.input) : args
  return encodeValue({ ...normal, args_hash: blake3(approved), outside: outside ? true : undefined })
}

/** Reads a recorded decision. One that gives what cannot be read lets nothing through. */
export function decodeApproval(value: Uint8Array): ApprovalDecision {
  const decision = normalizeDecision(decodeValue(value))
  try {
    return checkDecision(decision)
  } catch (error) {
    return { decision: 'deny', reason: errorText(error), by: decision.by }
  }
}

/** Whether a recorded decision was made while no process worked on the run. */
export function isDecidedOutside(value: Uint8Array): boolean {
  return fieldsOf(decodeValue(value)).get('outside') === true
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
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for arguments that are no JSON object, a result that is not JSON, and what is
 *   nested deeper than the log takes.
 */
export function checkDecision(decision: ApprovalDecision): ApprovalDecision {
  if (decision.decision === 'answer')
    return { ...decision, result: canonicalJson(decision.result, 'the result of a decision') }
  if (decision.decision === 'deny' || decision.input === undefined) return decision
  const input = canonicalJson(decision.input, 'the input of a decision')
  return input.startsWith('{') ? { ...decision, input } : refuse('the input of a decision is not a JSON object')
}

/** One of the decisions that are given together. */
export interface GivenDecision extends Pick<CallDecision, 'callId' | 'turnId' | 'argsHash'> {
  readonly decision: ApprovalDecision
}

/**
 * Decisions that are given together, checked one by one and against each other.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS`; `CORE_DECIDED` for two on one call that are not the same.
 */
export function checkDecisions(decisions: readonly CallDecision[]): readonly GivenDecision[] {
  const first = new Map<string, ApprovalDecision>()
  return decisions.map((given) => {
    const checked = checkGiven(given)
    const { callId, decision } = checked
    const other = first.get(callId) ?? decision
    first.set(callId, other)
    if (isSameDecision(other, decision)) return checked
    throw contradictory(callId, other, decision)
  })
}

/**
 * One decision, checked.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS`.
 */
export function checkGiven({ callId, turnId, argsHash, ...rest }: CallDecision): GivenDecision {
  checkText(callId, 'a call id')
  return { callId, turnId, argsHash, decision: checkDecision(rest) }
}

/** Why a decision is not about a call that waits; `undefined` when it is. */
export function findMismatch(
  given: GivenDecision,
  request: Pick<ApprovalRequest, 'turnId' | 'argsHash' | 'expiresAt' | 'question'>,
  nowNs: bigint,
): CoreError | undefined {
  const { callId, turnId = request.turnId, argsHash = request.argsHash } = given
  if (turnId !== request.turnId) {
    return notWaiting(`call ${callId} waits for a decision in turn ${request.turnId}, not in turn ${turnId}`)
  }
  if (argsHash !== request.argsHash) {
    const what = request.question === undefined ? 'waits with other arguments: their' : 'asks something else: its'
    return notWaiting(`call ${callId} ${what} hash is ${request.argsHash}, not ${argsHash}`)
  }
  if (!isOver(request, nowNs)) return undefined
  const until = new Date(request.expiresAt ?? 0).toISOString()
  return notWaiting(`call ${callId} waited for a decision until ${until}, and not longer`)
}

/** Whether the time for a decision has run out. */
export function isOver({ expiresAt }: Pick<ApprovalRequest, 'expiresAt'>, nowNs: bigint): boolean {
  return expiresAt !== undefined && Number(nowNs / 1_000_000n) >= expiresAt
}

/** What whoever decides on a call that does not wait is told. */
export function notWaiting(text: string): CoreError {
  return new CoreError('CORE_NOT_WAITING', text)
}

/** What whoever decides in two ways at once is told. */
export function contradictory(callId: string, one: ApprovalDecision, other: ApprovalDecision): CoreError {
  const text = `the decisions on call ${callId} contradict each other: it is ${describeDecision(one)}, and ${describeDecision(other)}`
  return new CoreError('CORE_DECIDED', text)
}

/** What whoever answers a question in another way than others before is told. */
export function alreadyAnswered(callId: string, by: string | undefined): CoreError {
  const who = by === undefined || by === '' ? '' : ` by ${by}`
  return new CoreError('CORE_DECIDED', `the question of call ${callId} has been answered already${who}`)
}

/** What whoever decides on a call in another way than others before is told. */
export function alreadyDecided(callId: string, decided: ApprovalDecision): CoreError {
  return new CoreError('CORE_DECIDED', `call ${callId} has been ${describeDecision(decided)} already`)
}

/** Whether two decisions come to the same, whoever made them. */
export function isSameDecision(a: ApprovalDecision, b: ApprovalDecision): boolean {
  if (a.decision === 'approve' && b.decision === 'approve') return a.input === b.input
  if (a.decision === 'answer' && b.decision === 'answer') return a.result === b.result
  return a.decision === b.decision
}

/** What a decision made of a call. */
function describeDecision({ decision, by }: ApprovalDecision): string {
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

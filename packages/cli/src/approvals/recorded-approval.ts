import type { ApprovalRequest } from '@starling/core'
import { decodePayload, decodeValue, KIND, toHex, type Event } from '@starling/event'
import { decodeAnswer, decodeQuestion, hashQuestion } from '@starling/step'

/** What a run has on record about one decision, read without an agent. */
export type RecordedApproval =
  | {
      readonly type: 'approval-requested'
      readonly callId: string
      readonly reason: 'policy' | 'in_doubt'
      readonly because?: string | undefined
      readonly argsHash?: string | undefined
      /** Milliseconds since the epoch. */
      readonly expiresAt?: number | undefined
    }
  | {
      readonly type: 'approval-decided'
      readonly callId: string
      readonly decision: 'approve' | 'deny' | 'answer'
      readonly reason?: string | undefined
      readonly by?: string | undefined
      /** The arguments put in place of those of the model, as JSON text. */
      readonly input?: string | undefined
      /** The result given in the tool's stead, as JSON text. */
      readonly result?: string | undefined
      readonly argsHash?: string | undefined
    }
  | {
      readonly type: 'question-asked'
      readonly callId: string
      readonly question: NonNullable<ApprovalRequest['question']>
      /** Whether only the process that asks has a use for the answer. */
      readonly held: boolean
      readonly questionHash: string
      /** Milliseconds since the epoch. */
      readonly expiresAt?: number | undefined
    }
  | {
      readonly type: 'question-answered'
      readonly callId: string
      readonly action: 'accept' | 'decline' | 'cancel'
      /** What was filled in, as JSON text. */
      readonly content?: string | undefined
      readonly reason?: string | undefined
      readonly by?: string | undefined
      readonly questionHash?: string | undefined
    }

// The reserved names under which the engine records them.
const READERS: Readonly<Record<string, (callId: string, value: Uint8Array) => RecordedApproval | undefined>> = {
  'starling/approval-request': (callId, value) => readRequest(callId, decodeValue(value)),
  'starling/approval': (callId, value) => readDecision(callId, decodeValue(value)),
  'starling/question': readQuestion,
  'starling/answer': readAnswer,
}

/**
 * Reads an event that asks for a decision or for an answer, or holds one;
 * `undefined` for every other.
 */
export function readApprovalEvent({ kind, payload }: Pick<Event, 'kind' | 'payload'>): RecordedApproval | undefined {
  if (kind !== KIND.SideEffectRecorded) return undefined
  const { name, value, callId = '', error } = decodePayload(KIND.SideEffectRecorded, payload)
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  return read === undefined || error !== undefined ? undefined : read(callId, value)
}

function readRequest(callId: string, value: unknown): RecordedApproval {
  const expiresAt = field(value, 'expires_at')
  return {
    type: 'approval-requested',
    callId,
    reason: field(value, 'reason') === 'in_doubt' ? 'in_doubt' : 'policy',
    because: textOf(value, 'because'),
    argsHash: hashOf(value),
    expiresAt: typeof expiresAt === 'number' && Number.isSafeInteger(expiresAt) ? expiresAt : undefined,
  }
}

/** Whatever does not say that the call is let through denies it, as in the run itself. */
function readDecision(callId: string, value: unknown): RecordedApproval {
  const [said, input, result] = [field(value, 'decision'), textOf(value, 'input'), textOf(value, 'result')]
  const shared = { callId, reason: textOf(value, 'reason'), by: textOf(value, 'by'), argsHash: hashOf(value) }
  if (said === 'approve') return { type: 'approval-decided', decision: 'approve', input, ...shared }
  if (said === 'answer' && result !== undefined)
    return { type: 'approval-decided', decision: 'answer', result, ...shared }
  return { type: 'approval-decided', decision: 'deny', ...shared }
}

function readQuestion(callId: string, value: Uint8Array): RecordedApproval | undefined {
  const asked = decodeQuestion(value)
  if (asked === undefined) return undefined
  const { question, held, expiresAt } = asked
  const questionHash = toHex(hashQuestion(question))
  return { type: 'question-asked', callId, question, held, questionHash, expiresAt }
}

function readAnswer(callId: string, value: Uint8Array): RecordedApproval {
  const { answer, by, reason } = decodeAnswer(value)
  const questionHash = hashOf(decodeValue(value), 'question_hash')
  return { type: 'question-answered', callId, ...answer, reason, by, questionHash }
}

function hashOf(value: unknown, name = 'args_hash'): string | undefined {
  const hash = field(value, name)
  return hash instanceof Uint8Array ? toHex(hash) : undefined
}

function textOf(value: unknown, name: string): string | undefined {
  const text = field(value, name)
  return typeof text === 'string' && text !== '' ? text : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

import { decodePayload, decodeValue, KIND, toHex, type Event } from '@starling/event'

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
      readonly type: 'question'
      readonly callId: string
      readonly message: string
      readonly url?: string | undefined
      readonly action: string
      /** What was filled in, as JSON text. */
      readonly content?: string | undefined
    }

// The reserved names under which the engine records them.
const READERS: Readonly<Record<string, (callId: string, value: unknown) => RecordedApproval>> = {
  'starling/approval-request': readRequest,
  'starling/approval': readDecision,
  'starling/question': readQuestion,
}

/**
 * Reads an event that asks for a decision, holds one, or holds the answer to a
 * question; `undefined` for every other.
 */
export function readApprovalEvent({ kind, payload }: Pick<Event, 'kind' | 'payload'>): RecordedApproval | undefined {
  if (kind !== KIND.SideEffectRecorded) return undefined
  const { name, value, callId = '', error } = decodePayload(KIND.SideEffectRecorded, payload)
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  return read === undefined || error !== undefined ? undefined : read(callId, decodeValue(value))
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

function readQuestion(callId: string, value: unknown): RecordedApproval {
  const [question, answer] = [field(value, 'question'), field(value, 'answer')]
  return {
    type: 'question',
    callId,
    message: textOf(question, 'message') ?? '',
    url: textOf(question, 'url'),
    action: textOf(answer, 'action') ?? 'cancel',
    content: textOf(answer, 'content'),
  }
}

function hashOf(value: unknown): string | undefined {
  const hash = field(value, 'args_hash')
  return hash instanceof Uint8Array ? toHex(hash) : undefined
}

function textOf(value: unknown, name: string): string | undefined {
  const text = field(value, name)
  return typeof text === 'string' && text !== '' ? text : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

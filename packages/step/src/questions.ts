import { blake3, decodeValue, encodeValue } from '@starling/event'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import { fieldsOf, textOf } from './plain-fields.ts'

/** The reserved name of the side effect that records a question of a tool. */
export const QUESTION = 'starling/question'

/** The reserved name of the side effect that records the answer to a question; its `ordinal` is that of the question. */
export const ANSWER = 'starling/answer'

/** A question as it is recorded, before anybody sees it. */
export interface RecordedQuestion {
  readonly question: ToolQuestion
  /** Whether only the process that asked has a use for the answer. */
  readonly held: boolean
  /** When nobody is waited for any longer, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
}

/** What came of a question, as it is recorded. */
export interface RecordedAnswer {
  readonly answer: ToolAnswer
  readonly by?: string | undefined
  /** Why, in the words of whoever answered. */
  readonly reason?: string | undefined
  /** Whether it was given while no process worked on the run. */
  readonly outside: boolean
  /** {@link hashQuestion} of what was answered; `undefined` where a record does not say. */
  readonly questionHash?: Uint8Array | undefined
}

/** Writes a question. */
export function encodeQuestion({ question, held, expiresAt }: RecordedQuestion): Uint8Array {
  return encodeValue({ question: normalQuestion(question), held: held ? true : undefined, expires_at: expiresAt })
}

/** Reads a recorded question; `undefined` for what is none. */
export function decodeQuestion(value: Uint8Array): RecordedQuestion | undefined {
  const fields = fieldsOf(decodeValue(value))
  const asked = fieldsOf(fields.get('question'))
  const [type, message, schema, url] = ['type', 'message', 'schema', 'url'].map((name) => textOf(asked.get(name)))
  // Before questions waited on record, the event held the answer as well.
  if (message === undefined || fields.has('answer')) return undefined
  const question = type === 'url' ? toVisit(message, url) : toForm(message, schema)
  if (question === undefined) return undefined
  const expiresAt = fields.get('expires_at')
  return {
    question,
    held: fields.get('held') === true,
    expiresAt: typeof expiresAt === 'number' ? expiresAt : undefined,
  }
}

/** Writes an answer, with the hash of the question that it was given to. */
export function encodeAnswer({ answer, by, reason, outside }: RecordedAnswer, question: ToolQuestion): Uint8Array {
  const question_hash = hashQuestion(question)
  return encodeValue({ answer, by, reason, outside: outside ? true : undefined, question_hash })
}

/** Reads a recorded answer. What says neither that it accepts nor that it declines is nobody's. */
export function decodeAnswer(value: Uint8Array): RecordedAnswer {
  const fields = fieldsOf(decodeValue(value))
  const given = fieldsOf(fields.get('answer'))
  const action = given.get('action')
  const content = textOf(given.get('content'))
  const hash = fields.get('question_hash')
  const known = action === 'accept' || action === 'decline' ? action : 'cancel'
  return {
    answer: content === undefined ? { action: known } : { action: known, content },
    by: textOf(fields.get('by')),
    reason: textOf(fields.get('reason')),
    outside: fields.get('outside') === true,
    questionHash: hash instanceof Uint8Array ? hash : undefined,
  }
}

/** BLAKE3-256 of a question as canonical CBOR: what an answer is about. */
export function hashQuestion(question: ToolQuestion): Uint8Array {
  return blake3(encodeValue(normalQuestion(question)))
}

/** Thrown to a call whose question nobody in this process answers: it stands still, without an outcome. */
export class SuspendedError extends Error {
  constructor() {
    super('the run is left for another process to answer the question')
    this.name = 'AbortError'
  }
}

/** A question and nothing else: what a tool adds to it is read by nobody. */
function normalQuestion(question: ToolQuestion): ToolQuestion {
  const { message } = question
  return question.type === 'url'
    ? { type: 'url', message, url: question.url }
    : { type: 'form', message, schema: question.schema }
}

function toVisit(message: string, url: string | undefined): ToolQuestion | undefined {
  return url === undefined ? undefined : { type: 'url', message, url }
}

function toForm(message: string, schema: string | undefined): ToolQuestion | undefined {
  return schema === undefined ? undefined : { type: 'form', message, schema }
}

import { unreadable } from './failure.ts'

type Fields = Readonly<Record<string, unknown>>

/** What JSON-RPC has for failures that are of no other kind. */
const INTERNAL_ERROR = -32603

const OF_ANSWERS: ReadonlySet<string> = new Set(['id', 'jsonrpc', 'result', 'error'])

/** How much of what cannot be read is shown. */
const MAX_SHOWN = 200

/**
 * Reads a text of one message, or of a batch of them, so that the SDK takes every one of them.
 *
 * The SDK drops a message that is not to the letter, and the call that it
 * answers waits for what has come already. What can be meant in one way only is
 * taken so; an answer that cannot be read becomes a failure that says so.
 *
 * @throws `SyntaxError` when the text is not JSON.
 */
export function readMessages(text: string): readonly unknown[] {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed.map(repairMessage) : [repairMessage(parsed)]
}

/**
 * The same as a text; `undefined` when it can stay as it is.
 *
 * @throws `SyntaxError` when the text is not JSON.
 */
export function repairText(text: string): string | undefined {
  const parsed: unknown = JSON.parse(text)
  const messages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  const repaired = messages.map(repairMessage)
  if (repaired.every((message, index) => message === messages[index])) return undefined
  return JSON.stringify(Array.isArray(parsed) ? repaired : repaired[0])
}

/** A message as the SDK takes it; the very same when it is one already. */
export function repairMessage(message: unknown): unknown {
  if (!isObject(message)) return message
  if ('method' in message) return repairParams(message)
  const { id, result, error } = message
  if ((typeof id !== 'number' && typeof id !== 'string') || !isAnswer(message)) return message
  if (error !== undefined && error !== null) return repairError(message, id)
  if (!isObject(result)) return unreadable(id, `the answer is no result, but ${shown(result)}`)
  if (!hasBadMeta(result)) return isLean(message) ? message : { jsonrpc: '2.0', id, result }
  const { _meta, ...rest } = result
  return { jsonrpc: '2.0', id, result: rest }
}

function repairParams(message: Fields): unknown {
  const { params, ...rest } = message
  if (params === null) return rest
  if (!isObject(params) || !hasBadMeta(params)) return message
  const { _meta, ...others } = params
  return { ...rest, params: others }
}

function repairError(message: Fields, id: number | string): unknown {
  const { error } = message
  if (!isObject(error)) return failed(id, error)
  const { code, message: words, data } = error
  if (Number.isSafeInteger(code) && typeof words === 'string') {
    return isLean(message) ? message : { jsonrpc: '2.0', id, error: { code, message: words, data } }
  }
  return failed(id, typeof words === 'string' ? words : error)
}

function failed(id: number | string, error: unknown): unknown {
  return { jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: shown(error) } }
}

/** Without the version, only what holds nothing else is one: servers write other lines of JSON, too. */
function isAnswer(message: Fields): boolean {
  return message['jsonrpc'] === '2.0' || Object.keys(message).every((key) => OF_ANSWERS.has(key))
}

/** Others say `"error": null` beside a result, or leave the version away. */
function isLean(message: Fields): boolean {
  return message['jsonrpc'] === '2.0' && Object.keys(message).length === 3
}

function hasBadMeta(holder: Fields): boolean {
  return '_meta' in holder && !isObject(holder['_meta'])
}

function shown(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, MAX_SHOWN)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

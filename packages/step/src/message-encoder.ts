import { encodeCbor } from '@starling/event'
import type { CborValue } from '@starling/event'
import type { AssistantPart, Attachment, Message, ReasoningBlock } from '@starling/provider'
import { attachmentTokens } from './attachments.ts'

/** How messages are encoded. */
export interface MessageEncoderOptions {
  /** Whether reasoning blocks take part. */
  readonly hashReasoning: boolean
  /** Whose answers need no name. Default: nobody's. */
  readonly providerId?: string | undefined
  /** Whether attachments add to the estimate. Default: `false`. */
  readonly countAttachments?: boolean | undefined
}

type ToolUses = Extract<Message, { role: 'assistant' }>['toolUses']

/**
 * Lays messages out as they are hashed: canonical CBOR maps under the
 * reference's field names, in the order of their encoded keys.
 *
 * Which model of a provider gave an answer is not part of it: the log says so
 * with the answer, and early recordings were hashed without.
 *
 * A prompt of many turns is mostly text. It is written straight into one
 * buffer, and counted on the way.
 */
export class MessageEncoder {
  readonly #options: MessageEncoderOptions
  #buffer = new Uint8Array(4096)
  #length = 0

  constructor(options: MessageEncoderOptions) {
    this.#options = options
  }

  /**
   * The bytes of a message, valid until the next one, and how much it adds to
   * the estimate: code points of its text, and the bytes of the arguments.
   */
  encode(message: Message): { readonly bytes: Uint8Array; readonly size: number } {
    this.#length = 0
    const extra = extraKeys(message, this.#options)
    const blocks = message.role === 'assistant' && this.#options.hashReasoning ? (message.reasoning ?? []) : []
    this.#byte(MAP | ((blocks.length > 0 ? 6 : 5) + (extra?.count ?? 0)))
    this.#raw(START[message.role])
    if (extra?.parts !== undefined) this.#raw(extra.parts)
    this.#raw(KEY.content)
    // The reference keeps what a tool returned in a field of its own.
    let size = (extra?.size ?? 0) + (message.role === 'tool' ? this.#empty() : this.#text(message.content))
    this.#raw(KEY.toolUses)
    if (message.role === 'assistant') size += this.#toolUses(message.toolUses)
    else this.#byte(NULL)
    if (blocks.length > 0) this.#reasoning(blocks)
    if (extra?.providerId !== undefined) this.#raw(extra.providerId)
    this.#raw(KEY.toolResult)
    if (message.role === 'tool') size += this.#toolResult(message)
    else this.#byte(NULL)
    this.#raw(NO_ANNOTATIONS)
    if (extra?.attachments !== undefined) this.#raw(extra.attachments)
    return { bytes: this.#buffer.subarray(0, this.#length), size }
  }

  #toolUses(uses: ToolUses): number {
    let size = 0
    this.#head(ARRAY, uses.length)
    for (const use of uses) {
      this.#raw(KEY.args)
      size += this.#utf8(BYTES, use.arguments)
      this.#raw(KEY.name)
      this.#text(use.name)
      this.#raw(KEY.useCallId)
      this.#text(use.callId)
    }
    return size
  }

  #toolResult(result: { readonly callId: string; readonly content: string; readonly isError: boolean }): number {
    this.#raw(KEY.resultCallId)
    this.#text(result.callId)
    this.#raw(KEY.content)
    const size = this.#text(result.content)
    this.#raw(KEY.isError)
    this.#byte(result.isError ? TRUE : FALSE)
    return size
  }

  #reasoning(blocks: readonly ReasoningBlock[]): void {
    this.#raw(KEY.reasoning)
    this.#head(ARRAY, blocks.length)
    for (const { text, redacted = false, signature } of blocks) {
      this.#raw(KEY.blockText)
      this.#text(text)
      this.#raw(KEY.redacted)
      this.#byte(redacted ? TRUE : FALSE)
      this.#raw(KEY.signature)
      if (signature === undefined) {
        this.#byte(NULL)
        continue
      }
      this.#head(BYTES, signature.length)
      this.#raw(signature)
    }
  }

  /** Writes a text; returns how many code points it has. */
  #text(text: string): number {
    return this.#utf8(TEXT, text) === text.length ? text.length : codePoints(text)
  }

  #empty(): number {
    this.#byte(TEXT)
    return 0
  }

  /** Writes the UTF-8 of a text; returns its length in bytes. */
  #utf8(major: number, text: string): number {
    // One UTF-16 unit takes at most three bytes of UTF-8.
    this.#reserve(LONGEST_HEAD + text.length * 3)
    // The head is laid out for ASCII; other text moves when its head turns out longer.
    const guess = headLength(text.length)
    const start = this.#length + guess
    const { written } = ENCODER.encodeInto(text, this.#buffer.subarray(start))
    const actual = headLength(written)
    if (actual !== guess) this.#buffer.copyWithin(this.#length + actual, start, start + written)
    this.#head(major, written)
    this.#length += written
    return written
  }

  #head(major: number, argument: number): void {
    this.#reserve(LONGEST_HEAD)
    if (argument < 24) {
      this.#buffer[this.#length++] = major | argument
      return
    }
    const extra = headLength(argument) - 1
    this.#buffer[this.#length++] = major | (24 + Math.log2(extra))
    for (let shift = (extra - 1) * 8; shift >= 0; shift -= 8) this.#buffer[this.#length++] = argument >>> shift
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + size))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

const ENCODER = new TextEncoder()
const BYTES = 0x40
const TEXT = 0x60
const ARRAY = 0x80
const MAP = 0xa0
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6
const LONGEST_HEAD = 5

/** The keys, with the head of a map before the first of each. */
const KEY = {
  content: encodeCbor('Content'),
  toolUses: encodeCbor('ToolUses'),
  reasoning: encodeCbor('Reasoning'),
  toolResult: encodeCbor('ToolResult'),
  args: mapOf(3, 'Args'),
  name: encodeCbor('Name'),
  useCallId: encodeCbor('CallID'),
  resultCallId: mapOf(3, 'CallID'),
  isError: encodeCbor('IsError'),
  blockText: mapOf(3, 'Text'),
  redacted: encodeCbor('Redacted'),
  signature: encodeCbor('Signature'),
}

/** What a message begins with. */
const START = { user: startOf('user'), assistant: startOf('assistant'), tool: startOf('tool') }
const NO_ANNOTATIONS = join(encodeCbor('Annotations'), Uint8Array.of(NULL))

function startOf(role: Message['role']): Uint8Array {
  return join(encodeCbor('Role'), encodeCbor(role))
}

function mapOf(entries: number, firstKey: string): Uint8Array {
  return join(Uint8Array.of(MAP | entries), encodeCbor(firstKey))
}

/** Keys that few messages have, each with its value, and how much they add to the estimate. */
interface ExtraKeys {
  readonly count: number
  readonly size: number
  readonly parts: Uint8Array | undefined
  readonly providerId: Uint8Array | undefined
  readonly attachments: Uint8Array | undefined
}

function extraKeys(message: Message, options: MessageEncoderOptions): ExtraKeys | undefined {
  const isForeign = message.role === 'assistant' && message.providerId !== options.providerId
  const providerId = isForeign ? message.providerId : undefined
  if (message.role === 'assistant') {
    if (message.parts === undefined && providerId === undefined) return undefined
  } else if (message.attachments === undefined) return undefined
  const { parts = [] } = message.role === 'assistant' ? message : {}
  const { attachments = [] } = message.role === 'assistant' ? {} : message
  return {
    count: Number(parts.length > 0) + Number(providerId !== undefined) + Number(attachments.length > 0),
    size:
      parts.reduce((sum, part) => sum + extraSize(part), 0) +
      (options.countAttachments === true ? CODE_POINTS_PER_TOKEN * tokensOf(attachments) : 0),
    parts: parts.length === 0 ? undefined : entry('Parts', parts.map(partValue)),
    providerId: providerId === undefined ? undefined : entry('ProviderID', providerId),
    attachments: attachments.length === 0 ? undefined : entry('Attachments', attachments.map(attachmentValue)),
  }
}

/** As {@link Prompt.estimateTokens} counts. */
const CODE_POINTS_PER_TOKEN = 3

function tokensOf(attachments: readonly Attachment[]): number {
  return attachments.reduce((sum, attachment) => sum + attachmentTokens(attachment), 0)
}

/** What a part holds that the other keys of its message do not. */
function extraSize(part: AssistantPart): number {
  if (part.type === 'opaque') return codePoints(part.data)
  if (part.type !== 'text') return 0
  return (part.citations ?? []).reduce((sum, citation) => sum + codePoints(citation), 0)
}

/** Reasoning and tool uses have keys of their own: here is where they come, and what they carry here only. */
function partValue(part: AssistantPart): CborValue {
  const value = new Map<string, CborValue>([['Type', part.type]])
  if (part.type === 'text') value.set('Text', part.text).set('Citations', [...(part.citations ?? [])])
  if (part.type === 'opaque') value.set('Data', part.data)
  else if (part.type !== 'reasoning') value.set('Signature', part.signature ?? null)
  return value
}

function attachmentValue({ type, mediaType, data, name }: Attachment): CborValue {
  return new Map<string, CborValue>([
    ['Type', type],
    ['MediaType', mediaType],
    ['Data', data],
    ['Name', name ?? ''],
  ])
}

function entry(key: string, value: CborValue): Uint8Array {
  return join(encodeCbor(key), encodeCbor(value))
}

/** Puts pieces of bytes together. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

function headLength(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  return argument < 0x10000 ? 3 : LONGEST_HEAD
}

/** Counts code points; a surrogate without its other half is one of its own. */
export function codePoints(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length; index += 1) {
    // A low surrogate after a high one is the second half of a code point already counted.
    const unit = text.charCodeAt(index)
    if (unit >= 0xdc00 && unit <= 0xdfff && index > 0 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) count -= 1
  }
  return count
}

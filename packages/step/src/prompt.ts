import { blake3, CborRaw, createTreeHash, encodeCbor, encodeValue, utf8Encode } from '@starling/event'
import type { CborValue, TreeHash } from '@starling/event'
import type { Message, ModelRequest, ToolDefinition } from '@starling/provider'
import { codePoints, join, MessageEncoder } from './message-encoder.ts'

/** How every request of a run asks for its answer. */
export type RequestSettings = Omit<ModelRequest, 'model' | 'systemPrompt' | 'messages' | 'tools' | 'params'>

/** The parts of a request that stay the same over a run. */
export interface PromptOptions {
  readonly model: string
  readonly systemPrompt: string
  readonly tools: readonly ToolDefinition[]
  /** Provider parameters as one CBOR item. */
  readonly params: Uint8Array | null
  /** The settings of every request. Default: none. */
  readonly settings?: RequestSettings | undefined
  /** Whether reasoning blocks take part in the hash; the reference leaves them out. */
  readonly hashReasoning: boolean
  /** Who is asked: of an answer that names another provider, the name is part of the hash. Default: nobody. */
  readonly providerId?: string | undefined
  /** Whether attachments are part of the estimate. Default: `false`, as in early recordings. */
  readonly countAttachments?: boolean | undefined
}

/**
 * The prompt of a run: grows message by message and knows its own hash and
 * size, so that a turn costs what it adds and not what came before.
 *
 * The hash is BLAKE3-256 over the canonical CBOR of the request under the
 * reference's field names: `TopK`, `Model`, `Tools`, `Params`, `Messages`,
 * `ToolChoice`, `SystemPrompt`, `StopSequences`, `MaxOutputTokens`; settings
 * that the reference does not have are one more, `Settings`, when there are any.
 */
export interface Prompt {
  readonly messages: readonly Message[]
  append(message: Message): void
  /** BLAKE3-256 of the request with the messages so far, 32 bytes. */
  hash(liftsToolChoice?: boolean): Uint8Array
  /**
   * The reference's estimate of the input tokens: a third of the code points,
   * rounded. Attachments, of which the reference has none, add what
   * `attachmentTokens` says.
   */
  estimateTokens(): number
  /**
   * The request with the messages so far.
   *
   * @param liftsToolChoice - leaves the tool choice of the settings out. Default: `false`.
   */
  request(params: ModelRequest['params'], liftsToolChoice?: boolean): ModelRequest
}

/** Makes an empty prompt. */
export function createPrompt(options: PromptOptions): Prompt {
  return new GrowingPrompt(options)
}

class GrowingPrompt implements Prompt {
  readonly messages: Message[] = []
  readonly #options: PromptOptions
  readonly #encoder: MessageEncoder
  /** Everything up to the last message; a digest costs what was added since the one before. */
  readonly #tree: TreeHash = createTreeHash()
  /** Everything after the messages. */
  readonly #tail: Uint8Array
  /** The same, of a request whose tool choice is lifted. */
  readonly #freeTail: Uint8Array
  /** Where the head of the message array is: its length changes with every message. */
  readonly #headerStart: number
  #headerEnd: number
  #size: number

  constructor(options: PromptOptions) {
    this.#options = options
    this.#encoder = new MessageEncoder(options)
    this.#tree.append(encodeHead(options))
    this.#headerStart = this.#tree.length
    this.#tree.append(arrayHeader(0))
    this.#headerEnd = this.#tree.length
    this.#tail = encodeTail(options)
    this.#freeTail = encodeTail({ ...options, settings: withoutToolChoice(options.settings) })
    this.#size =
      codePoints(options.systemPrompt) +
      options.tools.reduce((sum, tool) => sum + utf8Encode(tool.inputSchema).length, 0)
  }

  append(message: Message): void {
    this.messages.push(message)
    const { bytes, size } = this.#encoder.encode(message)
    this.#tree.append(bytes)
    this.#size += size
  }

  hash(liftsToolChoice = false): Uint8Array {
    const header = arrayHeader(this.messages.length)
    this.#tree.replace(this.#headerStart, this.#headerEnd, header)
    this.#headerEnd = this.#headerStart + header.length
    return this.#tree.digest(liftsToolChoice ? this.#freeTail : this.#tail)
  }

  estimateTokens(): number {
    return Math.floor((this.#size + 2) / 3)
  }

  request(params: ModelRequest['params'], liftsToolChoice = false): ModelRequest {
    const { model, systemPrompt, tools, settings } = this.#options
    const asked = liftsToolChoice ? withoutToolChoice(settings) : settings
    return { model, systemPrompt, messages: this.messages.slice(), tools, ...asked, params }
  }
}

/** Hashes a tool registry: BLAKE3-256 of the canonical CBOR of the list, which is sorted by name; `null` without tools. */
export function hashToolRegistry(
  refs: readonly { readonly name: string; readonly schemaHash: Uint8Array | null }[],
): Uint8Array | null {
  if (refs.length === 0) return null
  return blake3(
    encodeCbor(
      refs.map(
        (ref) =>
          new Map<string, CborValue>([
            ['name', ref.name],
            ['schema_hash', ref.schemaHash],
          ]),
      ),
    ),
  )
}

function withoutToolChoice(settings: RequestSettings = {}): RequestSettings {
  const { toolChoice, ...rest } = settings
  return rest
}

const MAP_OF_9 = 0xa9

/** What the reference has no name for. */
function ownSettings({ settings = {} }: PromptOptions): Readonly<Record<string, unknown>> | undefined {
  const { toolChoice, stopSequences, topK, maxOutputTokens, ...own } = settings
  return Object.values(own).every((value) => value === undefined) ? undefined : own
}

function encodeHead(options: PromptOptions): Uint8Array {
  const tools: CborValue = options.tools.length === 0 ? null : options.tools.map(toolValue)
  return join(
    Uint8Array.of(ownSettings(options) === undefined ? MAP_OF_9 : MAP_OF_9 + 1),
    ...entry('TopK', options.settings?.topK ?? null),
    ...entry('Model', options.model),
    ...entry('Tools', tools),
    ...entry('Params', options.params === null ? null : new CborRaw(options.params)),
    encodeCbor('Messages'),
  )
}

function encodeTail(options: PromptOptions): Uint8Array {
  const { stopSequences: stops = [], toolChoice, maxOutputTokens } = options.settings ?? {}
  const own = ownSettings(options)
  return join(
    ...(own === undefined ? [] : entry('Settings', new CborRaw(encodeValue(own)))),
    ...entry('ToolChoice', toolChoice ?? ''),
    ...entry('SystemPrompt', options.systemPrompt),
    ...entry('StopSequences', stops.length === 0 ? null : [...stops]),
    ...entry('MaxOutputTokens', maxOutputTokens ?? 0),
  )
}

function entry(key: string, value: CborValue): Uint8Array[] {
  return [encodeCbor(key), encodeCbor(value)]
}

function toolValue(tool: ToolDefinition): CborValue {
  const schema = tool.inputSchema === '' ? null : utf8Encode(tool.inputSchema)
  return new Map<string, CborValue>([
    ['Name', tool.name],
    ['Schema', schema],
    ['Description', tool.description],
  ])
}

function arrayHeader(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x80 | length)
  if (length < 0x100) return Uint8Array.of(0x98, length)
  if (length < 0x10000) return Uint8Array.of(0x99, length >> 8, length & 0xff)
  return Uint8Array.of(0x9a, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff)
}

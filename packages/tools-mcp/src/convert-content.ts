import type { CallToolResult, ContentBlock, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/client'
import { fromBase64 } from '@starling/event'
import type { ToolAttachment } from '@starling/tool'

/** What becomes of a server's content: JSON for the model, and images beside it. */
export interface Converted {
  readonly value: unknown
  /** The value as the server wrote it, where that says more than the value: numbers stay exact. */
  readonly exact?: string
  /** Whether the value is the server's own data, in which nothing may be cut short but what is `beside` it. */
  readonly isWhole?: true
  /** Blocks in the value that are not its data. */
  readonly beside?: readonly unknown[]
  readonly attachments: readonly ToolAttachment[]
}

type Contents = ReadResourceResult['contents'][number]

/** What every vendor takes as an image. */
const IMAGES: ReadonlySet<string> = new Set(['image/gif', 'image/jpeg', 'image/png', 'image/webp'])

/** What vendors take at most of one image. */
const MAX_IMAGE_BYTES = 5 * 1024 * 1024

/** Converts the content of results; one for each result, it collects the images. */
class ContentConverter {
  readonly attachments: ToolAttachment[] = []
  readonly #textOnly: boolean

  constructor(textOnly: boolean) {
    this.#textOnly = textOnly
  }

  block(block: ContentBlock): unknown {
    switch (block.type) {
      case 'text':
        return { type: 'text', text: block.text }
      case 'image':
      case 'audio':
        return this.#media(block.type, block.mimeType, block.data)
      case 'resource_link': {
        const { uri, name, title, description, mimeType, size } = block
        return { type: 'resource_link', uri, name, title, description, mimeType, size }
      }
      case 'resource':
        return { type: 'resource', ...this.contents(block.resource) }
    }
  }

  contents(contents: Contents): object {
    const { uri, mimeType } = contents
    if ('text' in contents) return { uri, mimeType, text: contents.text }
    return { uri, ...this.#media('blob', mimeType ?? 'application/octet-stream', contents.blob) }
  }

  /** Bytes are for the vendor or for nobody: a model can do nothing with them as text. */
  #media(type: string, mediaType: string, base64: string): object {
    const bytes = tryFromBase64(base64)
    const facts = { type, mimeType: mediaType, bytes: bytes?.length }
    const image = imageType(mediaType)
    const why = this.#whyOmitted(image, bytes)
    if (why !== undefined || image === undefined || bytes === undefined) return { ...facts, omitted: why }
    this.attachments.push({ type: 'image', mediaType: image, data: bytes })
    return { ...facts, attached: true }
  }

  #whyOmitted(image: string | undefined, bytes: Uint8Array | undefined): string | undefined {
    if (bytes === undefined) return 'not valid base64'
    if (bytes.length === 0) return 'without a byte'
    if (image === undefined) return 'not an image that can be shown'
    if (this.#textOnly) return 'only text is shown'
    return bytes.length > MAX_IMAGE_BYTES ? `larger than ${MAX_IMAGE_BYTES} bytes` : undefined
  }
}

/**
 * Converts the result of a tool.
 *
 * Structured content is the result, when there is some; a single text is
 * itself; anything else is a list of blocks. A text that only repeats the
 * structured content, as the protocol recommends, or a part of it is left out;
 * one that says something else stays beside it.
 */
export function convertToolResult(result: CallToolResult, textOnly: boolean): Converted {
  const { structuredContent, content } = result
  const converter = new ContentConverter(textOnly)
  const blocks = content.map((block) => converter.block(block))
  const { attachments } = converter
  if (structuredContent === undefined) {
    const [only] = content
    if (content.length === 1 && only?.type === 'text') return { value: only.text, attachments }
    return { value: { content: blocks }, attachments }
  }
  const said = partsOf(structuredContent)
  const others = blocks.filter((_block, index) => {
    const block = content[index]
    return block?.type === 'text' ? !repeats(block.text, said) : block?.type !== 'image'
  })
  if (others.length > 0) {
    return { value: { structuredContent, content: others }, isWhole: true, beside: others, attachments }
  }
  const exact = content.map((block) => (block.type === 'text' ? exactText(block.text, structuredContent) : undefined))
  const text = exact.find((candidate) => candidate !== undefined)
  const converted = { value: structuredContent, isWhole: true, attachments } as const
  return text === undefined ? converted : { ...converted, exact: text }
}

/** Converts the contents of a resource. */
export function convertResource({ contents }: ReadResourceResult, textOnly: boolean): Converted {
  const converter = new ContentConverter(textOnly)
  const parts = contents.map((part) => converter.contents(part))
  return { value: { contents: parts }, attachments: converter.attachments }
}

/** Converts a prompt. */
export function convertPrompt({ description, messages }: GetPromptResult, textOnly: boolean): Converted {
  const converter = new ContentConverter(textOnly)
  const converted = messages.map(({ role, content }) => ({ role, content: converter.block(content) }))
  return { value: { description, messages: converted }, attachments: converter.attachments }
}

/** The media type of an image that can be shown, as vendors want it written. */
function imageType(mediaType: string): string | undefined {
  const [essence = ''] = mediaType.toLowerCase().split(';')
  const type = essence.trim() === 'image/jpg' ? 'image/jpeg' : essence.trim()
  return IMAGES.has(type) ? type : undefined
}

/** What structured content says: every value in it, and the texts among them. */
interface Said {
  readonly values: readonly unknown[]
  readonly texts: ReadonlySet<string>
}

function partsOf(value: unknown): Said {
  const values: unknown[] = [value]
  // The list grows while it is walked.
  for (const part of values) if (typeof part === 'object' && part !== null) values.push(...Object.values(part))
  return { values, texts: new Set(values.filter((part) => typeof part === 'string')) }
}

/** Whether a text says again what the structured content says, the whole of it or a part: as servers do for older clients. */
function repeats(text: string, { values, texts }: Said): boolean {
  if (text.trim() === '' || texts.has(text)) return true
  try {
    const parsed: unknown = JSON.parse(text)
    return values.some((value) => isSameJson(parsed, value))
  } catch {
    return false // Words of its own.
  }
}

/** The text, when it is the same JSON as `value`. */
function exactText(text: string, value: unknown): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isSameJson(parsed, value) ? text : undefined
  } catch {
    return undefined // Words, not JSON.
  }
}

function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const ofB = new Map<string, unknown>(Object.entries(b))
  const ofA = Object.entries(a)
  return ofA.length === ofB.size && ofA.every(([key, item]) => ofB.has(key) && isSameJson(item, ofB.get(key)))
}

function tryFromBase64(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text.replaceAll(/\s+/g, ''))
  } catch {
    return undefined
  }
}

import {
  type AssistantMessage,
  type AssistantPart,
  isOwnAnswer,
  type Message,
  type ModelRequest,
  partsOf,
  ProviderError,
  type ToolMessage,
  type UserMessage,
} from '@starling/provider'
import { utf8Decode } from '@starling/event'
import { isJsonObject, type JsonObject, jsonText, JsonText } from '@starling/provider-http'
import { cachePoint } from './cache-point.ts'
import { type ConvertAttachment, createAttachmentConverter } from './convert-attachments.ts'
import { familyOf, isClaude, type ModelFamily } from './model-family.ts'

/** What the messages depend on beside themselves. */
export interface MessageSettings {
  /** The provider that the request is for. */
  readonly info: { readonly id: string }
  readonly citeDocuments: boolean
}

type PartOf<Type extends AssistantPart['type']> = Extract<AssistantPart, { readonly type: Type }>

/** A content block, or the text of one. */
type ContentBlock = JsonObject | JsonText

interface ConverseMessage {
  readonly role: 'user' | 'assistant'
  readonly content: ContentBlock[]
}

interface Context {
  readonly model: string
  readonly family: ModelFamily
  readonly providerId: string
  readonly convertAttachment: ConvertAttachment
}

/**
 * Writes the conversation: roles take turns, so everything that comes between
 * two answers, as the results of parallel calls, is one message.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when nothing is said, or something cannot be expressed.
 */
export function convertMessages(request: ModelRequest, settings: MessageSettings): readonly ConverseMessage[] {
  const { model } = request
  const context: Context = {
    model,
    family: familyOf(model),
    providerId: settings.info.id,
    convertAttachment: createAttachmentConverter(settings),
  }
  const messages: ConverseMessage[] = []
  for (const message of request.messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = contentOf(message, context)
    const last = messages.at(-1)
    if (last?.role === role) last.content.push(...content)
    // An answer of nothing, as after a filter: Bedrock takes no message without content.
    else if (content.length > 0) messages.push({ role, content })
  }
  const last = messages.at(-1)
  if (last === undefined) throw new ProviderError('PROVIDER_INVALID_OPTIONS', 'the conversation has no content')
  last.content.push(...cachePoint(request, 'messages'))
  return messages
}

function contentOf(message: Message, context: Context): ContentBlock[] {
  switch (message.role) {
    case 'user':
      return userContent(message, context)
    case 'assistant':
      return assistantContent(message, context)
    case 'tool':
      return [toolResult(message, context)]
  }
}

function userContent({ content, attachments = [] }: UserMessage, context: Context): JsonObject[] {
  return [...textBlock(content), ...attachments.map(context.convertAttachment)]
}

function toolResult({ callId, content, isError, attachments = [] }: ToolMessage, context: Context): JsonObject {
  return {
    toolResult: {
      toolUseId: toolUseId(callId),
      content: [...textBlock(content), ...attachments.map(context.convertAttachment)],
      // Not every model takes a status, and success is the default.
      ...(isError && { status: 'error' }),
    },
  }
}

function assistantContent(message: AssistantMessage, context: Context): ContentBlock[] {
  const { providerId, model } = context
  const isOwn = isOwnAnswer(message, providerId, model)
  return partsOf(message, providerId, model).flatMap((part) => partContent(part, { ...context, isOwn }))
}

function partContent(part: AssistantPart, { family, isOwn }: Context & { readonly isOwn: boolean }): ContentBlock[] {
  switch (part.type) {
    case 'text':
      return isOwn && part.citations !== undefined && part.citations.length > 0
        ? [citedText(part.text, part.citations)]
        : textBlock(part.text)
    case 'reasoning':
      return isOwn && takesBack(part, family) ? [{ reasoningContent: reasoning(part) }] : []
    case 'tool-use':
      return [{ toolUse: { toolUseId: toolUseId(part.callId), name: part.name, input: toolInput(part.arguments) } }]
    case 'opaque':
      return isOwn ? [opaque(part.data)] : []
  }
}

// Bedrock refuses a text of nothing but white space, which models do send before a tool call.
function textBlock(text: string): JsonObject[] {
  return text.trim() === '' ? [] : [{ text }]
}

function citedText(text: string, citations: readonly string[]): JsonObject {
  return {
    citationsContent: {
      content: [{ text }],
      citations: citations.map((citation) => jsonText(citation, 'a citation')),
    },
  }
}

// DeepSeek takes no reasoning at all; Claude only what it signed, and that of another model is not.
function takesBack({ signature, redacted }: PartOf<'reasoning'>, family: ModelFamily): boolean {
  if (family === 'deepseek') return false
  const isSigned = redacted === true || (signature?.length ?? 0) > 0
  return isSigned || !isClaude(family)
}

function reasoning({ text, signature, redacted }: PartOf<'reasoning'>): JsonObject {
  if (redacted === true) return { redactedContent: text }
  const isSigned = signature !== undefined && signature.length > 0
  return { reasoningText: { text, ...(isSigned && { signature: utf8Decode(signature) }) } }
}

function opaque(data: string): JsonText {
  const block = jsonText(data, 'an opaque part')
  if (block.text.startsWith('{')) return block
  throw new ProviderError('PROVIDER_INVALID_OPTIONS', 'an opaque part is not a content block')
}

// Bedrock takes an object and nothing else: what a model wrote instead is told as such.
function toolInput(args: string): JsonObject | JsonText {
  if (args.trim() === '') return {}
  try {
    if (isJsonObject(JSON.parse(args))) return new JsonText(args)
  } catch {
    // Recorded as it came, though it is not JSON.
  }
  return { arguments: args }
}

// The ids of other vendors may have more kinds of characters.
function toolUseId(callId: string): string {
  return callId.replace(/[^\w-]/g, '_')
}

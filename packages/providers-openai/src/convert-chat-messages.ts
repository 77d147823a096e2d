import {
  type AssistantMessage,
  type AssistantPart,
  type Attachment,
  type Message,
  type ModelRequest,
  partsOf,
  ProviderError,
  type UserMessage,
} from '@starling/provider'
import type { JsonObject } from '@starling/provider-http'
import { chatCallId, nameCalls, type WriteCallId } from './call-ids.ts'
import type { ChatDialect } from './chat-dialect.ts'
import { addressOf, fileName } from './convert-attachment.ts'
import { forRecipient, type Recipient } from './earlier-answer.ts'
import { readMark } from './marks.ts'

/** Whom messages are written for. */
export interface MessageTarget {
  readonly dialect: ChatDialect
  /** Whose earlier answers are its own. */
  readonly providerId: string
}

/**
 * Writes the messages of a request, the system prompt first.
 *
 * An answer is one text and its tool calls here, whatever its parts were.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a message that cannot be expressed.
 */
export function convertChatMessages(request: ModelRequest, target: MessageTarget): readonly JsonObject[] {
  const recipient = { providerId: target.providerId, model: request.model }
  const write = (id: string): string => target.dialect.callId?.(id) ?? chatCallId(id)
  const context = { ...target, recipient, nameOf: nameCalls(request.messages, recipient, write) }
  const system: JsonObject[] = request.systemPrompt === '' ? [] : [{ role: 'system', content: request.systemPrompt }]
  const messages = [...system, ...request.messages.map((message) => convertMessage(message, context))]
  return target.dialect.finishMessages?.(messages, request) ?? messages
}

/** What a message is written with. */
interface Context extends MessageTarget {
  readonly recipient: Recipient
  /** What a call is named in this request. */
  readonly nameOf: WriteCallId
}

function convertMessage(message: Message, context: Context): JsonObject {
  const { dialect, recipient, nameOf } = context
  switch (message.role) {
    case 'user':
      return { role: 'user', content: convertUserContent(message) }
    case 'assistant': {
      const own = forRecipient(message, recipient)
      return { ...convertAnswer(own, context), ...dialect.messageFields?.(own) }
    }
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: nameOf(message.callId),
        // Chat Completions has no flag for a failed call: the text has to say it.
        content: message.isError ? `error: ${message.content}` : message.content,
      }
  }
}

function convertUserContent({ content, attachments = [] }: UserMessage): string | object[] {
  if (attachments.length === 0) return content
  return [...(content === '' ? [] : [{ type: 'text', text: content }]), ...attachments.map(convertAttachment)]
}

function convertAttachment(attachment: Attachment): object {
  if (attachment.type === 'image') return { type: 'image_url', image_url: { url: addressOf(attachment) } }
  if (typeof attachment.data === 'string' && !attachment.data.startsWith('data:')) {
    throw new ProviderError(
      'PROVIDER_INVALID_OPTIONS',
      `a file is ${attachment.mediaType} at an address: Chat Completions fetches images only, so pass its bytes`,
    )
  }
  return { type: 'file', file: { filename: fileName(attachment), file_data: addressOf(attachment) } }
}

function convertAnswer(message: AssistantMessage, context: Context): JsonObject {
  const content = partsOf(message)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
  const calls = callsOf(message)
  if (calls.length === 0) return { role: 'assistant', content }
  return {
    role: 'assistant',
    ...(content !== '' && { content }),
    tool_calls: calls.map((call) => convertCall(call, context)),
  }
}

function convertCall(call: AssistantPart & { readonly type: 'tool-use' }, { nameOf }: Context): object {
  const { callId, name, arguments: args, signature } = call
  const { extra_content: extra } = readMark(signature)
  return {
    id: nameOf(callId),
    type: 'function',
    function: { name, arguments: args === '' ? '{}' : args },
    ...(extra !== undefined && { extra_content: extra }),
  }
}

function callsOf(message: AssistantMessage): (AssistantPart & { readonly type: 'tool-use' })[] {
  return partsOf(message).filter((part) => part.type === 'tool-use')
}

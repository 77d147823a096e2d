import {
  type AssistantMessage,
  type AssistantPart,
  type Attachment,
  type Message,
  type ModelRequest,
  partsOf,
  type ToolMessage,
  type UserMessage,
} from '@starling/provider'
import { writeJson } from '@starling/provider-http'
import { nameCalls, responsesCallId, type WriteCallId } from './call-ids.ts'
import { addressOf, fileName } from './convert-attachment.ts'
import { forRecipient, type Recipient } from './earlier-answer.ts'
import { objectText, parseExactObject } from './json-text.ts'
import { readMark } from './marks.ts'

/** One item of the input. */
interface Item {
  readonly text: string
  readonly isReasoning?: boolean
}

/**
 * Writes the messages of a request as the JSON array of input items.
 *
 * An earlier answer is the items it came in, in their order. Items have no ids:
 * the vendor would look them up, and it was asked to keep nothing.
 */
export function convertResponsesInput({ messages, model }: ModelRequest, providerId: string): string {
  const recipient = { providerId, model }
  const context = { recipient, callers: new Map(), nameOf: nameCalls(messages, recipient, responsesCallId) }
  const items = messages.flatMap((message) => convertMessage(message, context))
  return `[${items.map(({ text }) => text).join(',')}]`
}

/** What a message is written with. */
interface Context {
  readonly recipient: Recipient
  /** Who made a call that says so; its result says the same. */
  readonly callers: Map<string, unknown>
  /** What a call is named in this request. */
  readonly nameOf: WriteCallId
}

function convertMessage(message: Message, context: Context): Item[] {
  switch (message.role) {
    case 'user':
      return [item({ role: 'user', content: userContent(message) })]
    case 'assistant':
      return convertAnswer(forRecipient(message, context.recipient), context)
    case 'tool': {
      const caller = context.callers.get(message.callId)
      const callId = context.nameOf(message.callId)
      const fields = { type: 'function_call_output', call_id: callId, output: outputOf(message) }
      return [item({ ...fields, ...(caller !== undefined && { caller }) })]
    }
  }
}

function userContent({ content, attachments = [] }: UserMessage): string | object[] {
  return attachments.length === 0 ? content : [...textContent(content), ...attachments.map(convertAttachment)]
}

function outputOf({ content, isError, attachments = [] }: ToolMessage): string | object[] {
  // The API has no flag for a failed call: the text has to say it.
  const text = isError ? `error: ${content}` : content
  return attachments.length === 0 ? text : [...textContent(text), ...attachments.map(convertAttachment)]
}

function textContent(text: string): object[] {
  return text === '' ? [] : [{ type: 'input_text', text }]
}

function convertAttachment(attachment: Attachment): object {
  const address = addressOf(attachment)
  if (attachment.type === 'image') return { type: 'input_image', image_url: address, detail: 'auto' }
  return address.startsWith('data:')
    ? { type: 'input_file', filename: fileName(attachment), file_data: address }
    : { type: 'input_file', file_url: address }
}

function convertAnswer(message: AssistantMessage, context: Context): Item[] {
  const items: Item[] = []
  for (const part of partsOf(message)) {
    if (part.type === 'tool-use') {
      const { caller } = readMark(part.signature)
      if (caller !== undefined) context.callers.set(part.callId, caller)
    }
    items.push(...convertPart(part, context))
  }
  // The API refuses reasoning that nothing follows, as in an answer that was cut off by a limit.
  while (items.at(-1)?.isReasoning === true) items.pop()
  return items
}

function convertPart(part: AssistantPart, { nameOf }: Context): Item[] {
  switch (part.type) {
    case 'text':
      return convertText(part)
    case 'tool-use': {
      const { callId, name, arguments: args, signature } = part
      const fields = { type: 'function_call', call_id: nameOf(callId), name, arguments: args === '' ? '{}' : args }
      return [item({ ...readMark(signature), ...fields })]
    }
    case 'reasoning':
      // It is for people to read: the item that it was read from goes back.
      return []
    case 'opaque':
      return convertOpaque(part.data)
  }
}

function convertText({ text, citations = [], signature }: AssistantPart & { type: 'text' }): Item[] {
  if (text === '' && citations.length === 0) return []
  const { refusal, ...further } = readMark(signature)
  const content =
    refusal === true
      ? JSON.stringify({ type: 'refusal', refusal: text })
      : objectText({ type: 'output_text', text }, { annotations: `[${citations.join(',')}]` })
  return [{ text: objectText({ ...further, type: 'message', role: 'assistant' }, { content: `[${content}]` }) }]
}

function convertOpaque(data: string): Item[] {
  const fields = parseExactObject(data)
  // Without a type it is what another API wants back.
  if (typeof fields?.['type'] !== 'string') return []
  if (fields['type'] !== 'reasoning') return [{ text: data }]
  const { id: _, status: _status, ...reasoning } = fields
  const { encrypted_content: encrypted, content } = reasoning
  // With nothing in it, it would only name what the vendor was asked not to keep.
  const hasContent = typeof encrypted === 'string' || (Array.isArray(content) && content.length > 0)
  return hasContent ? [{ text: writeJson(reasoning, 'reasoning'), isReasoning: true }] : []
}

function item(fields: object): Item {
  return { text: writeJson(fields, 'item') }
}

import { utf8Decode } from '@starling/event'
import {
  type AssistantMessage,
  type AssistantPart,
  partsOf,
  ProviderError,
  type ReasoningBlock,
} from '@starling/provider'
import { isJsonObject, type JsonObject, parseExact, parseJsonObject } from '@starling/provider-http'
import { type ContentBlock, fixedBlock, plainBlock, textBlocks } from './content-block.ts'
import { parseContainer } from './container.ts'
import { objectText } from './json-text.ts'
import { toolUseId } from './tool-use-id.ts'

/** For whom an earlier answer is converted. */
export interface AnswerTarget {
  readonly providerId: string
  readonly model: string
}

/**
 * Converts an earlier answer back to the blocks it came in.
 *
 * Of an answer that another provider or model gave only the texts and the tool
 * calls go out: a model reads its own thinking, and that of few others.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for an opaque part that is no block.
 */
export function convertAnswer(message: AssistantMessage, { providerId, model }: AnswerTarget): ContentBlock[] {
  return partsOf(message, providerId, model).flatMap(blocksOf)
}

function blocksOf(part: AssistantPart): ContentBlock[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text, part.citations)
    case 'reasoning':
      return reasoningBlocks(part)
    case 'tool-use':
      return [toolUseBlock(part)]
    case 'opaque':
      return opaqueBlocks(part.data)
  }
}

function reasoningBlocks({ text, signature, redacted }: ReasoningBlock): ContentBlock[] {
  if (redacted === true) return [fixedBlock(JSON.stringify({ type: 'redacted_thinking', data: text }))]
  // The API refuses thinking that it has not signed, and has not sent any.
  if (signature === undefined || signature.length === 0) return []
  return [fixedBlock(JSON.stringify({ type: 'thinking', thinking: text, signature: utf8Decode(signature) }))]
}

function toolUseBlock({
  callId,
  name,
  arguments: args,
  signature,
}: AssistantPart & { type: 'tool-use' }): ContentBlock {
  const fields = { ...extraFields(signature), type: 'tool_use', id: toolUseId(callId), name }
  return plainBlock(objectText(fields, { input: inputText(args) }))
}

// Who called the tool, where it was not the model itself: see the reader of tool calls.
function extraFields(signature: Uint8Array | undefined): JsonObject {
  if (signature === undefined) return {}
  const text = utf8Decode(signature)
  const fields = parseJsonObject(text) === undefined ? {} : parseExact(text)
  return isJsonObject(fields) ? fields : {}
}

// The API takes an object and nothing else; what a model wrote instead is told as such.
function inputText(args: string): string {
  const text = args.trim() === '' ? '{}' : args.trim()
  return parseJsonObject(text) === undefined ? JSON.stringify({ INVALID_JSON: args }) : text
}

function opaqueBlocks(data: string): ContentBlock[] {
  const block = parseJsonObject(data)
  if (typeof block?.['type'] === 'string') return [fixedBlock(data)]
  // It goes beside the messages, not into them.
  if (parseContainer(data) !== undefined) return []
  throw new ProviderError('PROVIDER_INVALID_OPTIONS', 'an opaque part is not a content block of the Messages API')
}

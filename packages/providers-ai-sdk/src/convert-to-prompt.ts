import type { LanguageModelV4Message, LanguageModelV4Prompt, LanguageModelV4ToolResultPart } from '@ai-sdk/provider'
import {
  type AssistantMessage,
  type AssistantPart,
  type Message,
  partsOf,
  ProviderError,
  type ToolMessage,
  type ToolUse,
  type UserMessage,
} from '@starling/provider'
import { isJsonObject } from '@starling/provider-http'
import { convertFile } from './convert-file.ts'
import { parseExact, parseInput } from './json-value.ts'
import { type AssistantContentPart, decodeOpaque } from './opaque-part.ts'
import { decodeMetadata, parseMetadata, withOptions } from './provider-metadata.ts'
import { shortenCallIds } from './shorten-call-ids.ts'

/** Whom a prompt is for. */
export interface PromptTarget {
  /** The names of the tools whose arguments are objects. Default: none. */
  readonly tools?: ReadonlySet<string>
  /** Whose earlier answers are its own. Default: those that name nobody. */
  readonly providerId?: string
  readonly model?: string
}

/**
 * Converts a conversation to a prompt of the newest specification.
 *
 * Results that follow each other share a message, an answer without anything
 * in it has none. Arguments of a tool in `tools` that are no object go back as
 * an empty one: vendors refuse the request otherwise, and the result of the
 * call says what was wrong. The answers of another provider or model come
 * without what only that one accepts, and their calls under ids that any takes.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when a result answers no call.
 */
export function convertToPrompt(messages: readonly Message[], target: PromptTarget = {}): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt = []
  const toolNames = new Map<string, string>()
  for (const message of shortenCallIds(messages, target)) {
    switch (message.role) {
      case 'user':
        prompt.push(convertUserMessage(message))
        break
      case 'assistant':
        for (const use of message.toolUses) toolNames.set(use.callId, use.name)
        prompt.push(...convertAssistantMessage(message, target))
        break
      case 'tool':
        addResult(prompt, convertResult(message, toolNames))
        break
    }
  }
  return prompt
}

function convertUserMessage(message: UserMessage): LanguageModelV4Message {
  const files = (message.attachments ?? []).map(convertFile)
  // A message without anything in it is still a message.
  const hasText = message.content !== '' || files.length === 0
  return { role: 'user', content: [...(hasText ? [{ type: 'text' as const, text: message.content }] : []), ...files] }
}

function convertAssistantMessage(message: AssistantMessage, target: PromptTarget): LanguageModelV4Message[] {
  const { tools = new Set(), providerId, model } = target
  const content = partsOf(message, providerId, model).flatMap((part) => convertPart(part, tools) ?? [])
  return content.length === 0 ? [] : [{ role: 'assistant', content }]
}

function convertPart(part: AssistantPart, tools: ReadonlySet<string>): AssistantContentPart | undefined {
  switch (part.type) {
    case 'text':
      return orNothing({ type: 'text', text: part.text, ...withOptions(decodeMetadata(part.signature)) })
    case 'reasoning':
      // A block without text is nothing but its metadata, which is its data here.
      if (part.redacted === true)
        return orNothing({ type: 'reasoning', text: '', ...withOptions(parseMetadata(part.text)) })
      return orNothing({ type: 'reasoning', text: part.text, ...withOptions(decodeMetadata(part.signature)) })
    case 'tool-use':
      return {
        type: 'tool-call',
        toolCallId: part.callId,
        toolName: part.name,
        input: inputOf(part, tools),
        ...withOptions(decodeMetadata(part.signature)),
      }
    case 'opaque':
      return decodeOpaque(part.data)
  }
}

function inputOf(use: ToolUse, tools: ReadonlySet<string>): unknown {
  const input = parseInput(use.arguments)
  return tools.has(use.name) && !isJsonObject(input) ? {} : input
}

// Neither text nor metadata: another vendor's redacted block, or the mark between two blocks.
function orNothing<Part extends AssistantContentPart & { text: string }>(part: Part): Part | undefined {
  return part.text === '' && part.providerOptions === undefined ? undefined : part
}

function addResult(prompt: LanguageModelV4Prompt, result: LanguageModelV4ToolResultPart): void {
  const last = prompt.at(-1)
  if (last?.role === 'tool') last.content.push(result)
  else prompt.push({ role: 'tool', content: [result] })
}

function convertResult(message: ToolMessage, toolNames: ReadonlyMap<string, string>): LanguageModelV4ToolResultPart {
  const toolName = toolNames.get(message.callId)
  if (toolName === undefined) {
    throw new ProviderError(
      'PROVIDER_INVALID_OPTIONS',
      `a result answers the tool call "${message.callId}", which nobody made`,
    )
  }
  return { type: 'tool-result', toolCallId: message.callId, toolName, output: convertOutput(message) }
}

function convertOutput(message: ToolMessage): LanguageModelV4ToolResultPart['output'] {
  const { content, isError, attachments = [] } = message
  if (attachments.length > 0) {
    // Content that is more than text has no flag for a failed call: the text has to say it.
    const text = isError ? `error: ${content}` : content
    return { type: 'content', value: [{ type: 'text', text }, ...attachments.map(convertFile)] }
  }
  if (isError) return { type: 'error-text', value: content }
  // As data, which some vendors want as an object, unless that would change a number on the way.
  const value = parseExact(content)
  return value === undefined ? { type: 'text', value: content } : { type: 'json', value }
}

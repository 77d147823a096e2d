import { type ModelRequest, ProviderError, type ReasoningEffort, type ToolDefinition } from '@starling/provider'
import { convertParams } from '@starling/provider-http'
import type { ChatDialect, Fields } from './chat-dialect.ts'
import { convertChatMessages, type MessageTarget } from './convert-chat-messages.ts'
import { formatText, schemaText } from './convert-schema.ts'
import { objectText } from './json-text.ts'
import { readToolChoice } from './tool-choice.ts'

const RESERVED = [
  'model',
  'messages',
  'tools',
  'tool_choice',
  'stream',
  'stream_options',
  'stop',
  'max_completion_tokens',
] as const

/**
 * Writes the JSON body of a streaming chat completion request.
 *
 * The schemas go out as the exact texts of the request, which are the texts
 * that the log holds the hashes of.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the request cannot be expressed.
 */
export function convertToChatRequest(request: ModelRequest, target: MessageTarget): string {
  const { dialect } = target
  const fields = {
    model: request.model,
    messages: convertChatMessages(request, target),
    stream: true,
    ...((dialect.includeUsage ?? true) && { stream_options: { include_usage: true } }),
    ...convertSettings(request, dialect),
    ...convertToolChoice(request),
    ...dialect.requestFields?.(request),
  }
  const members = {
    tools: toolsOf(request, dialect),
    response_format: formatOf(request, dialect),
  }
  const written = request.responseFormat === undefined ? [] : ['response_format']
  const params = convertParams(request.params ?? {}, new Set([...RESERVED, ...Object.keys(fields), ...written]))
  const body = objectText(fields, members)
  return params === '' ? body : `${body.slice(0, -1)},${params}}`
}

function convertSettings(request: ModelRequest, dialect: ChatDialect): Fields {
  const { stopSequences = [], maxOutputTokens = 0, temperature, topP, topK, seed, reasoningEffort } = request
  const isOneStop = stopSequences.length === 1 && dialect.listsStops !== true
  return {
    ...(maxOutputTokens > 0 && { [dialect.maxTokensField ?? 'max_completion_tokens']: maxOutputTokens }),
    ...(stopSequences.length > 0 && { stop: isOneStop ? stopSequences[0] : stopSequences }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(seed !== undefined && { [dialect.seedField ?? 'seed']: seed }),
    ...(reasoningEffort !== undefined && effortFields(reasoningEffort, dialect)),
  }
}

function effortFields(effort: ReasoningEffort, { efforts }: ChatDialect): Fields {
  if (efforts === undefined) return { reasoning_effort: effort }
  const fields = efforts[effort]
  if (fields !== undefined) return fields
  const known = Object.keys(efforts).join(', ')
  throw new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `the vendor has no reasoningEffort "${effort}": it knows ${known}`,
  )
}

function convertToolChoice(request: ModelRequest): Fields {
  const { tools, parallelToolCalls } = request
  const choice = readToolChoice(
    request,
    tools.map((tool) => tool.name),
  )
  return {
    ...(choice !== undefined && {
      tool_choice: 'word' in choice ? choice.word : { type: 'function', function: { name: choice.name } },
    }),
    // Without tools the switch is refused, and there is nothing that it could change.
    ...(parallelToolCalls !== undefined && tools.length > 0 && { parallel_tool_calls: parallelToolCalls }),
  }
}

function formatOf({ responseFormat }: ModelRequest, dialect: ChatDialect): string | undefined {
  if (responseFormat === undefined) return undefined
  if (responseFormat.type === 'json') return '{"type":"json_object"}'
  const schema = formatText(responseFormat, dialect.strictSchemas ?? true)
  return objectText({ type: 'json_schema' }, { json_schema: schema })
}

function toolsOf(request: ModelRequest, dialect: ChatDialect): string | undefined {
  const { tools } = request
  if (tools.length === 0) return undefined
  const last = dialect.lastToolFields?.(request) ?? {}
  return `[${tools.map((tool, index) => toolText(tool, index === tools.length - 1 ? last : {})).join(',')}]`
}

function toolText({ name, description, inputSchema }: ToolDefinition, further: Fields): string {
  const parameters =
    inputSchema.trim() === '' ? undefined : schemaText(inputSchema, `the input schema of tool "${name}"`)
  const text = objectText({ name, ...(description !== '' && { description }) }, { parameters })
  return objectText({ type: 'function', ...further }, { function: text })
}

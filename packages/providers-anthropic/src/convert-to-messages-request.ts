import type { ModelRequest } from '@starling/provider'
import { convertClaudeSchema, convertParams } from '@starling/provider-http'
import { cacheMarker } from './cache-marker.ts'
import { convertContainer } from './container.ts'
import { convertMessages } from './convert-messages.ts'
import { settleThinking } from './convert-thinking.ts'
import { convertToolChoice, convertTools } from './convert-tools.ts'
import { objectText } from './json-text.ts'
import { factsOf } from './model-facts.ts'

const RESERVED = [
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'stop_sequences',
  'tool_choice',
  'top_k',
] as const

/** What a request is converted for. */
export interface RequestContext {
  /** Whose earlier answers are its own. */
  readonly providerId: string
  /** In milliseconds since the epoch. */
  readonly nowMs: number
}

/**
 * Writes the JSON body of a streaming request to the Messages API.
 *
 * The schemas of tools, arguments and what the vendor wants back go out as the
 * exact texts that the log holds.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the request cannot be expressed.
 */
export function convertToMessagesRequest(asked: ModelRequest, context: RequestContext): string {
  // Zero asks for the default as well.
  const maxTokens = asked.maxOutputTokens || factsOf(asked.model).maxOutputTokens
  const { request, fields: reasoning } = settleThinking(asked, maxTokens, context.providerId)
  const { model, systemPrompt, stopSequences = [], temperature, topP, topK, params = {} } = request
  const { thinking, effort } = reasoning
  const fields = {
    model,
    max_tokens: maxTokens,
    stream: true,
    ...(thinking !== undefined && { thinking }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(stopSequences.length > 0 && { stop_sequences: stopSequences }),
    ...convertToolChoice(request),
  }
  const members = {
    ...convertOutput(request, effort),
    tools: convertTools(request),
    system: systemPrompt === '' ? undefined : `[${systemText(request)}]`,
    messages: convertMessages(request, context.providerId),
  }
  const container = convertContainer(request, context)
  const { tools: _, ...rest } = 'container' in container ? withoutContainer(params) : params
  const written = Object.entries(members).flatMap(([name, text]) => (text === undefined ? [] : [name]))
  const further = convertParams(rest, new Set([...RESERVED, ...Object.keys(fields), ...written]))
  const body = objectText({ ...fields, ...container }, members)
  return further === '' ? body : `${body.slice(0, -1)},${further}}`
}

function systemText({ systemPrompt, cache = {} }: ModelRequest): string {
  const marker = cache.systemPrompt === true ? cacheMarker(cache) : undefined
  return objectText({ type: 'text', text: systemPrompt }, { cache_control: marker })
}

function convertOutput({ responseFormat }: ModelRequest, effort: string | undefined): { output_config?: string } {
  if (effort === undefined && responseFormat?.type !== 'json-schema') return {}
  const format =
    responseFormat?.type === 'json-schema'
      ? objectText({ type: 'json_schema' }, { schema: convertClaudeSchema(responseFormat.schema) })
      : undefined
  return { output_config: objectText({ ...(effort !== undefined && { effort }) }, { format }) }
}

function withoutContainer(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { container: _, ...rest } = params
  return rest
}

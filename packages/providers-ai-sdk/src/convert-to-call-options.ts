import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
} from '@ai-sdk/provider'
import { type ModelRequest, ProviderError, type ResponseFormat, type ToolDefinition } from '@starling/provider'
import { convertParams } from './convert-params.ts'
import { convertToPrompt } from './convert-to-prompt.ts'
import { parseSchema } from './json-value.ts'
import { readMetadata, withOptions, type Metadata } from './provider-metadata.ts'
import type { Settings } from './resolve-settings.ts'

/** What the options of a call depend on beside the request. */
export type CallOptionSettings = Pick<
  Settings,
  'model' | 'info' | 'namespaces' | 'providerTools' | 'cacheMarker' | 'includeRawChunks'
>

/**
 * Converts a request to the call options of the newest specification.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the request cannot be expressed.
 */
export function convertToCallOptions(request: ModelRequest, settings: CallOptionSettings): LanguageModelV4CallOptions {
  const marker = readMetadata(settings.cacheMarker?.(request.cache?.ttl))
  const asked = convertSettings(
    request,
    [...request.tools, ...settings.providerTools].map(({ name }) => name),
  )
  const { settings: further, providerOptions } = convertParams(request.params ?? {}, {
    namespaces: settings.namespaces,
    taken: new Set(Object.keys(asked)),
  })
  const tools = convertTools(request, settings, request.cache?.tools === true ? marker : undefined)
  return {
    prompt: convertMessages(request, settings, marker),
    ...asked,
    ...further,
    ...(tools.length > 0 && { tools }),
    ...(Object.keys(providerOptions).length > 0 && { providerOptions }),
    ...(settings.includeRawChunks && { includeRawChunks: true }),
  }
}

function convertMessages(
  request: ModelRequest,
  { info: { id: providerId } }: CallOptionSettings,
  marker: Metadata | undefined,
): LanguageModelV4CallOptions['prompt'] {
  const { cache, systemPrompt } = request
  const messages = convertToPrompt(request.messages, {
    tools: new Set(request.tools.map(({ name }) => name)),
    providerId,
    model: request.model,
  })
  const last = messages.at(-1)
  if (cache?.messages === true && last !== undefined) Object.assign(last, withOptions(marker))
  if (systemPrompt === '') return messages
  const options = cache?.systemPrompt === true ? withOptions(marker) : {}
  return [{ role: 'system', content: systemPrompt, ...options }, ...messages]
}

function convertSettings(request: ModelRequest, names: readonly string[]): Partial<LanguageModelV4CallOptions> {
  const { maxOutputTokens = 0, temperature, topP, topK, seed, stopSequences = [], reasoningEffort } = request
  return {
    ...(maxOutputTokens > 0 && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(seed !== undefined && { seed }),
    ...(stopSequences.length > 0 && { stopSequences: [...stopSequences] }),
    ...(reasoningEffort !== undefined && { reasoning: reasoningEffort }),
    ...(request.responseFormat !== undefined && { responseFormat: convertFormat(request.responseFormat) }),
    ...convertToolChoice(request, names),
  }
}

function convertFormat(format: ResponseFormat): NonNullable<LanguageModelV4CallOptions['responseFormat']> {
  if (format.type === 'json') return { type: 'json' }
  const schema = parseSchema(format.schema, `the response format "${format.name}"`)
  return { type: 'json', name: format.name, schema }
}

function convertTools(
  request: ModelRequest,
  settings: CallOptionSettings,
  marker: Metadata | undefined,
): (LanguageModelV4FunctionTool | LanguageModelV4ProviderTool)[] {
  const tools = request.tools.map(convertTool)
  const last = tools.at(-1)
  if (last !== undefined) Object.assign(last, withOptions(marker))
  return [
    ...settings.providerTools.map(({ id, name, args }) => ({ type: 'provider' as const, id, name, args })),
    ...tools,
  ]
}

function convertTool(tool: ToolDefinition): LanguageModelV4FunctionTool {
  return {
    type: 'function',
    name: tool.name,
    ...(tool.description !== '' && { description: tool.description }),
    inputSchema: tool.inputSchema.trim() === '' ? {} : parseSchema(tool.inputSchema, `the tool "${tool.name}"`),
  }
}

function convertToolChoice(
  request: ModelRequest,
  names: readonly string[],
): Pick<LanguageModelV4CallOptions, 'toolChoice'> {
  const choice = request.toolChoice ?? ''
  switch (choice) {
    case '':
      return {}
    case 'auto':
    case 'none':
      return { toolChoice: { type: choice } }
    case 'any':
    case 'required':
      return { toolChoice: { type: 'required' } }
    default:
      return { toolChoice: { type: 'tool', toolName: knownTool(names, choice) } }
  }
}

function knownTool(names: readonly string[], name: string): string {
  if (names.includes(name)) return name
  const offered = names.map((known) => `"${known}"`).join(', ')
  throw new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `toolChoice names the tool "${name}", but the request offers ${offered === '' ? 'none' : offered}`,
  )
}

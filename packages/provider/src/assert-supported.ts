import { ProviderError } from './provider-error.ts'
import type { Message, ModelRequest, ProviderCapabilities } from './provider.ts'

type Feature = keyof ProviderCapabilities

/** Each setting of a request that a vendor may not know, with the capability it needs. */
const SETTINGS: readonly (readonly [keyof ModelRequest, Feature])[] = [
  ['toolChoice', 'toolChoice'],
  ['stopSequences', 'stopSequences'],
  ['topK', 'topK'],
  ['maxOutputTokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['seed', 'seed'],
  ['reasoningEffort', 'reasoningEffort'],
  ['parallelToolCalls', 'parallelToolCalls'],
]

/**
 * Refuses a request that asks for what a provider cannot do, instead of leaving it out.
 *
 * A setting that asks for nothing (an empty `toolChoice`, no stop sequences,
 * `maxOutputTokens` 0) passes, and so does {@link ModelRequest.cache}: a vendor
 * that caches by itself, or not at all, gives the same answer.
 *
 * @param by - whom the error names: the id of the provider, with the model where models differ.
 * @throws {@link ProviderError} `PROVIDER_INVALID_OPTIONS`.
 */
export function assertSupported(
  request: Partial<ModelRequest>,
  capabilities: ProviderCapabilities,
  by: string | { readonly providerId: string; readonly model: string },
): void {
  const name = typeof by === 'string' ? quote(by) : `${quote(by.providerId)} with the model ${quote(by.model)}`
  const missing = SETTINGS.find(
    ([setting, feature]) => asks(setting, request[setting]) && capabilities[feature] !== true,
  )
  if (missing !== undefined) throw unsupported(name, missing[0])
  assertFormat(request, capabilities, name)
  if ((request.tools?.length ?? 0) > 0 && capabilities.tools !== true) throw unsupported(name, 'tools')
  for (const message of request.messages ?? []) assertAttachments(message, capabilities, name)
}

function assertFormat(request: Partial<ModelRequest>, able: ProviderCapabilities, name: string): void {
  const { responseFormat: format, tools = [] } = request
  if (format === undefined) return
  const isAble = format.type === 'json' ? able.jsonFormat : able.schemaFormat
  if (isAble !== true) throw unsupported(name, `a responseFormat of the type ${format.type}`)
  if (able.formatExcludesTools === true && tools.length > 0) throw unsupported(name, 'a responseFormat beside tools')
}

function assertAttachments(message: Message, able: ProviderCapabilities, name: string): void {
  if (message.role === 'assistant') return
  for (const { type } of message.attachments ?? []) {
    if ((type === 'image' ? able.images : able.files) !== true) throw unsupported(name, `${type}s`)
    if (message.role === 'tool' && able.toolAttachments !== true) throw unsupported(name, `${type}s in tool results`)
  }
}

function asks(setting: keyof ModelRequest, value: unknown): boolean {
  // Unlike no output at all, the temperature 0 and the seed 0 are something to ask for.
  if (setting === 'maxOutputTokens' && value === 0) return false
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function unsupported(name: string, what: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', `the provider ${name} cannot do ${what}`)
}

function quote(name: string): string {
  return `"${name}"`
}

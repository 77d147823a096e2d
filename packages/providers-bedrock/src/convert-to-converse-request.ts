import { type ModelRequest, ProviderError } from '@starling/provider'
import {
  convertClaudeSchema,
  type JsonObject,
  jsonObjectText,
  wellFormedJson,
  writeJson,
} from '@starling/provider-http'
import { cachePoint } from './cache-point.ts'
import { convertMessages } from './convert-messages.ts'
import { convertParams } from './convert-params.ts'
import { convertTools } from './convert-tools.ts'
import { effortFields, familyOf, isClaude, type ModelFamily, topKFields } from './model-family.ts'

/** What the body of a request depends on beside the request. */
export interface ConverseRequestSettings {
  /** The provider that the request is for. */
  readonly info: { readonly id: string }
  readonly citeDocuments: boolean
}

/** The parts of the body that settings and parameters both may fill. */
const SHARED = ['inferenceConfig', 'additionalModelRequestFields', 'outputConfig'] as const

/**
 * Writes the JSON body of a ConverseStream request.
 *
 * The schemas of tools, arguments and opaque parts go out as the exact texts of the request.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the request cannot be expressed.
 */
export function convertToConverseRequest(request: ModelRequest, settings: ConverseRequestSettings): string {
  if (request.model === '') throw invalid('the request names no model')
  const fields = settingsOf(request)
  const params = convertParams(request.params ?? {})
  const shared = Object.fromEntries(SHARED.map((name) => [name, mergeFields(name, fields[name], params[name])]))
  const body = writeJson(
    {
      ...params,
      ...shared,
      ...(request.systemPrompt !== '' && {
        system: [{ text: request.systemPrompt }, ...cachePoint(request, 'systemPrompt')],
      }),
      messages: convertMessages(request, settings),
      toolConfig: convertTools(request),
    },
    'request',
  )
  // Here already: the body is signed, and must go out as it was.
  return wellFormedJson(body)
}

function settingsOf(request: ModelRequest): Partial<Record<(typeof SHARED)[number], JsonObject>> {
  const { maxOutputTokens = 0, temperature, topP, stopSequences = [], topK, reasoningEffort } = request
  const family = familyOf(request.model)
  const effort = reasoningEffort === undefined ? {} : effortFields(family, reasoningEffort, maxOutputTokens)
  return {
    inferenceConfig: {
      maxTokens: maxOutputTokens > 0 ? maxOutputTokens : undefined,
      temperature,
      topP,
      stopSequences: stopSequences.length > 0 ? stopSequences : undefined,
    },
    additionalModelRequestFields: {
      ...(topK !== undefined && topKFields(family, topK)),
      ...effort.additional,
    },
    outputConfig: { effort: effort.effort, textFormat: textFormat(request.responseFormat, family) },
  }
}

function textFormat(format: ModelRequest['responseFormat'], family: ModelFamily): JsonObject | undefined {
  // Bedrock knows no other format, which the capabilities of the provider say.
  if (format?.type !== 'json-schema') return undefined
  const schema = isClaude(family)
    ? convertClaudeSchema(format.schema)
    : jsonObjectText(format.schema, 'the schema of responseFormat').text
  return { type: 'json_schema', structure: { jsonSchema: { schema, name: format.name } } }
}

function mergeFields(name: string, settings: JsonObject = {}, params: unknown): JsonObject | undefined {
  const fields = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  const given: JsonObject = { ...(typeof params === 'object' ? params : {}) }
  const twice = Object.keys(given).find((key) => key in fields)
  if (twice !== undefined) {
    throw invalid(`params may not set ${name}.${twice}: a setting of the request does`)
  }
  const merged = { ...given, ...fields }
  return Object.keys(merged).length === 0 ? undefined : merged
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}

import { type ModelRequest, ProviderError } from '@starling/provider'
import {
  convertClaudeSchema,
  endThinking,
  isJsonObject,
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
  const { messages, additionalFields } = settleThinking(
    request,
    settings.info.id,
    shared['additionalModelRequestFields'],
  )
  const body = writeJson(
    {
      ...params,
      ...shared,
      ...additionalFields,
      ...(request.systemPrompt !== '' && {
        system: [{ text: request.systemPrompt }, ...cachePoint(request, 'systemPrompt')],
      }),
      messages: convertMessages({ ...request, messages }, settings),
      toolConfig: convertTools(request),
    },
    'request',
  )
  // Here already: the body is signed, and must go out as it was.
  return wellFormedJson(body)
}

// A Claude that thinks within a budget cannot begin to in a tool loop that others have begun, as after a fallback.
function settleThinking({ model, messages }: ModelRequest, providerId: string, additional: JsonObject = {}): Settled {
  const { thinking } = additional
  const isBudget = isJsonObject(thinking) && thinking['type'] === 'enabled'
  const rest = isBudget && isClaude(familyOf(model)) ? endThinking(messages, { providerId, model }) : undefined
  if (rest === undefined) return { messages, additionalFields: {} }
  return {
    messages: rest,
    additionalFields: { additionalModelRequestFields: { ...additional, thinking: { type: 'disabled' } } },
  }
}

/** What a request is sent with where Claude may not think. */
interface Settled extends Pick<ModelRequest, 'messages'> {
  /** In place of those that ask for it. */
  readonly additionalFields: JsonObject
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

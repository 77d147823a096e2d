import { utf8Decode } from '@starling/event'
import { type AssistantMessage, type AssistantPart, isOwnAnswer, partsOf } from '@starling/provider'
import { type JsonObject, jsonObjectText, JsonText, parseJsonObject } from '@starling/provider-http'

/** For whom an earlier answer is converted. */
export interface AnswerTarget {
  readonly providerId: string
  readonly model: string
  /** Whether the model refuses a tool call that nobody signed. */
  readonly wantsSignedCalls: boolean
}

/** A part of a content, as it is sent. */
type Part = JsonObject | JsonText

// For calls that another model made: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs.
const UNSIGNED = 'skip_thought_signature_validator'

/**
 * Converts an earlier answer back to the parts it came in, with their signatures where they were.
 *
 * Of an answer that another provider or model gave only the texts and the tool
 * calls go out: a signature is for the model that gave it.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for an opaque part that is no JSON object.
 */
export function convertAnswer(message: AssistantMessage, target: AnswerTarget): Part[] {
  const { providerId, model, wantsSignedCalls } = target
  const isOwn = isOwnAnswer(message, providerId, model)
  const parts = partsOf(message, providerId, model).flatMap((part) => (isOwn ? ownParts(part) : foreignParts(part)))
  return wantsSignedCalls ? withSignedCall(parts) : parts
}

function ownParts(part: AssistantPart): Part[] {
  switch (part.type) {
    case 'text':
      return textParts(part.text, part.signature)
    case 'reasoning':
      // Nothing here is redacted: such a block is another vendor's.
      if (part.redacted === true || (part.text === '' && !isSigned(part.signature))) return []
      return [{ text: part.text, thought: true, ...signed(part.signature) }]
    case 'tool-use':
      return [callPart(part)]
    case 'opaque':
      return [jsonObjectText(part.data, 'an opaque part of the conversation')]
  }
}

function foreignParts(part: AssistantPart): Part[] {
  if (part.type === 'text') return textParts(part.text)
  return part.type === 'tool-use' ? [callPart({ ...part, signature: undefined })] : []
}

function textParts(text: string, signature?: Uint8Array): Part[] {
  return text === '' && !isSigned(signature) ? [] : [{ text, ...signed(signature) }]
}

function callPart({ callId, name, arguments: args, signature }: AssistantPart & { type: 'tool-use' }): Part {
  return { functionCall: { id: callId, name, args: argsOf(args) }, ...signed(signature) }
}

// The API takes an object and nothing else; what a model wrote instead is told as such.
function argsOf(args: string): Part {
  const text = args.trim() === '' ? '{}' : args.trim()
  return parseJsonObject(text) === undefined ? { INVALID_JSON: args } : new JsonText(text)
}

function withSignedCall(parts: readonly Part[]): Part[] {
  const first = parts.findIndex((part) => 'functionCall' in part)
  return parts.map((part, index) =>
    index !== first || part instanceof JsonText || 'thoughtSignature' in part
      ? part
      : { ...part, thoughtSignature: UNSIGNED },
  )
}

function signed(signature: Uint8Array | undefined): { thoughtSignature?: string } {
  return isSigned(signature) ? { thoughtSignature: utf8Decode(signature) } : {}
}

function isSigned(signature: Uint8Array | undefined): signature is Uint8Array {
  return signature !== undefined && signature.length > 0
}

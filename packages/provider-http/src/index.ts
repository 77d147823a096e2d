export { addUsage } from './add-usage.ts'
export {
  type CallContext,
  errorFromContentType,
  errorFromResponse,
  errorFromStream,
  errorFromTransport,
  ofRequest,
} from './answer-failures.ts'
export { type AnswerContext, type AnswerReader, cutOff, exactEvent, isWhole, parseEvent } from './answer-reader.ts'
export { assertAble } from './assert-able.ts'
export { type CallScope, createCallScope } from './call-scope.ts'
export { checkOptionNames } from './check-option-names.ts'
export { createPartCollector, type PartCollector } from './collect-parts.ts'
export { convertClaudeSchema } from './convert-claude-schema.ts'
export { convertParams } from './convert-params.ts'
export { type ClassifierTables, createClassifier } from './create-classifier.ts'
export { createSseDecoder, type SseDecoder, type SseEvent } from './decode-sse.ts'
export { endThinking, type ThinkingTarget } from './end-thinking.ts'
export type { ApiKey, HttpProviderOptions, HttpTimeouts } from './http-provider-options.ts'
export { isJsonObject, type JsonObject } from './json-object.ts'
export { jsonObjectText, JsonText, jsonText, kindOf, parseExact, parseJsonObject, writeJson } from './json-text.ts'
export { createRawResponseHash, type RawResponseHash } from './raw-response-hash.ts'
export { createRedact, type Redact } from './redact.ts'
export { type Connection, type Credentials, resolveConnection } from './resolve-connection.ts'
export { resolveTimeouts } from './resolve-timeouts.ts'
export {
  type HttpRequest,
  streamAnswer,
  type StreamCall,
  streamDecoded,
  type StreamDecoder,
  type Transport,
} from './stream-answer.ts'
export { shorten, summarizeBody } from './summarize-body.ts'
export { errorOfText, parseVendorError, type VendorError } from './vendor-error.ts'
export { isHostOf, type OwnOptionNames, type RefusedAt, type VendorProfile } from './vendor-profile.ts'
export { wellFormedJson } from './well-formed-json.ts'

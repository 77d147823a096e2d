export { assertSupported } from './assert-supported.ts'
export { capabilitiesFor } from './capabilities-for.ts'
export { checkChunks, createChunkChecker, type ChunkChecker } from './check-chunks.ts'
export { classifyTransportError, type TransportErrorOptions } from './classify-transport-error.ts'
export { classifyStatus, errorFromStatus, isRetryableStatus, type StatusErrorOptions } from './classify-status.ts'
export { isOwnAnswer, partsOf } from './parts-of.ts'
export { parseRetryAfter, type HeaderSource } from './parse-retry-after.ts'
export { isProviderError, ProviderError, type ProviderErrorCode, type ProviderErrorOptions } from './provider-error.ts'
export {
  REASONING_EFFORTS,
  STOP_REASONS,
  type AssistantMessage,
  type AssistantPart,
  type Attachment,
  type CacheControl,
  type CallOptions,
  type Message,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
  type ReasoningBlock,
  type ReasoningEffort,
  type ResponseFormat,
  type StopReason,
  type ToolDefinition,
  type ToolMessage,
  type ToolUse,
  type Usage,
  type UserMessage,
} from './provider.ts'
export { normalizeUsage, type NormalizeUsageOptions, type ReportedUsage } from './usage.ts'
export { withoutMarks } from './without-marks.ts'

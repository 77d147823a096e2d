export { checkChunks, createChunkChecker, type ChunkChecker } from './check-chunks.ts'
export { classifyTransportError, type TransportErrorOptions } from './classify-transport-error.ts'
export { classifyStatus, errorFromStatus, isRetryableStatus, type StatusErrorOptions } from './classify-status.ts'
export { parseRetryAfter, type HeaderSource } from './parse-retry-after.ts'
export { isProviderError, ProviderError, type ProviderErrorCode, type ProviderErrorOptions } from './provider-error.ts'
export {
  STOP_REASONS,
  type CallOptions,
  type Message,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
  type ReasoningBlock,
  type StopReason,
  type ToolDefinition,
  type ToolUse,
  type Usage,
} from './provider.ts'
export { normalizeUsage, type NormalizeUsageOptions, type ReportedUsage } from './usage.ts'

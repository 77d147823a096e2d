export { McpError, type McpErrorCode } from './mcp-error.ts'
export type {
  McpCustomTransport,
  McpHttpTransport,
  McpRevision,
  McpSourceOptions,
  McpStdioTransport,
  McpTransport,
} from './mcp-options.ts'
export { createMcpSource, type McpSource } from './mcp-source.ts'

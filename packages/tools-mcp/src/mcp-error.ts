import { StarlingError } from '@starling/event'

/** Why an MCP server, or one of its tools, could not be used. */
export type McpErrorCode =
  /** The options of a source contradict themselves or name nothing usable. */
  | 'MCP_INVALID_OPTIONS'
  /** The server cannot be started or reached, or does not speak the protocol. */
  | 'MCP_CONNECTION_FAILED'
  /** The server, or the authorization server before it, refuses the credentials or has none. */
  | 'MCP_UNAUTHORIZED'
  /** What the server lists cannot be made tools. */
  | 'MCP_INVALID_CATALOGUE'
  /** The server answered a request with an error of the protocol, or with what is no answer. */
  | 'MCP_REQUEST_FAILED'
  /** The tool ran and reported that it failed. */
  | 'MCP_TOOL_FAILED'

/** An error of an MCP server. */
export class McpError extends StarlingError<McpErrorCode> {}

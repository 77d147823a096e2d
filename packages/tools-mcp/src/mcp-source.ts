import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { isTransient, type ToolSource } from '@starling/tool'

import { readCatalogue, writeCatalogue, type Catalogue } from './catalogue.ts'
import { Connection } from './connection.ts'
import { isSilence, toFailure } from './failure.ts'
import { sizeOf } from './limit-output.ts'
import { listServer, type ListContext } from './list-server.ts'
import { maskError, Secrets, type Mask } from './mask.ts'
import { McpError } from './mcp-error.ts'
import type { McpSourceOptions } from './mcp-options.ts'
import { openHttpTransport } from './open-transport.ts'
import { createRemoteTool, type RemoteTools } from './remote-tool.ts'
import { resolveOptions } from './resolve-options.ts'
import { SchemaValidators } from './schema-validators.ts'

/** The tools of one MCP server. */
export interface McpSource extends ToolSource, AsyncDisposable {
  /**
   * Ends the authorization of a user that the OAuth provider began, with the parameters of the address the user
   * came back to. Whether `state` is the one that was sent is for the caller to check.
   *
   * @throws {@link McpError} `MCP_UNAUTHORIZED` when the code is refused, `MCP_INVALID_OPTIONS` without such a provider.
   */
  finishAuth(callback: URLSearchParams): Promise<void>
}

/**
 * Creates the source of the tools of one MCP server.
 *
 * The server is started, or connected, when its tools are listed or one of them
 * is called; all runs share the connection. Call `close()` when no more runs come.
 *
 * @throws {@link McpError} `MCP_INVALID_OPTIONS`.
 * @example
 * ```ts
 * const files = createMcpSource({
 *   name: 'files',
 *   transport: { type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/docs'] },
 *   exclude: ['write_file', 'edit_file', 'move_file', 'create_directory'],
 * })
 * ```
 */
export function createMcpSource(options: McpSourceOptions): McpSource {
  const given = resolveOptions(options)
  const secrets = new Secrets(given.transport)
  const { mask } = secrets
  const transport = secrets.watch(given.transport)
  const resolved = { ...given, transport }
  const connection = new Connection(resolved, mask)
  const validators = new SchemaValidators()
  const toTools = (catalogue: Catalogue): ReturnType<ToolSource['restore']> => {
    const shared: RemoteTools = { connection, options: resolved, shape: catalogue.options, mask, validators }
    return catalogue.tools.map((entry) => createRemoteTool(entry, shared))
  }
  const close = (): Promise<void> => connection.close()
  return {
    name: resolved.name,
    async list({ signal }) {
      const catalogue = await list(connection, { options: resolved, validators, signal, mask })
      const recorded = writeCatalogue(catalogue)
      assertRecordable(recorded, resolved.name)
      return { tools: toTools(catalogue), recorded }
    },
    restore: (recorded) => toTools(readCatalogue(recorded, resolved.name)),
    close,
    [Symbol.asyncDispose]: close,
    async finishAuth(callback) {
      if (transport.type !== 'http' || typeof transport.auth !== 'object') {
        throw new McpError('MCP_INVALID_OPTIONS', `mcp source ${resolved.name} has no OAuth provider`)
      }
      try {
        const before = connection.lastTransport
        const http = before instanceof StreamableHTTPClientTransport ? before : openHttpTransport(transport)
        await http.finishAuth(callback)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.name : 'unknown'
        const message = `mcp server "${resolved.name}": the authorization was not completed (${reason})`
        throw new McpError('MCP_UNAUTHORIZED', message, { cause: maskError(cause, mask) })
      }
    },
  }
}

/** Every run records it, and no model takes as much. */
const MAX_CATALOGUE_BYTES = 16 * 1024 * 1024

function assertRecordable(recorded: string, source: string): void {
  const size = sizeOf(recorded)
  if (size <= MAX_CATALOGUE_BYTES) return
  const message = `the tools of mcp server "${source}" have ${size} bytes, more than ${MAX_CATALOGUE_BYTES}; include fewer`
  throw new McpError('MCP_INVALID_CATALOGUE', message)
}

interface Listing extends ListContext {
  readonly signal: AbortSignal | undefined
  readonly mask: Mask
}

async function list(connection: Connection, listing: Listing): Promise<Catalogue> {
  try {
    return await listOnce(connection, listing)
  } catch (error) {
    // The session, or the process, may have gone since the last run; listing twice does no harm.
    if (!isTransient(error)) throw error
    return listOnce(connection, listing)
  }
}

async function listOnce(connection: Connection, listing: Listing): Promise<Catalogue> {
  const { options, signal, mask } = listing
  const link = await connection.use(signal)
  const timeout = options.connectTimeoutMs
  // For the whole list, however many pages it has.
  const late = AbortSignal.timeout(timeout)
  const either = signal === undefined ? late : AbortSignal.any([signal, late])
  const what = `mcp server "${options.name}" cannot list its tools`
  try {
    const catalogue = await listServer(link, listing, { timeout, signal: either })
    connection.succeeded()
    return catalogue
  } catch (error) {
    signal?.throwIfAborted()
    connection.failed(link, error)
    if (!isSilence(error)) throw toFailure(error, { what, mask, detail: link.describeEnd(), classify: undefined })
    link.checkAlive()
    const message = `${what}: it was not done within ${timeout} ms`
    throw new McpError('MCP_CONNECTION_FAILED', message, { cause: maskError(error, mask), retryable: true })
  }
}

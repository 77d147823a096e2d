import {
  StreamableHTTPClientTransport,
  type AuthProvider,
  type OAuthClientProvider,
  type Transport,
} from '@modelcontextprotocol/client'

import { streamEnded } from './failure.ts'
import type { McpHttpTransport } from './mcp-options.ts'
import { ProcessTransport } from './process-transport.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** Makes the transport of one connection; nothing is started. */
export function openTransport({ transport, maxOutputBytes }: ResolvedOptions): Transport {
  switch (transport.type) {
    case 'stdio':
      return new ProcessTransport({
        ...transport,
        maxMessageLength: MIN_MESSAGE_LENGTH + 2 * maxOutputBytes,
        graceMs: GRACE_MS,
      })
    case 'http':
      return openHttpTransport(transport)
    case 'custom':
      return transport.open()
  }
}

/** Room for the images beside a result, which do not count as output. */
const MIN_MESSAGE_LENGTH = 32 * 1024 * 1024

const GRACE_MS = 2000

/** Makes the transport of a server over HTTP. */
export function openHttpTransport({ url, headers, auth, fetch }: McpHttpTransport): StreamableHTTPClientTransport {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    ...(headers === undefined ? {} : { requestInit: { headers: { ...headers } } }),
    ...(auth === undefined ? {} : { authProvider: typeof auth === 'function' ? bearer(auth) : auth }),
    ...(fetch === undefined ? {} : { fetch }),
  })
  answerCutStreams(transport)
  return transport
}

function bearer(token: Exclude<McpHttpTransport['auth'], OAuthClientProvider | undefined>): AuthProvider {
  return { token: async () => token() }
}

/** The SDK lets a request wait on when the stream of its answer ends without one: fail it instead. */
function answerCutStreams(transport: StreamableHTTPClientTransport): void {
  const send = transport.send.bind(transport)
  transport.send = (message, options) => {
    if (Array.isArray(message) || !('id' in message) || !('method' in message)) return send(message, options)
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.()
      transport.onmessage?.(streamEnded(message.id))
    }
    return send(message, { ...options, onRequestStreamEnd })
  }
}

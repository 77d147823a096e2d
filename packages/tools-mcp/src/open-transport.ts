import {
  StreamableHTTPClientTransport,
  type AuthProvider,
  type OAuthClientProvider,
  type Transport,
} from '@modelcontextprotocol/client'

import { streamEnded } from './failure.ts'
import { limitBody } from './limit-body.ts'
import type { McpHttpTransport } from './mcp-options.ts'
import { ProcessTransport } from './process-transport.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** Room for the images beside a result, which do not count as output. */
const MIN_MESSAGE_LENGTH = 32 * 1024 * 1024

const GRACE_MS = 2000

/** Makes the transport of one connection; nothing is started. */
export function openTransport({ transport, maxOutputBytes }: ResolvedOptions): Transport {
  const maxMessageLength = MIN_MESSAGE_LENGTH + 2 * maxOutputBytes
  switch (transport.type) {
    case 'stdio':
      return new ProcessTransport({ ...transport, maxMessageLength, graceMs: GRACE_MS })
    case 'http':
      return openHttpTransport(transport, maxMessageLength)
    case 'custom':
      return transport.open()
  }
}

/** Makes the transport of a server over HTTP. */
export function openHttpTransport(
  { url, headers, auth, fetch = globalThis.fetch }: McpHttpTransport,
  maxMessageBytes: number = MIN_MESSAGE_LENGTH,
): StreamableHTTPClientTransport {
  let excess: string | undefined
  const limited = limitBody(fetch, maxMessageBytes, (reason) => {
    excess = reason
  })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: limited,
    ...(headers === undefined ? {} : { requestInit: { headers: { ...headers } } }),
    ...(auth === undefined ? {} : { authProvider: typeof auth === 'function' ? bearer(auth) : auth }),
  })
  answerCutStreams(transport, () => excess ?? 'the stream of the answer ended without one')
  return transport
}

function bearer(token: Exclude<McpHttpTransport['auth'], OAuthClientProvider | undefined>): AuthProvider {
  return { token: async () => token() }
}

/** The SDK lets a request wait on when the stream of its answer ends without one: fail it instead. */
function answerCutStreams(transport: StreamableHTTPClientTransport, why: () => string): void {
  const send = transport.send.bind(transport)
  transport.send = (message, options) => {
    if (Array.isArray(message) || !('id' in message) || !('method' in message)) return send(message, options)
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.()
      transport.onmessage?.(streamEnded(message.id, why()))
    }
    return send(message, { ...options, onRequestStreamEnd })
  }
}

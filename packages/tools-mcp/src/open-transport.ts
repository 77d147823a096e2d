import {
  StreamableHTTPClientTransport,
  type AuthProvider,
  type OAuthClientProvider,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/client'

import { streamEnded } from './failure.ts'
import { limitBody } from './limit-body.ts'
import type { McpHttpTransport } from './mcp-options.ts'
import { ProcessTransport } from './process-transport.ts'
import { repairBody } from './repair-body.ts'
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
    fetch: repairBody(limited, maxMessageBytes),
    ...(headers === undefined ? {} : { requestInit: { headers: { ...headers } } }),
    ...(auth === undefined ? {} : { authProvider: typeof auth === 'function' ? bearer(auth) : auth }),
  })
  answerCutStreams(transport, () => excess ?? 'the stream of the answer ended without one')
  endCancelledRequests(transport)
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

/**
 * Before 2026 the SDK tells the server of a request that was given up, and lets its answer stay open: end that too.
 *
 * The SDK calls the listener that it finds before its own, so the answers are seen here first.
 */
function endCancelledRequests(transport: StreamableHTTPClientTransport): void {
  const open = new Map<RequestId, AbortController>()
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
  transport.onmessage = (message) => {
    if ('id' in message && message.id !== undefined && !('method' in message)) open.delete(message.id)
  }
  const send = transport.send.bind(transport)
  transport.send = async (message, options) => {
    if (Array.isArray(message) || !('method' in message)) return send(message, options)
    if (!('id' in message)) {
      const cancelled = message.method === 'notifications/cancelled' ? message.params?.['requestId'] : undefined
      await send(message, options)
      if (typeof cancelled !== 'number' && typeof cancelled !== 'string') return
      open.get(cancelled)?.abort()
      open.delete(cancelled)
      return
    }
    const { id } = message
    const controller = new AbortController()
    open.set(id, controller)
    // Since 2026 the SDK ends it by itself.
    const onAbort = (): void => {
      open.delete(id)
      controller.abort()
    }
    options?.requestSignal?.addEventListener('abort', onAbort, { once: true })
    try {
      await send(message, { ...options, requestSignal: controller.signal })
    } catch (error) {
      open.delete(id)
      throw error
    }
  }
}

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'

import { WebStandardStreamableHTTPServerTransport, type McpServerFactory } from '@modelcontextprotocol/server'

/** A server on loopback. */
export interface LoopbackServer extends AsyncDisposable {
  readonly url: string
}

/** Answers requests; the base address is known to it. */
export type Handler = (request: Request, base: string) => Response | Promise<Response>

/** Serves `handler` on a free port of loopback. */
export async function openLoopback(handler: Handler): Promise<LoopbackServer> {
  const server = createServer((incoming, outgoing) => {
    void respond(server, { incoming, outgoing, handler })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: baseOf(server),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Serves a server of 2025-11-25 with sessions, as those of the time do. */
export function createSessionHandler(factory: McpServerFactory): Handler {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request) => {
    const known = sessions.get(request.headers.get('mcp-session-id') ?? '')
    if (known !== undefined) return known.handleRequest(request)
    if (request.headers.has('mcp-session-id')) return new Response('session not found', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    const server = await factory({ era: 'legacy' })
    await server.connect(transport)
    return transport.handleRequest(request)
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly handler: Handler
}

async function respond(server: Server, { incoming, outgoing, handler }: Exchange): Promise<void> {
  const base = baseOf(server)
  const aborted = new AbortController()
  outgoing.once('close', () => aborted.abort())
  const hasBody = incoming.method === 'POST'
  const request = new Request(new URL(incoming.url ?? '/', base), {
    method: incoming.method ?? 'GET',
    headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
    signal: aborted.signal,
    ...(hasBody ? { body: await readBody(incoming) } : {}),
  })
  const response = await handler(request, base)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) {
    outgoing.end()
    return
  }
  // A stream that breaks off breaks the connection off.
  Readable.fromWeb(response.body)
    .on('error', () => outgoing.destroy())
    .pipe(outgoing)
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8')
  let body = ''
  for await (const chunk of incoming) body += String(chunk)
  return body
}

function baseOf(server: Server): string {
  const address: string | AddressInfo | null = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

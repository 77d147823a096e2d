import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A server on loopback that answers every request in the same way. */
export interface LoopbackServer extends AsyncDisposable {
  /** Where it listens, without a path. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** How many connections were opened so far, and how many are open. */
  readonly connections: { readonly opened: number; readonly open: number }
  /** Resolves once no connection is open. */
  allClosed(): Promise<void>
}

/** Answers one request. */
export type Respond = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>

/** Opens a server that answers with `respond`. */
export async function openLoopbackServer(respond: Respond): Promise<LoopbackServer> {
  const requests: ReceivedRequest[] = []
  const connections = { opened: 0, open: 0 }
  const server = createServer((request, response) => {
    void receive(request).then(async (received) => {
      requests.push(received)
      await respond(response, received)
    })
  })
  const waiting: (() => void)[] = []
  server.on('connection', (socket) => {
    connections.opened++
    connections.open++
    socket.on('close', () => {
      connections.open--
      if (connections.open === 0) for (const resolve of waiting.splice(0)) resolve()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    connections,
    allClosed: () =>
      new Promise((resolve) => {
        if (connections.open === 0) resolve()
        else waiting.push(resolve)
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** Answers with one body, whole. */
export function respondWith(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Respond {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
    response.end(body)
  }
}

/** Answers 200 with these parts, each in a write of its own that has left the process, then closes in good order. */
export function respondInParts(parts: readonly (string | Uint8Array)[]): Respond {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const part of parts) await write(response, part)
    response.end()
  }
}

/** Writes and resolves once the bytes have been handed to the system. */
export function write(response: ServerResponse, part: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(part, () => {
      resolve()
    })
  })
}

/** Writes the same again and again until the other side is gone. */
export async function writeUntilClosed(response: ServerResponse, part: string | Uint8Array): Promise<void> {
  while (!response.destroyed) {
    await write(response, part)
    await new Promise(setImmediate)
  }
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const body: unknown = JSON.parse(await text(request))
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return { method: request.method ?? '', path: request.url ?? '', headers: Object.fromEntries(headers), body }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error(`not listening on a port: ${String(address)}`)
  return address.port
}

import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A server on loopback. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** The lines of the requests that came, such as `GET /page`. */
  readonly requests: readonly string[]
  /** Resolves with the next request. */
  nextRequest(): Promise<IncomingMessage>
}

/** Where and how a {@link TestServer} listens. */
export interface TestServerOptions {
  /** Default: `127.0.0.1`. */
  readonly host?: string
  /** Default: any that is free. */
  readonly port?: number
  /** Default: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Opens a server that answers as `listener` says. */
export async function openServer(listener: RequestListener, options: TestServerOptions = {}): Promise<TestServer> {
  const { host = '127.0.0.1', port: wanted = 0, tls } = options
  const requests: string[] = []
  const waiting: ((request: IncomingMessage) => void)[] = []
  const handle: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    for (const resolve of waiting.splice(0)) resolve(request)
    response.on('error', () => undefined)
    listener(request, response)
  }
  const server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(wanted, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

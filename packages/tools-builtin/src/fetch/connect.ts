import type { LookupFunction, Socket } from 'node:net'
import { rootCertificates } from 'node:tls'

import { buildConnector, Client } from 'undici'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { unmapIp } from '../net/address-check.ts'
import { parseIp } from '../net/ip-address.ts'
import type { FetchSettings, ProxySettings } from './fetch-options.ts'

/** What a connection is made with. */
export interface ConnectOptions {
  /** Checked; the connection goes to one of these and asks nobody again. */
  readonly addresses: readonly string[]
  readonly settings: Pick<FetchSettings, 'ca' | 'proxy' | 'hopTimeoutMs'>
  /** Closes the connection at once, also while it is being made. */
  readonly signal: AbortSignal
}

/** A client for one server. */
export interface ServerClient {
  readonly client: Client
  /** How many bytes have come from the server so far, with everything that frames the body. */
  receivedBytes(): number
}

/** Makes a client for one server, bound to the addresses that were checked. */
export function openClient(url: URL, options: ConnectOptions): ServerClient {
  const { proxy } = options.settings
  const connect = proxy === undefined ? connectDirectly(options) : connectByProxy(proxy, options)
  let connected: Socket | undefined
  const observed: buildConnector.connector = (target, callback) =>
    connect(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      connected = socket
      return callback(null, socket)
    })
  return {
    client: new Client(url.origin, { connect: observed, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 1 }),
    receivedBytes: () => connected?.bytesRead ?? 0,
  }
}

function connectDirectly({ addresses, settings, signal }: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({ ...socketOptions(settings, signal), lookup: pinnedLookup(addresses) })
  return (target, callback) => {
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null)
      const { remoteAddress = 'nowhere' } = socket
      if (isOneOf(addresses, remoteAddress)) return callback(null, socket)
      socket.destroy()
      // The lookup above leaves no way to get here; if one appears, nothing must be sent on it.
      return callback(new BuiltinToolError('BUILTIN_REFUSED', `connected to ${remoteAddress}, not as checked`), null)
    })
  }
}

/** Sends everything through a tunnel to the first address: a proxy makes one connection for each. */
function connectByProxy(proxy: ProxySettings, options: ConnectOptions): buildConnector.connector {
  const { addresses, settings, signal } = options
  const secure = buildConnector(socketOptions(settings, signal))
  return (target, callback) => {
    const [address = ''] = addresses
    const isSecure = target.protocol === 'https:'
    const port = target.port || (isSecure ? '443' : '80')
    // oxlint-disable promise/no-callback-in-promise -- the client is told by a callback
    openTunnel(`${bracket(address)}:${port}`, proxy, options).then(
      (socket) => (isSecure ? secure({ ...target, httpSocket: socket }, callback) : callback(null, socket)),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
    // oxlint-enable promise/no-callback-in-promise
  }
}

async function openTunnel(target: string, proxy: ProxySettings, options: ConnectOptions): Promise<Socket> {
  const { settings, signal } = options
  const client = new Client(proxy.origin, { connect: socketOptions(settings, signal), headersTimeout: 0 })
  const { authorization } = proxy
  const headers = { host: target, ...(authorization !== undefined && { 'proxy-authorization': authorization }) }
  const { statusCode, socket } = await client
    .connect({ path: target, headers, signal })
    .catch(async (error: unknown) => {
      await client.destroy()
      throw error
    })
  if (statusCode !== 200) {
    socket.destroy()
    throw new BuiltinToolError('BUILTIN_FAILED', `the proxy answered ${statusCode} instead of making a tunnel`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of HTTP/1.1 it is always the socket that the client had
  return socket as Socket
}

interface SocketOptions {
  readonly timeout: number
  readonly rejectUnauthorized: true
  /** The client looks at a signal only once it is connected; the socket does from the start. */
  readonly signal: AbortSignal
  readonly ca?: string[]
}

/** Whom to trust is said here, so that no variable of the environment can turn it off. */
function socketOptions({ ca, hopTimeoutMs }: ConnectOptions['settings'], signal: AbortSignal): SocketOptions {
  const own = { timeout: hopTimeoutMs, rejectUnauthorized: true, signal } as const
  return ca === undefined ? own : { ...own, ca: [...rootCertificates, ca] }
}

/** A lookup that knows the answer: what was checked is what is connected to. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_host, options, callback) => {
    const [first] = found
    if (options.all === true || first === undefined) callback(null, found)
    else callback(null, first.address, first.family)
  }
}

/** Reports whether a socket leads to one of these; it may show an address of IPv4 in the notation of IPv6. */
function isOneOf(addresses: readonly string[], connected: string): boolean {
  const target = plainIp(connected)
  return target !== undefined && addresses.some((address) => plainIp(address) === target)
}

/** An address as a text that is the same for every notation. */
function plainIp(text: string): string | undefined {
  const address = parseIp(text)
  if (address === undefined) return undefined
  const { version, value } = unmapIp(address)
  return `${version}:${value}`
}

function bracket(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

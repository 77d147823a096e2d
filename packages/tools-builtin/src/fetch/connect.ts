import type { LookupFunction, Socket } from 'node:net'
import { rootCertificates } from 'node:tls'

import { buildConnector, Client } from 'undici'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { parseIp } from '../net/ip-address.ts'
import type { FetchSettings } from './fetch-options.ts'

/** What a connection is made with. */
export interface ConnectOptions {
  /** Checked; the connection goes to one of these and asks nobody again. */
  readonly addresses: readonly string[]
  readonly settings: Pick<FetchSettings, 'ca' | 'proxy' | 'hopTimeoutMs'>
  readonly signal: AbortSignal
}

/** Makes a client for one server, bound to the addresses that were checked. */
export function openClient(url: URL, options: ConnectOptions): Client {
  const { settings } = options
  const connect = settings.proxy === undefined ? connectDirectly(options) : connectByProxy(options)
  return new Client(url.origin, { connect, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 1 })
}

function connectDirectly({ addresses, settings }: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({ ...tlsOptions(settings), lookup: pinnedLookup(addresses) })
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
function connectByProxy({ addresses, settings, signal }: ConnectOptions): buildConnector.connector {
  const secure = buildConnector(tlsOptions(settings))
  return (target, callback) => {
    const [address = ''] = addresses
    const isSecure = target.protocol === 'https:'
    const port = target.port || (isSecure ? '443' : '80')
    // oxlint-disable promise/no-callback-in-promise -- the client is told by a callback
    openTunnel(`${bracket(address)}:${port}`, settings, signal).then(
      (socket) => (isSecure ? secure({ ...target, httpSocket: socket }, callback) : callback(null, socket)),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
    // oxlint-enable promise/no-callback-in-promise
  }
}

async function openTunnel(target: string, settings: ConnectOptions['settings'], signal: AbortSignal): Promise<Socket> {
  const { proxy } = settings
  if (proxy === undefined) throw new TypeError('expected a proxy')
  const client = new Client(proxy.url.origin, { connect: tlsOptions(settings), headersTimeout: 0 })
  const { username, password } = proxy.url
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers = {
    host: target,
    ...(username !== '' && { 'proxy-authorization': `Basic ${btoa(credentials)}` }),
  }
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

interface TlsOptions {
  readonly timeout: number
  readonly rejectUnauthorized: true
  readonly ca?: string[]
}

/** Said here, so that no variable of the environment can turn it off. */
function tlsOptions({ ca, hopTimeoutMs }: ConnectOptions['settings']): TlsOptions {
  const own = { timeout: hopTimeoutMs, rejectUnauthorized: true } as const
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
  const plain = connected.replace(/^::ffff:(?=\d+\.)/i, '')
  const value = parseIp(plain)?.value
  return addresses.some((address) => parseIp(address.replace(/^::ffff:(?=\d+\.)/i, ''))?.value === value)
}

function bracket(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

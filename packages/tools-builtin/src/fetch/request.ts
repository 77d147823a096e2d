import type { Readable } from 'node:stream'

import { ToolError, transient } from '@starling/tool'
import { BuiltinToolError } from '../builtin-tool-error.ts'
import { errorCode } from '../error-code.ts'
import { openClient, type ServerClient } from './connect.ts'
import type { FetchSettings } from './fetch-options.ts'
import { ACCEPT_ENCODING, readBody, type ReadBody } from './read-body.ts'

/** The methods of the tool: those that are meant to change nothing. */
export const METHODS = ['GET', 'HEAD'] as const

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number]

/** What is asked for. */
export interface FetchRequest {
  readonly url: string
  readonly method: Method
  readonly maxBytes: number
}

/** What the last server answered. */
export interface FetchAnswer extends ReadBody {
  /** Of the last server, after all redirects. */
  readonly url: URL
  readonly status: number
  /** By names in small letters; one that came several times is joined by commas. */
  readonly headers: Readonly<Record<string, string>>
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What is worth another attempt: the connection, not what was said on it. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

/**
 * Sends a request and follows redirects; every address on the way passes the gate before it is connected to.
 *
 * Rejects with the reason of `signal`, `TOOL_TIMEOUT`, `TOOL_TRANSIENT`, or a `BuiltinToolError`.
 */
export async function sendRequest(
  request: FetchRequest,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<FetchAnswer> {
  const { gate, maxRedirects, timeoutMs } = settings
  const timeout = new AbortController()
  const reason = new ToolError('TOOL_TIMEOUT', `the answer was not complete within ${timeoutMs} ms`)
  const timer = setTimeout(() => timeout.abort(reason), timeoutMs)
  try {
    const both = AbortSignal.any([signal, timeout.signal])
    let url = gate.parse(request.url)
    for (let redirects = 0; ; redirects += 1) {
      const answer = await visit(url, { request, settings, signal: both })
      if (typeof answer !== 'string') return answer
      if (redirects === maxRedirects) {
        throw new BuiltinToolError('BUILTIN_FAILED', `there were more than ${maxRedirects} redirects`)
      }
      url = gate.parse(answer, url)
    }
  } finally {
    clearTimeout(timer)
  }
}

interface Visit {
  readonly request: FetchRequest
  readonly settings: FetchSettings
  readonly signal: AbortSignal
}

/** Asks one server; returns what it answered, or where it redirects to. */
async function visit(url: URL, { request, settings, signal }: Visit): Promise<FetchAnswer | string> {
  const hop = new AbortController()
  const { hopTimeoutMs } = settings
  const reason = new ToolError('TOOL_TIMEOUT', `host ${url.host} did not answer within ${hopTimeoutMs} ms`)
  const timer = setTimeout(() => hop.abort(reason), hopTimeoutMs)
  const both = AbortSignal.any([signal, hop.signal])
  try {
    const addresses = await addressesOf(url, settings, both)
    const server = openClient(url, { addresses, settings, signal: both })
    const { client } = server
    try {
      const { statusCode, headers, body } = await client.request({
        path: url.pathname + url.search,
        method: request.method,
        headers: { accept: '*/*', 'accept-encoding': ACCEPT_ENCODING, 'user-agent': settings.userAgent },
        signal: both,
      })
      clearTimeout(timer)
      const location = headers['location']
      if (REDIRECTS.has(statusCode) && typeof location === 'string') return location
      return await finish({ url, status: statusCode, headers: joinHeaders(headers) }, body, { request, server })
    } finally {
      await client.destroy()
    }
  } catch (error) {
    both.throwIfAborted()
    throw explain(error, url)
  } finally {
    clearTimeout(timer)
  }
}

function addressesOf(url: URL, settings: FetchSettings, signal: AbortSignal): Promise<readonly string[]> {
  // The proxy finds the address of a name, because that was asked for; one written in the URL has been checked.
  if (settings.proxy?.resolve === 'proxy') return Promise.resolve([url.hostname.replace(/^\[(.*)\]$/, '$1')])
  return settings.gate.resolve(url, signal)
}

async function finish(
  head: Pick<FetchAnswer, 'url' | 'status' | 'headers'>,
  body: Readable,
  { request, server }: { readonly request: FetchRequest; readonly server: ServerClient },
): Promise<FetchAnswer> {
  const { method, maxBytes } = request
  const isEmpty = method === 'HEAD' || head.status === 204 || head.status === 304
  if (isEmpty) {
    body.on('error', () => undefined).destroy()
    return { ...head, bytes: new Uint8Array(), truncated: false }
  }
  const contentEncoding = head.headers['content-encoding']
  const read = await readBody(body, { contentEncoding, maxBytes, receivedBytes: () => server.receivedBytes() })
  return { ...head, ...read }
}

function joinHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const joined = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : (value ?? []).join(', '),
  ])
  return Object.fromEntries(joined)
}

function explain(error: unknown, url: URL): unknown {
  if (error instanceof BuiltinToolError || error instanceof ToolError) return error
  const code = errorCode(error)
  const detail = code ?? (error instanceof Error ? error.message.split('\n')[0] : String(error))
  const message = `talking to host ${url.host} failed: ${detail}`
  if (code !== undefined && PASSING_CODES.has(code)) return transient(new Error(message, { cause: error }))
  return new BuiltinToolError('BUILTIN_FAILED', message, { cause: error })
}

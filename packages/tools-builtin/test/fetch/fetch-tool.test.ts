import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

import { ToolError } from '@starling/tool'
import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, describe, expect, test } from 'vitest'

import { createFetchTool, type FetchToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openRawServer } from '../support/raw-server.ts'

interface Result {
  readonly url: string
  readonly status: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyType: string
  readonly body: string
  readonly sizeBytes: number
  readonly truncated: boolean
}

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])

const shared = await openServer((_request, response) => {
  response.setHeader('date', 'Sat, 21 Nov 2026 12:00:00 GMT')
  response.setHeader('content-type', 'text/plain')
  response.end('hello')
})
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'fetch',
  create: () => onLoopback(),
  accepts: [
    {
      input: { url: shared.url },
      result: {
        url: `${shared.url}/`,
        status: 200,
        contentType: 'text/plain',
        headers: {
          'content-length': '5',
          'content-type': 'text/plain',
          date: 'Sat, 21 Nov 2026 12:00:00 GMT',
        },
        bodyType: 'text',
        body: 'hello',
        sizeBytes: 5,
        truncated: false,
      },
    },
    { input: { url: shared.url, method: 'HEAD' } },
    { input: { url: shared.url, maxBytes: 2 } },
  ],
  rejects: [
    {},
    { url: '' },
    { url: 7 },
    { url: shared.url, method: 'POST' },
    { url: shared.url, maxBytes: 0 },
    { url: shared.url, maxBytes: 1.5 },
    { url: shared.url, headers: {} },
    { url: `http://${'a'.repeat(8200)}/` },
  ],
})

describe('what comes back', () => {
  test('an error of the server is a result', async () => {
    await using server = await answering({ status: 503, headers: { 'retry-after': '7' }, body: 'busy' })
    const result = await call<Result>(onLoopback(), { url: server.url })
    expect(result).toMatchObject({ status: 503, body: 'busy', headers: { 'retry-after': '7' } })
  })

  test('a body at the limit is whole, one byte more is cut and flagged', async () => {
    await using server = await answering({ body: '0123456789' })
    const exact = await call<Result>(onLoopback({ maxBytes: 10 }), { url: server.url })
    const cut = await call<Result>(onLoopback({ maxBytes: 9 }), { url: server.url })
    const asked = await call<Result>(onLoopback(), { url: server.url, maxBytes: 3 })
    expect([exact, cut, asked].map(({ body, truncated, sizeBytes }) => [body, truncated, sizeBytes])).toEqual([
      ['0123456789', false, 10],
      ['012345678', true, 9],
      ['012', true, 3],
    ])
  })

  test('a body without an end is cut, and its connection closed', async () => {
    let closed: (() => void) | undefined
    const over = new Promise<void>((resolve) => (closed = resolve))
    await using server = await openServer((request, response) => {
      request.socket.once('close', () => closed?.())
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        response.once('drain', more)
      }
      more()
    })
    const result = await call<Result>(onLoopback({ maxBytes: 100_000 }), { url: server.url })
    expect([result.body.length, result.truncated]).toEqual([100_000, true])
    await over
  })

  test('a body that is drowned in chunk extensions is cut, and its connection closed', async () => {
    await using server = await openRawServer((socket) => {
      socket.write('HTTP/1.1 200 ok\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = `1;${'a'.repeat(60_000)}\r\nX\r\n`
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
        if (!socket.destroyed) socket.once('drain', more)
      }
      more()
    })
    const result = await call<Result>(onLoopback(), { url: `http://127.0.0.1:${server.port}/` })
    expect([/^X+$/.test(result.body), result.sizeBytes < 100, result.truncated]).toEqual([true, true, true])
    await server.closed
  })

  test('HEAD asks for no body', async () => {
    await using server = await answering({ body: 'a body', headers: { etag: '"1"' } })
    const result = await call<Result>(onLoopback(), { url: server.url, method: 'HEAD' })
    expect(result).toMatchObject({ status: 200, body: '', headers: { etag: '"1"', 'content-length': '6' } })
    expect(server.requests).toEqual(['HEAD /'])
  })

  test('an answer without a body is empty', async () => {
    await using server = await answering({ status: 204 })
    expect(await call<Result>(onLoopback(), { url: server.url })).toMatchObject({ status: 204, body: '', sizeBytes: 0 })
  })

  test('only headers of the list are shown, and never a cookie by default', async () => {
    const headers = { 'set-cookie': 'a=1', 'x-internal': 'no', ETag: '"1"', link: ['<a>', '<b>'] }
    await using server = await answering({ headers })
    const standard = await call<Result>(onLoopback(), { url: server.url })
    const chosen = await call<Result>(onLoopback({ responseHeaders: ['X-Internal'] }), { url: server.url })
    expect(standard.headers).toMatchObject({ etag: '"1"', link: '<a>, <b>' })
    expect(Object.keys(standard.headers)).not.toContain('set-cookie')
    expect(chosen.headers).toEqual({ 'x-internal': 'no' })
  })

  test('the charset of the answer is used', async () => {
    const headers = { 'content-type': 'text/plain; charset=windows-1252' }
    await using server = await answering({ headers, body: new Uint8Array([0x80, 0xe9]) })
    expect(await call<Result>(onLoopback(), { url: server.url })).toMatchObject({ body: '€é', sizeBytes: 2 })
  })

  test('a request says who asks and what it takes', async () => {
    await using server = await answering({})
    const next = server.nextRequest()
    await call(onLoopback({ userAgent: 'triage/1.0' }), { url: `${server.url}/path?query=1#part` })
    const { headers, url } = await next
    expect([url, headers]).toEqual([
      '/path?query=1',
      {
        accept: '*/*',
        'accept-encoding': 'gzip, br',
        connection: 'keep-alive',
        host: `127.0.0.1:${server.port}`,
        'user-agent': 'triage/1.0',
      },
    ])
  })
})

describe('compressed bodies', () => {
  test.for([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
    ['identity', (text: string) => new TextEncoder().encode(text)],
  ] as const)('%s is read', async ([encoding, compress]) => {
    const headers = { 'content-encoding': encoding, 'content-type': 'text/plain' }
    await using server = await answering({ headers, body: compress('what was meant') })
    expect(await call<Result>(onLoopback(), { url: server.url })).toMatchObject({ body: 'what was meant' })
  })

  test('the limit counts what comes out, so a small body that grows is cut', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
    const body = gzipSync('a'.repeat(50_000_000))
    await using server = await answering({ headers, body })
    const result = await call<Result>(onLoopback({ maxBytes: 1000 }), { url: server.url })
    expect([result.body, result.truncated]).toEqual(['a'.repeat(1000), true])
  })

  test('one that ends early gives what there is', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
    const whole = gzipSync(Array.from({ length: 2000 }, (_, index) => `line ${index}`).join('\n'))
    await using server = await answering({ headers, body: whole.subarray(0, whole.length / 2) })
    const result = await call<Result>(onLoopback(), { url: server.url })
    expect(result.body).toMatch(/^line 0\nline 1\n/)
    expect(result.truncated).toBe(true)
  })

  test('one that is not what it says is a failure', async () => {
    await using server = await answering({ headers: { 'content-encoding': 'gzip' }, body: 'not compressed at all' })
    const error = await callFailing(onLoopback(), { url: server.url })
    expect(error.message).toBe(`talking to host 127.0.0.1:${server.port} failed: Z_DATA_ERROR`)
  })

  test.for(['zstd', 'gzip, gzip, gzip'])('%s is not text to anyone', async (encoding) => {
    const headers = { 'content-encoding': encoding, 'content-type': 'text/plain' }
    await using server = await answering({ headers, body: 'xyz' })
    expect(await call<Result>(onLoopback(), { url: server.url })).toMatchObject({ bodyType: 'omitted', sizeBytes: 3 })
  })
})

describe('bodies that are not text', () => {
  test('are left out and said to be, or come as base64', async () => {
    await using server = await answering({ headers: { 'content-type': 'application/zip' }, body: PNG })
    const omitted = await call<Result>(onLoopback(), { url: server.url })
    const encoded = await call<Result>(onLoopback({ binary: 'base64' }), { url: server.url })
    expect([omitted, encoded]).toMatchObject([
      { bodyType: 'omitted', body: '', sizeBytes: 11, contentType: 'application/zip' },
      { bodyType: 'base64', body: 'iVBORw0KGgoBAgM=', sizeBytes: 11 },
    ])
  })

  test('an image is shown beside the result when that was asked for', async () => {
    await using server = await answering({ headers: { 'content-type': 'image/png' }, body: PNG })
    const { context, attachments } = recordingContext()
    const result = await call<Result>(onLoopback({ attachImages: true }), { url: server.url }, context)
    expect(result).toMatchObject({ bodyType: 'attached', body: '' })
    expect(attachments).toEqual([{ type: 'image', mediaType: 'image/png', data: PNG }])
  })

  test('an image is what its bytes say, and one that was cut is none', async () => {
    await using server = await answering({ headers: { 'content-type': 'image/png' }, body: 'not an image' })
    await using whole = await answering({ headers: { 'content-type': 'image/png' }, body: PNG })
    const { context, attachments } = recordingContext()
    const tool = onLoopback({ attachImages: true })
    await call(tool, { url: server.url }, context)
    await call(tool, { url: whole.url, maxBytes: 9 }, context)
    expect(attachments).toEqual([])
  })
})

describe('time and aborts', () => {
  test('a server that does not answer is given up', async () => {
    await using server = await openServer(() => undefined)
    const error = await callFailing(onLoopback({ hopTimeoutMs: 50 }), { url: server.url })
    expect(error).toMatchObject({
      code: 'TOOL_TIMEOUT',
      message: `host 127.0.0.1:${server.port} did not answer within 50 ms`,
    })
  })

  test('a body that never ends is given up, although each part comes in time', async () => {
    await using server = await openServer((_request, response) => {
      const timer = setInterval(() => response.write('.'), 5)
      response.once('close', () => clearInterval(timer))
    })
    const error = await callFailing(onLoopback({ timeoutMs: 100 }), { url: server.url })
    expect(error).toMatchObject({ code: 'TOOL_TIMEOUT', message: 'the answer was not complete within 100 ms' })
  })

  test('the limit for all holds over all redirects', async () => {
    await using server = await openServer((_request, response) => {
      const timer = setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 20)
      response.once('close', () => clearTimeout(timer))
    })
    const error = await callFailing(onLoopback({ timeoutMs: 100, maxRedirects: 50 }), { url: server.url })
    expect(error.message).toBe('the answer was not complete within 100 ms')
  })

  test('a name service that does not answer is given up', async () => {
    const tool = createFetchTool({ lookup: () => new Promise(() => undefined), hopTimeoutMs: 50 })
    const error = await callFailing(tool, { url: 'http://example.com/' })
    expect(error).toMatchObject({ code: 'TOOL_TIMEOUT', message: 'host example.com did not answer within 50 ms' })
  })

  test('an abort while TLS is being set up rejects with its reason and closes the connection', async () => {
    await using server = await openRawServer()
    const reason = new Error('enough')
    const controller = new AbortController()
    const greeting = server.nextData()
    const context = createToolContext({ signal: controller.signal })
    const outcome = callFailing(onLoopback(), { url: `https://127.0.0.1:${server.port}/` }, context)
    await greeting
    controller.abort(reason)
    await server.closed
    expect(await outcome).toBe(reason)
  })

  test.for([
    [{ timeoutMs: 50 }, () => 'the answer was not complete within 50 ms'],
    [{ hopTimeoutMs: 50 }, (port: number) => `host 127.0.0.1:${port} did not answer within 50 ms`],
  ] as const)('a server that never sets TLS up is given up, with %j', async ([options, message]) => {
    await using server = await openRawServer()
    const error = await callFailing(onLoopback(options), { url: `https://127.0.0.1:${server.port}/` })
    expect(error).toMatchObject({ code: 'TOOL_TIMEOUT', message: message(server.port) })
    await server.closed
  })

  test.for(['before the headers', 'in the body', 'in the lookup'] as const)(
    'an abort %s rejects with its reason and closes the connection',
    async (when) => {
      const reason = new Error('enough')
      const controller = new AbortController()
      await using server = await openServer((_request, response) => {
        if (when === 'in the body') response.write('a part')
      })
      const lookup: FetchToolOptions['lookup'] = (_host, { signal }) => {
        if (when !== 'in the lookup') return Promise.resolve(['127.0.0.1'])
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the lookup was stopped')))
          controller.abort(reason)
        })
      }
      const next = server.nextRequest()
      const context = createToolContext({ signal: controller.signal })
      const outcome = callFailing(onLoopback({ lookup }), { url: `http://example.com:${server.port}/` }, context)
      if (when !== 'in the lookup') {
        const { socket } = await next
        const closed = new Promise((resolve) => socket.once('close', resolve))
        controller.abort(reason)
        await closed
      }
      expect(await outcome).toBe(reason)
    },
  )

  test('a connection that is refused may be tried again, a missing host may not', async () => {
    await using server = await answering({})
    const { port } = server
    await server[Symbol.asyncDispose]()
    const refused = await callFailing(onLoopback(), { url: `http://127.0.0.1:${port}/` })
    const lookup = async (): Promise<never> => {
      throw Object.assign(new Error('again'), { code: 'EAI_AGAIN' })
    }
    const unresolved = await callFailing(createFetchTool({ lookup }), { url: 'http://example.com/' })
    expect([refused, unresolved]).toMatchObject([
      { code: 'TOOL_TRANSIENT', message: `talking to host 127.0.0.1:${port} failed: ECONNREFUSED` },
      { code: 'TOOL_TRANSIENT', message: 'the name service did not answer for host example.com (EAI_AGAIN)' },
    ])
  })

  test('a connection that breaks in the body is a failure', async () => {
    await using server = await openServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('a part', () => response.destroy())
    })
    const error = await callFailing(onLoopback(), { url: server.url })
    expect(error).toMatchObject({ code: 'TOOL_TRANSIENT' })
  })
})

describe('replay', () => {
  test('a recorded call touches nothing and gives the same result and attachment', async () => {
    const server = await answering({ headers: { 'content-type': 'image/png' }, body: PNG })
    const tool = onLoopback({ attachImages: true })
    const live = recordingContext()
    const result = await call(tool, { url: server.url }, live.context)
    await server[Symbol.asyncDispose]()
    const again = replayingContext(live.outcomes)
    const elsewhere = createFetchTool({ denyHosts: ['127.0.0.1'] })
    expect(await call(elsewhere, { url: server.url }, again.context)).toEqual(result)
    expect([again.attachments, again.outcomes]).toEqual([live.attachments, []])
    expect(live.outcomes.map(({ name }) => name)).toEqual(['fetch'])
  })

  test('a recorded refusal is the same refusal', async () => {
    const live = recordingContext()
    const first = await callFailing(createFetchTool(), { url: 'http://127.0.0.1/' }, live.context)
    const again = await callFailing(onLoopback(), { url: 'http://127.0.0.1/' }, replayingContext(live.outcomes).context)
    expect([again.message, again.code]).toEqual([first.message, first.code])
  })
})

describe('the definition', () => {
  test.for([
    [{ allowHost: ['a.com'] }, 'unknown option "allowHost": did you mean "allowHosts"?'],
    [{ allowHosts: 'a.com' }, 'option allowHosts is "a.com", expected a list of texts'],
    [{ allowHosts: ['http://a.com'] }, 'option allowHosts has "http://a.com", expected a host or addresses'],
    [{ denyHosts: ['a.com:80'] }, 'option denyHosts has "a.com:80", expected a host or addresses'],
    [{ denyHosts: ['*'] }, 'option denyHosts has "*", expected a host or addresses'],
    [{ allowPrivate: ['10.0.0.0/33'] }, 'option allowPrivate has "10.0.0.0/33", expected a host or addresses'],
    [{ allowPrivate: ['127.1'] }, 'option allowPrivate has "127.1", expected a host or addresses'],
    [{ maxBytes: 0 }, 'option maxBytes is 0, expected a whole number from 1 to 67108864'],
    [{ maxRedirects: -1 }, 'option maxRedirects is -1, expected a whole number from 0 to 50'],
    [{ timeoutMs: 2 ** 31 }, 'option timeoutMs is 2147483648, expected a whole number from 1 to 2147483647'],
    [{ binary: 'hex' }, 'option binary is "hex", expected omit or base64'],
    [{ responseHeaders: ['a b'] }, 'option responseHeaders is ["a b"], expected names of headers'],
    [{ userAgent: 'a\r\nb: c' }, 'option userAgent is "a\\r\\nb: c", expected visible ASCII'],
    [{ proxy: 'http://proxy' }, 'option proxy is "http://proxy", expected an object with a url'],
    [{ proxy: { url: 'socks://me:secret@proxy' } }, 'option proxy.url is not an http: or https: URL'],
    [{ proxy: { url: 'http://me:p%zz@p' } }, 'option proxy.url has a user name or a password that is not UTF-8'],
    [{ proxy: { url: 'http://m%e9:x@p' } }, 'option proxy.url has a user name or a password that is not UTF-8'],
    [{ proxy: { url: 'http://p', resolve: 'both' } }, 'option proxy.resolve is "both", expected here or proxy'],
    [{ proxy: { url: 'http://p', uri: '' } }, 'unknown option "proxy.uri": known are url, resolve'],
    [{ lookup: 'dns' }, 'option lookup is "dns", expected a function'],
    [{ policy: { maxAttempts: 0 } }, 'policy field maxAttempts is 0, expected a whole number from 1'],
  ] as const)('%j is refused', ([options, message]) => {
    const create = (): unknown => createFetchTool(options as unknown as FetchToolOptions)
    expect(create).toThrow(ToolError)
    expect(create).toThrow(message)
  })

  test('the policy is its own with that of the options over it', () => {
    expect(createFetchTool({ policy: { approval: true, maxAttempts: 1 } }).policy).toEqual({
      idempotent: true,
      maxAttempts: 1,
      maxResultBytes: 6 * 262_144 + 262_144,
      approval: true,
    })
  })

  test('the longest body, in the worst characters, fits into the result', async () => {
    await using server = await answering({ headers: { 'content-type': 'text/plain' }, body: '\u0001'.repeat(5000) })
    const tool = onLoopback({ maxBytes: 4000 })
    const text = await tool.execute(JSON.stringify({ url: server.url }), createToolContext())
    expect(text.length).toBeGreaterThan(24_000)
    expect(text.length).toBeLessThan(tool.policy?.maxResultBytes ?? 0)
  })
})

function onLoopback(options: FetchToolOptions = {}): ReturnType<typeof createFetchTool> {
  return createFetchTool({ allowPrivate: ['127.0.0.0/8'], ...options })
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
}

function answering({ status = 200, headers = {}, body }: Answer): Promise<TestServer> {
  return openServer((_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (body !== undefined) response.setHeader('content-length', Buffer.byteLength(body))
    response.writeHead(status).end(body)
  })
}

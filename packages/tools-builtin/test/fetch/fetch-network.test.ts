import { createServer as createTcpServer, connect, type AddressInfo } from 'node:net'

import { createToolContext } from '@starling/tool/conformance'
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici'
import { expect, test } from 'vitest'

import { createFetchTool } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { CERTIFICATE } from '../support/certificate.ts'
import { openDns } from '../support/dns-server.ts'
import { openServer } from '../support/http-server.ts'
import { openRawServer } from '../support/raw-server.ts'

interface Result {
  readonly url: string
  readonly status: number
  readonly body: string
}

const LOOPBACK = ['127.0.0.0/8', '::1']

test('a name whose address changes between two lookups is asked for once, and the first answer is used', async () => {
  await using open = await openServer((_request, response) => void response.end('open'), { host: '127.0.0.2' })
  await using secret = await openServer((_request, response) => void response.end('secret'), { port: open.port })
  await using dns = await openDns((_name, nth) => [nth === 1 ? '127.0.0.2' : '127.0.0.1'])
  const tool = createFetchTool({ allowPrivate: ['127.0.0.2'], lookup: dns.lookup })
  const result = await call<Result>(tool, { url: `http://rebind.example.com:${open.port}/` })
  expect([result.body, dns.queries, secret.requests]).toEqual(['open', ['rebind.example.com'], []])
})

test('a name that has moved to a private address is refused at the next call', async () => {
  await using open = await openServer((_request, response) => void response.end('open'), { host: '127.0.0.2' })
  await using secret = await openServer((_request, response) => void response.end('secret'), { port: open.port })
  await using dns = await openDns((_name, nth) => [nth === 1 ? '127.0.0.2' : '127.0.0.1'])
  const tool = createFetchTool({ allowPrivate: ['127.0.0.2'], lookup: dns.lookup })
  const url = `http://rebind.example.com:${open.port}/`
  await call(tool, { url })
  const error = await callFailing(tool, { url })
  expect(error.message).toBe('host rebind.example.com is at 127.0.0.1, which is loopback (127.0.0.0/8)')
  expect(secret.requests).toEqual([])
})

test('a redirect to the same name is looked up and checked again', async () => {
  await using open = await openServer(
    (_request, response) => void response.writeHead(302, { location: '/next' }).end(),
    {
      host: '127.0.0.2',
    },
  )
  await using secret = await openServer((_request, response) => void response.end('secret'), { port: open.port })
  await using dns = await openDns((_name, nth) => [nth === 1 ? '127.0.0.2' : '127.0.0.1'])
  const tool = createFetchTool({ allowPrivate: ['127.0.0.2'], lookup: dns.lookup })
  const error = await callFailing(tool, { url: `http://rebind.example.com:${open.port}/` })
  expect([error.code, dns.queries.length, secret.requests]).toEqual(['BUILTIN_REFUSED', 2, []])
})

test('a name with a public and a private address is refused before anything is sent', async () => {
  await using open = await openServer((_request, response) => void response.end('open'), { host: '127.0.0.2' })
  await using dns = await openDns(() => ['127.0.0.2', '127.0.0.1'])
  const tool = createFetchTool({ allowPrivate: ['127.0.0.2'], lookup: dns.lookup })
  const error = await callFailing(tool, { url: `http://mixed.example.com:${open.port}/` })
  expect([error.code, open.requests]).toEqual(['BUILTIN_REFUSED', []])
})

test('a name that does not exist is said to be missing', async () => {
  await using dns = await openDns(() => [])
  const error = await callFailing(createFetchTool({ lookup: dns.lookup }), { url: 'http://gone.example.com/' })
  expect(error).toMatchObject({
    code: 'BUILTIN_NOT_FOUND',
    message: 'host gone.example.com was not found (ENOTFOUND)',
  })
})

test.for([
  'http://169.254.169.254/latest/',
  'http://localhost/',
  'http://10.0.0.1/',
  'http://[::ffff:10.0.0.1]/',
  '//10.0.0.1/',
  'file:///etc/passwd',
  'http://user:secret@127.0.0.1/',
])('a redirect to %s is refused', async (location) => {
  await using server = await openServer((_request, response) => void response.writeHead(302, { location }).end())
  const error = await callFailing(createFetchTool({ allowPrivate: ['127.0.0.1'] }), { url: server.url })
  expect([error.code, server.requests.length]).toEqual(['BUILTIN_REFUSED', 1])
})

test('a redirect to a host that is not allowed is refused', async () => {
  await using other = await openServer((_request, response) => void response.end('other'), { host: '127.0.0.2' })
  await using server = await openServer(
    (_request, response) => void response.writeHead(301, { location: other.url }).end(),
  )
  const tool = createFetchTool({ allowPrivate: LOOPBACK, allowHosts: ['127.0.0.1'] })
  const error = await callFailing(tool, { url: server.url })
  expect(error.message).toBe('host 127.0.0.2 is not one of those allowed')
  expect(other.requests).toEqual([])
})

test.for([301, 302, 303, 307, 308])(
  'a redirect by %i is followed, and the last address is reported',
  async (status) => {
    await using server = await openServer((request, response) => {
      if (request.url === '/end') response.end('there')
      else response.writeHead(status, { location: 'end#part' }).end('moved')
    })
    const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK }), { url: `${server.url}/start` })
    expect(result).toMatchObject({ status: 200, body: 'there', url: `${server.url}/end` })
  },
)

test('what comes with a redirect is not read, however long it is', async () => {
  await using server = await openServer((request, response) => {
    if (request.url === '/end') return void response.end('there')
    response.writeHead(302, { location: '/end' })
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      response.once('drain', more)
    }
    return more()
  })
  const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
  expect(result.body).toBe('there')
})

test('redirects are followed up to the limit and not beyond it', async () => {
  await using server = await openServer((request, response) => {
    const left = Number(request.url?.slice(1))
    if (left === 0) response.end('there')
    else response.writeHead(302, { location: `/${left - 1}` }).end()
  })
  const tool = createFetchTool({ allowPrivate: LOOPBACK, maxRedirects: 3 })
  expect(await call<Result>(tool, { url: `${server.url}/3` })).toMatchObject({ body: 'there' })
  const error = await callFailing(tool, { url: `${server.url}/4` })
  expect(error).toMatchObject({ code: 'BUILTIN_FAILED', message: 'there were more than 3 redirects' })
})

test('a loop of redirects ends', async () => {
  await using server = await openServer((_request, response) => void response.writeHead(302, { location: '/' }).end())
  const error = await callFailing(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
  expect([error.message, server.requests.length]).toEqual(['there were more than 5 redirects', 6])
})

test('a redirect without a location is an answer', async () => {
  await using server = await openServer((_request, response) => void response.writeHead(302).end('where to?'))
  const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
  expect(result).toMatchObject({ status: 302, body: 'where to?' })
})

test('no cookie and no credential is sent, not even one that a server has set', async () => {
  const seen: (readonly (string | undefined)[])[] = []
  await using server = await openServer((request, response) => {
    const { cookie, authorization, referer } = request.headers
    seen.push([cookie, authorization, referer])
    if (request.url === '/end') response.end()
    else response.writeHead(302, { location: '/end', 'set-cookie': 'session=1' }).end()
  })
  await call(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
  expect(seen).toEqual([
    [undefined, undefined, undefined],
    [undefined, undefined, undefined],
  ])
})

test('the proxy variables of the environment are not looked at', async () => {
  await using proxy = await openServer((_request, response) => void response.end('proxied'))
  await using server = await openServer((_request, response) => void response.end('direct'))
  const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
  const before = names.map((name) => [name, process.env[name]] as const)
  try {
    for (const name of names) process.env[name] = proxy.url
    const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
    expect([result.body, proxy.requests]).toEqual(['direct', []])
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
})

test('what others have made the process fetch with is not used', async () => {
  await using server = await openServer((_request, response) => void response.end('own'))
  const dispatcher = getGlobalDispatcher()
  try {
    setGlobalDispatcher(new MockAgent().compose(() => () => expect.unreachable('the dispatcher of others was used')))
    const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK }), { url: server.url })
    expect(result.body).toBe('own')
  } finally {
    setGlobalDispatcher(dispatcher)
  }
})

test.for([
  'SSH-2.0-OpenSSH_9.9\r\n',
  `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
  'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
])('a server that does not speak HTTP as it should is not understood, in words: %#', async (greeting) => {
  const server = createTcpServer((client) => {
    client.on('error', () => undefined)
    client.once('data', () => client.end(greeting))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const error = await callFailing(createFetchTool({ allowPrivate: LOOPBACK }), { url: `http://127.0.0.1:${port}/` })
  await new Promise((resolve) => server.close(resolve))
  expect(error.code).toBe('BUILTIN_FAILED')
  expect(error.message).toMatch(
    new RegExp(`^talking to host 127\\.0\\.0\\.1:${port} failed: (HPE_|UND_ERR_|Response does not match)`),
  )
})

test('over TLS the certificate is that of the name, at the address that was checked', async () => {
  await using server = await openServer((_request, response) => void response.end('secured'), { tls: CERTIFICATE })
  const options = { allowPrivate: LOOPBACK, lookup: async () => ['127.0.0.1'] }
  const trusting = createFetchTool({ ...options, ca: CERTIFICATE.cert })
  const url = `https://secure.example:${server.port}/`
  expect(await call<Result>(trusting, { url })).toMatchObject({ body: 'secured', url })
  const other = await callFailing(trusting, { url: `https://other.example:${server.port}/` })
  const untrusting = await callFailing(createFetchTool(options), { url })
  expect([other.message, untrusting.message]).toEqual([
    `talking to host other.example:${server.port} failed: ERR_TLS_CERT_ALTNAME_INVALID`,
    `talking to host secure.example:${server.port} failed: DEPTH_ZERO_SELF_SIGNED_CERT`,
  ])
})

test('no variable of the environment makes it trust a certificate', async () => {
  await using server = await openServer((_request, response) => void response.end('secured'), { tls: CERTIFICATE })
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  try {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const tool = createFetchTool({ allowPrivate: LOOPBACK, lookup: async () => ['127.0.0.1'] })
    const error = await callFailing(tool, { url: `https://secure.example:${server.port}/` })
    expect(error.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  }
})

test('an address of IPv6 is connected to as it is written', async () => {
  await using server = await openServer((_request, response) => void response.end('six'), { host: '::1' })
  const tool = createFetchTool({ allowPrivate: LOOPBACK, lookup: async () => ['::1'] })
  const direct = await call<Result>(tool, { url: server.url })
  const byName = await call<Result>(tool, { url: `http://six.example.com:${server.port}/` })
  expect([direct.body, byName.body]).toEqual(['six', 'six'])
})

test('a mapped address is connected to when the one inside is allowed', async () => {
  await using server = await openServer((_request, response) => void response.end('mapped'))
  const tool = createFetchTool({ allowPrivate: LOOPBACK, lookup: async () => ['::ffff:127.0.0.1'] })
  const result = await call<Result>(tool, { url: `http://mapped.example.com:${server.port}/` })
  expect(result.body).toBe('mapped')
})

test('a mapped address in the URL is the one inside, where that is allowed', async () => {
  await using server = await openServer((request, response) => void response.end(request.headers.host))
  const url = `http://[::ffff:127.0.0.1]:${server.port}/`
  const plain = `127.0.0.1:${server.port}`
  for (const options of [{}, { allowHosts: ['127.0.0.1'] }]) {
    const result = await call<Result>(createFetchTool({ allowPrivate: LOOPBACK, ...options }), { url })
    expect(result).toMatchObject({ url: `http://${plain}/`, body: plain })
  }
})

test('a denied address is not connected to when a name service writes it as one of IPv6', async () => {
  await using server = await openServer((_request, response) => void response.end('reached'))
  const tool = createFetchTool({
    denyHosts: ['127.0.0.1'],
    allowPrivate: LOOPBACK,
    lookup: async () => ['::ffff:127.0.0.1'],
  })
  const error = await callFailing(tool, { url: `http://name.example.com:${server.port}/` })
  expect(error.message).toBe('host name.example.com is at ::ffff:127.0.0.1, which is not allowed')
  expect(server.requests).toEqual([])
})

test('when one of several addresses does not answer, the next is tried', async () => {
  await using server = await openServer((_request, response) => void response.end('second'))
  const tool = createFetchTool({ allowPrivate: LOOPBACK, lookup: async () => ['127.0.0.3', '127.0.0.1'] })
  const result = await call<Result>(tool, { url: `http://two.example.com:${server.port}/` })
  expect(result.body).toBe('second')
})

test('a private host may be allowed by its name', async () => {
  await using server = await openServer((_request, response) => void response.end('wiki'))
  const tool = createFetchTool({ allowPrivate: ['wiki.corp'], lookup: async () => ['127.0.0.1'] })
  const result = await call<Result>(tool, { url: `http://wiki.corp:${server.port}/` })
  expect(result.body).toBe('wiki')
})

test('localhost may be allowed, and is looked up as the system does', async () => {
  await using server = await openServer((_request, response) => void response.end('here'))
  const tool = createFetchTool({ allowPrivate: ['localhost'] })
  expect(await call<Result>(tool, { url: `http://localhost:${server.port}/` })).toMatchObject({ body: 'here' })
})

test('a proxy that was asked for gets a tunnel to the address that was checked', async () => {
  await using server = await openServer((_request, response) => void response.end('through'))
  await using secure = await openServer((_request, response) => void response.end('sealed'), { tls: CERTIFICATE })
  await using proxy = await openProxy()
  const tool = createFetchTool({
    proxy: { url: proxy.url.replace('//', '//me:pass%20word@') },
    allowPrivate: LOOPBACK,
    lookup: async () => ['127.0.0.1'],
    ca: CERTIFICATE.cert,
  })
  const plain = await call<Result>(tool, { url: `http://plain.example.com:${server.port}/` })
  const sealed = await call<Result>(tool, { url: `https://secure.example:${secure.port}/` })
  expect([plain.body, sealed.body]).toEqual(['through', 'sealed'])
  const authorization = `Basic ${btoa('me:pass word')}`
  expect(proxy.tunnels).toEqual([
    { target: `127.0.0.1:${server.port}`, authorization },
    { target: `127.0.0.1:${secure.port}`, authorization },
  ])
})

test('a user name and a password for the proxy are sent as UTF-8', async () => {
  await using server = await openServer((_request, response) => void response.end('through'))
  await using proxy = await openProxy()
  const url = proxy.url.replace('//', '//j%C3%B6rg:%E2%82%AC%F0%9F%98%80@')
  const tool = createFetchTool({ proxy: { url }, allowPrivate: LOOPBACK })
  await call(tool, { url: server.url })
  const credentials = Buffer.from('jörg:€😀', 'utf8').toString('base64')
  expect(proxy.tunnels.map(({ authorization }) => authorization)).toEqual([`Basic ${credentials}`])
})

test.for([
  ['while TLS with the proxy is being set up', 'https', 1],
  ['while the proxy makes the tunnel', 'http', 1],
  ['while TLS is being set up in the tunnel', 'http', 2],
] as const)('an abort %s rejects with its reason and closes the connection', async ([_when, scheme, messages]) => {
  await using proxy = await openRawServer((socket) => {
    if (messages === 2) socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  const reason = new Error('enough')
  const controller = new AbortController()
  const tool = createFetchTool({ proxy: { url: `${scheme}://127.0.0.1:${proxy.port}` } })
  let heard = proxy.nextData()
  const outcome = callFailing(tool, { url: 'https://93.184.216.34/' }, createToolContext({ signal: controller.signal }))
  await heard
  if (messages === 2) {
    heard = proxy.nextData()
    await heard
  }
  controller.abort(reason)
  await proxy.closed
  expect(await outcome).toBe(reason)
})

test('a proxy does not make private addresses reachable', async () => {
  await using proxy = await openProxy()
  const tool = createFetchTool({ proxy: { url: proxy.url }, lookup: async () => ['10.0.0.1'] })
  const byName = await callFailing(tool, { url: 'http://example.com/' })
  const byAddress = await callFailing(tool, { url: 'http://10.0.0.1/' })
  expect([byName.code, byAddress.code, proxy.tunnels]).toEqual(['BUILTIN_REFUSED', 'BUILTIN_REFUSED', []])
})

test('a proxy that finds the addresses itself gets the name; special names stay refused', async () => {
  await using server = await openServer((_request, response) => void response.end('found'))
  await using proxy = await openProxy()
  const lookup = async (): Promise<readonly string[]> => {
    throw new Error('looked up here')
  }
  const tool = createFetchTool({ proxy: { url: proxy.url, resolve: 'proxy' }, lookup })
  const result = await call<Result>(tool, { url: `http://anything.example.com:${server.port}/` })
  const refused = await callFailing(tool, { url: 'http://metadata.google.internal/' })
  expect([result.body, refused.code]).toEqual(['found', 'BUILTIN_REFUSED'])
  expect(proxy.tunnels).toEqual([{ target: `anything.example.com:${server.port}`, authorization: undefined }])
})

test('a proxy that makes no tunnel is named with what it answered', async () => {
  await using proxy = await openProxy('403 Forbidden')
  const tool = createFetchTool({ proxy: { url: proxy.url }, lookup: async () => ['93.184.216.34'] })
  const error = await callFailing(tool, { url: 'http://example.com/' })
  expect(error).toMatchObject({
    code: 'BUILTIN_FAILED',
    message: 'the proxy answered 403 instead of making a tunnel',
  })
})

interface TestProxy extends AsyncDisposable {
  readonly url: string
  readonly tunnels: readonly { readonly target: string; readonly authorization: string | undefined }[]
}

/** A proxy that leads every tunnel to this machine, whatever its name. */
async function openProxy(answer = '200 OK'): Promise<TestProxy> {
  const tunnels: TestProxy['tunnels'][number][] = []
  const server = createTcpServer((client) => {
    client.on('error', () => undefined)
    client.once('data', (head) => {
      const text = head.toString('latin1')
      const target = /^CONNECT (\S+) /.exec(text)?.[1] ?? ''
      tunnels.push({ target, authorization: /^proxy-authorization: (.*)\r$/im.exec(text)?.[1] })
      if (answer !== '200 OK') return void client.end(`HTTP/1.1 ${answer}\r\n\r\n`)
      const upstream = connect(Number(target.split(':').at(-1)), '127.0.0.1', () => {
        client.write(`HTTP/1.1 ${answer}\r\n\r\n`)
        client.pipe(upstream).pipe(client)
      })
      upstream.on('error', () => client.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

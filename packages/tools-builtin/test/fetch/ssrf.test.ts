import { describe, expect, test } from 'vitest'

import { createFetchTool } from '../../src/index.ts'
import { callFailing } from '../support/call.ts'

/** Answers that no test may ask for: whoever gets here has let an address through. */
const nobody = async (): Promise<readonly string[]> => {
  throw new Error('a name was looked up')
}

describe('an address that is not the public internet is refused however it is written', () => {
  test.for([
    ['http://127.0.0.1/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://127.1/', '127.0.0.1'],
    ['http://127.0.1/', '127.0.0.1'],
    ['http://0177.0.0.1/', '127.0.0.1'],
    ['http://0x7f.0.0.1/', '127.0.0.1'],
    ['http://0x7f000001/', '127.0.0.1'],
    ['http://017700000001/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://127.0.0.1:8080/', '127.0.0.1'],
    ['http://１２７.0.0.1/', '127.0.0.1'],
    ['http://127。0。0。1/', '127.0.0.1'],
    ['http://①②⑦.0.0.1/', '127.0.0.1'],
    ['http://%31%32%37.0.0.1/', '127.0.0.1'],
    ['http:127.0.0.1', '127.0.0.1'],
    ['http:\\\\127.0.0.1\\', '127.0.0.1'],
    ['http:///127.0.0.1/', '127.0.0.1'],
    ['ht\ntp://127.0.\t0.1/', '127.0.0.1'],
    ['  http://127.0.0.1/  ', '127.0.0.1'],
    ['http://0/', '0.0.0.0'],
    ['http://0.0.0.0/', '0.0.0.0'],
    ['http://10.1.2.3/', '10.1.2.3'],
    ['http://0xA9FEA9FE/', '169.254.169.254'],
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['http://100.100.100.200/', '100.100.100.200'],
    ['http://4294967295/', '255.255.255.255'],
    ['http://[::]/', '::'],
    ['http://[::1]/', '::1'],
    ['http://[0:0:0:0:0:0:0:1]/', '::1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://[::ffff:7f00:1]/', '::ffff:7f00:1'],
    ['http://[::127.0.0.1]/', '::7f00:1'],
    ['http://[64:ff9b::127.0.0.1]/', '64:ff9b::7f00:1'],
    ['http://[2002:7f00:1::]/', '2002:7f00:1::'],
    ['http://[fd00:ec2::254]/', 'fd00:ec2::254'],
    ['http://[fe80::1]/', 'fe80::1'],
    ['http://[ff02::1]/', 'ff02::1'],
    ['http://[2001:db8::1]/', '2001:db8::1'],
    ['http://[3fff::1]/', '3fff::1'],
    ['http://[5f00::1]/', '5f00::1'],
  ] as const)('%j', async ([url, address]) => {
    const error = await refusal(url)
    expect(error.message).toMatch(new RegExp(`^address ${address.replaceAll('.', String.raw`\.`)} is `))
  })
})

describe('a name of the local machine or network is refused before it is looked up', () => {
  test.for([
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://localhost:8080/',
    'http://a.localhost/',
    'http://ｌｏｃａｌｈｏｓｔ/',
    'http://localhost.localdomain/',
    'http://printer.local/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://metadata/',
    'http://instance-data/latest/',
    'http://instance-data.ec2.internal/',
    'http://metadata.goog/',
    'http://metadata.tencentyun.com/',
    'http://rancher-metadata/',
    'http://router.home.arpa/',
    'http://wiki.corp/',
    'http://kubernetes/',
    'http://1.0.0.127.in-addr.arpa/',
  ])('%s', async (url) => {
    expect((await refusal(url)).message).toMatch(/^host \S+ (is for|has no dot, so it is for) /)
  })
})

describe('what is not a plain web address is refused', () => {
  test.for([
    ['', 'invalid input'],
    ['example.com/page', 'is not an absolute URL'],
    ['/etc/passwd', 'is not an absolute URL'],
    ['file:///etc/passwd', 'the scheme file: is not supported'],
    ['ftp://example.com/', 'the scheme ftp: is not supported'],
    ['gopher://example.com/', 'the scheme gopher: is not supported'],
    ['data:text/plain,hello', 'the scheme data: is not supported'],
    ['javascript:alert(1)', 'the scheme javascript: is not supported'],
    ['blob:https://example.com/1', 'the scheme blob: is not supported'],
    ['unix:/var/run/docker.sock', 'the scheme unix: is not supported'],
    ['http://user@example.com/', 'user name or a password'],
    ['http://user:secret@example.com/', 'user name or a password'],
    ['http://:secret@example.com/', 'user name or a password'],
    ['http://example.com:25/', 'port 25 is not for web pages'],
    ['http://example.com:6667/', 'port 6667 is not for web pages'],
    ['http://example.com:0/', 'port 0 is not for web pages'],
    ['http://', 'is not an absolute URL'],
    ['http://[fe80::1%25eth0]/', 'is not an absolute URL'],
    ['http://[::1', 'is not an absolute URL'],
    ['http://256.256.256.256/', 'is not an absolute URL'],
    ['http://1.2.3.4.5/', 'is not an absolute URL'],
    ['http://exa mple.com/', 'is not an absolute URL'],
    ['http://example..com/', 'has no usable host'],
    ['http://./', 'has no usable host'],
  ])('%j', async ([url, message]) => {
    const error = await callFailing(createFetchTool({ lookup: nobody }), { url })
    expect(error.message).toContain(message)
  })

  test('and no password of it is repeated', async () => {
    expect((await refusal('http://user:secret@example.com/')).message).not.toContain('secret')
  })
})

describe('a name is refused when one of its addresses is', () => {
  test.for([
    [['127.0.0.1'], '127.0.0.1'],
    [['93.184.216.34', '10.0.0.1'], '10.0.0.1'],
    [['2606:4700::1', '::1'], '::1'],
    [['93.184.216.34', '::ffff:169.254.169.254'], '::ffff:169.254.169.254'],
    [['64:ff9b::a00:1'], '64:ff9b::a00:1'],
    [['fe80::1%eth0'], '"fe80::1%eth0", which is not one'],
    [['0x7f.1'], '"0x7f.1", which is not one'],
    [['localhost'], '"localhost", which is not one'],
  ] as const)('%j', async ([addresses, named]) => {
    const tool = createFetchTool({ lookup: async () => addresses })
    const error = await callFailing(tool, { url: 'http://example.com/' })
    expect(error).toMatchObject({ code: 'BUILTIN_REFUSED', message: expect.stringContaining(named) })
  })
})

describe('lists of hosts', () => {
  test.for([
    ['http://example.org/', 'host example.org is not one of those allowed'],
    ['http://www.example.com/', 'host www.example.com is not one of those allowed'],
    ['http://notexample.com/', 'host notexample.com is not one of those allowed'],
    ['http://example.com.evil.net/', 'host example.com.evil.net is not one of those allowed'],
    ['http://docs.example.net/', undefined],
    ['http://a.b.example.net/', undefined],
    ['http://example.net/', 'host example.net is not one of those allowed'],
    ['http://EXAMPLE.com./', undefined],
    ['http://xn--bcher-kva.example/', undefined],
    ['http://8.8.8.8/', 'host 8.8.8.8 is not one of those allowed'],
    ['http://bad.example.net/', 'host bad.example.net is not allowed'],
    ['http://deep.bad.example.net/', 'host deep.bad.example.net is not allowed'],
  ] as const)('%s of allowHosts and denyHosts', async ([url, message]) => {
    const tool = createFetchTool({
      allowHosts: ['example.com', '*.example.net', 'Bücher.example'],
      denyHosts: ['bad.example.net', '*.bad.example.net'],
      lookup: async () => [],
    })
    const error = await callFailing(tool, { url })
    expect(error.message).toMatch(message ?? /has no address$/)
  })

  test('an empty list of allowed hosts allows none', async () => {
    const error = await callFailing(createFetchTool({ allowHosts: [], lookup: nobody }), { url: 'http://example.com/' })
    expect(error.message).toBe('host example.com is not one of those allowed')
  })

  test('a denied block of addresses counts for names too', async () => {
    const tool = createFetchTool({ denyHosts: ['93.184.216.0/24'], lookup: async () => ['93.184.216.34'] })
    const byName = await callFailing(tool, { url: 'http://example.com/' })
    const byAddress = await callFailing(tool, { url: 'http://93.184.216.35/' })
    expect([byName.message, byAddress.message]).toEqual([
      'host example.com is at 93.184.216.34, which is not allowed',
      'host 93.184.216.35 is not allowed',
    ])
  })

  test('an allowed host does not become reachable at a private address', async () => {
    const tool = createFetchTool({ allowHosts: ['example.com'], lookup: async () => ['10.0.0.1'] })
    const error = await callFailing(tool, { url: 'http://example.com/' })
    expect(error.message).toBe('host example.com is at 10.0.0.1, which is private (10.0.0.0/8)')
  })

  test('a private host by name does not open a metadata service', async () => {
    const tool = createFetchTool({ allowPrivate: ['wiki.corp'], lookup: async () => ['169.254.169.254'] })
    const error = await callFailing(tool, { url: 'http://wiki.corp/' })
    expect(error.message).toContain('169.254.169.254, which is link-local')
  })
})

async function refusal(url: string): Promise<Error> {
  const error = await callFailing(createFetchTool({ lookup: nobody }), { url })
  expect(error).toMatchObject({ code: 'BUILTIN_REFUSED' })
  return error
}

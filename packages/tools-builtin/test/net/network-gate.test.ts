import { isTransient } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { parseHostList, type HostList } from '../../src/net/host-list.ts'
import { createNetworkGate, lookupBySystem, type HostLookup, type NetworkGate } from '../../src/net/network-gate.ts'

const never = new AbortController().signal

describe('an address that passes', () => {
  test.for([
    ['http://Example.COM', 'http://example.com/'],
    ['https://example.com.:443/a?b#c', 'https://example.com/a?b'],
    ['http://example.com:8080/a b', 'http://example.com:8080/a%20b'],
    ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]/'],
    ['http://0x08.8.8.8/', 'http://8.8.8.8/'],
    ['http://[::ffff:8.8.8.8]:8080/a', 'http://8.8.8.8:8080/a'],
    ['http://[64:ff9b::8.8.8.8]/', 'http://[64:ff9b::808:808]/'],
  ])('%s is %s', ([text, expected]) => {
    expect(gate({}).parse(text ?? '').href).toBe(expected)
  })

  test('may be relative to where it was found', () => {
    expect(gate({}).parse('../x?y', new URL('https://example.com/a/b/c')).href).toBe('https://example.com/a/x?y')
    expect(gate({}).parse('//other.example/z', new URL('https://example.com/a')).href).toBe('https://other.example/z')
  })
})

describe('looking up a name', () => {
  test('asks once, and every address that it gives comes back as it is', async () => {
    const asked: string[] = []
    const lookup: HostLookup = async (host) => {
      asked.push(host)
      return ['93.184.216.34', '2606:4700::1111']
    }
    const addresses = await gate({ lookup }).resolve(new URL('http://example.com/'), never)
    expect([addresses, asked]).toEqual([['93.184.216.34', '2606:4700::1111'], ['example.com']])
  })

  test('asks nobody for an address', async () => {
    expect(await gate({}).resolve(new URL('http://[2606:4700::1111]:80/'), never)).toEqual(['2606:4700::1111'])
  })

  test.for([
    ['EAI_AGAIN', true],
    ['ETIMEOUT', true],
    ['ESERVFAIL', true],
    ['ENOTFOUND', false],
    ['ENODATA', false],
    ['EOTHER', false],
  ] as const)('that fails with %s may be tried again: %j', async ([code, expected]) => {
    const lookup: HostLookup = () => Promise.reject(Object.assign(new Error('lookup'), { code }))
    const error = await gate({ lookup })
      .resolve(new URL('http://example.com/'), never)
      .catch((reason: unknown) => reason)
    expect([isTransient(error), String(error)]).toEqual([expected, expect.stringContaining(`(${code})`)])
  })

  test('rejects with the reason of an abort, also when the lookup never ends', async () => {
    const controller = new AbortController()
    const lookup: HostLookup = () => new Promise(() => undefined)
    const pending = gate({ lookup }).resolve(new URL('http://example.com/'), controller.signal)
    controller.abort('enough')
    await expect(pending).rejects.toBe('enough')
  })

  test('by the system finds this machine, and what is written as an address', async () => {
    expect(await lookupBySystem('localhost')).toContain('127.0.0.1')
    expect(await lookupBySystem('93.184.216.34')).toEqual(['93.184.216.34'])
  })
})

describe('what is allowed by name', () => {
  const lookup: HostLookup = async () => ['10.1.2.3']

  test('may be private, and other names at the same address may not', async () => {
    const own = gate({ lookup, allowPrivate: list('wiki.corp', '*.svc.internal') })
    const addresses = await own.resolve(own.parse('http://api.svc.internal/'), never)
    expect(addresses).toEqual(['10.1.2.3'])
    await expect(own.resolve(own.parse('http://example.com/'), never)).rejects.toThrow('10.1.2.3, which is private')
    expect(() => own.parse('http://svc.internal/')).toThrow('host svc.internal is for private networks')
  })

  test.for(['fd00:42::42', '64:ff9b:1::a9fe:a9fe', '::ffff:0:a9fe:a9fe', '::ffff:169.254.169.254'])(
    'reaches no metadata service at %s',
    async (address) => {
      const own = gate({ allowPrivate: list('wiki.corp'), lookup: async () => [address] })
      await expect(own.resolve(own.parse('http://wiki.corp/'), never)).rejects.toThrow(`wiki.corp is at ${address}`)
    },
  )

  test('reaches no metadata service, unless that address is allowed itself', async () => {
    const metadata: HostLookup = async () => ['fd00:ec2::254']
    const byName = gate({ lookup: metadata, allowPrivate: list('wiki.corp') })
    const byAddress = gate({ lookup: metadata, allowPrivate: list('wiki.corp', 'fd00:ec2::254') })
    await expect(byName.resolve(byName.parse('http://wiki.corp/'), never)).rejects.toThrow('which is unique local')
    expect(await byAddress.resolve(byAddress.parse('http://wiki.corp/'), never)).toEqual(['fd00:ec2::254'])
  })

  test('is still refused when it is denied', () => {
    const both = gate({ allowPrivate: list('wiki.corp', '10.0.0.0/8'), denyHosts: list('wiki.corp', '10.1.0.0/16') })
    expect(() => both.parse('http://wiki.corp/')).toThrow('host wiki.corp is not allowed')
    expect(() => both.parse('http://10.1.2.3/')).toThrow('host 10.1.2.3 is not allowed')
    expect(both.parse('http://10.2.0.1/').href).toBe('http://10.2.0.1/')
  })
})

describe('a denied address', () => {
  const denied = ['8.8.8.0/24', '2606:4700::/32', '::ffff:9.9.9.0/120']
  const notations = [
    '8.8.8.8',
    '9.9.9.9',
    '::ffff:8.8.8.8',
    '::ffff:9.9.9.9',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
    '2a00:1450::5efe:808:808',
    '2606:4700::1111',
  ]

  test.for(notations)('is denied in the URL as %s', (address) => {
    const own = gate({ denyHosts: list(...denied) })
    const host = address.includes(':') ? `[${address}]` : address
    expect(() => own.parse(`http://${host}/`)).toThrow(/^host \S+ is not allowed$/)
  })

  test.for(notations)('is denied behind a name as %s', async (address) => {
    const own = gate({ denyHosts: list(...denied), lookup: async () => [address] })
    await expect(own.resolve(own.parse('http://example.com/'), never)).rejects.toThrow('which is not allowed')
  })

  test.for(['::ffff:0:8.8.8.8', '64:ff9b:1::8.8.8.8', '::8.8.8.8'])(
    'is denied as %s behind a name that may be private',
    async (address) => {
      const rules = { allowPrivate: list('wiki.corp'), lookup: async () => [address] }
      const open = gate(rules)
      const closed = gate({ ...rules, denyHosts: list(...denied) })
      const url = open.parse('http://wiki.corp/')
      expect(await open.resolve(url, never)).toEqual([address])
      await expect(closed.resolve(url, never)).rejects.toThrow('which is not allowed')
    },
  )
})

interface Rules {
  readonly lookup?: HostLookup
  readonly allowPrivate?: HostList
  readonly denyHosts?: HostList
}

function gate({ lookup = () => Promise.reject(new Error('looked up')), ...rules }: Rules): NetworkGate {
  return createNetworkGate({ allowHosts: undefined, denyHosts: list(), allowPrivate: list(), lookup, ...rules })
}

function list(...entries: readonly string[]): HostList {
  const parsed = parseHostList(entries)
  if ('invalid' in parsed) throw new Error(`expected hosts, got ${parsed.invalid}`)
  return parsed
}

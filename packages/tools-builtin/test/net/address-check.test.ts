import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isMetadataAddress, isWithin, refuseAddress, unmapIp } from '../../src/net/address-check.ts'
import { formatIp, parseIp, parseIpRange, type IpAddress } from '../../src/net/ip-address.ts'
import { METADATA_BLOCKS, SPECIAL_BLOCKS } from '../../src/net/special-addresses.ts'

/** Each block of the registries: its first and last address, and what lies beside it when that is public. */
const BLOCKS: readonly {
  readonly block: string
  readonly first: string
  readonly last: string
  readonly before?: string
  readonly after?: string
}[] = [
  { block: '0.0.0.0/8', first: '0.0.0.0', last: '0.255.255.255', after: '1.0.0.0' },
  { block: '10.0.0.0/8', first: '10.0.0.0', last: '10.255.255.255', before: '9.255.255.255', after: '11.0.0.0' },
  {
    block: '100.64.0.0/10',
    first: '100.64.0.0',
    last: '100.127.255.255',
    before: '100.63.255.255',
    after: '100.128.0.0',
  },
  { block: '127.0.0.0/8', first: '127.0.0.0', last: '127.255.255.255', before: '126.255.255.255', after: '128.0.0.0' },
  {
    block: '169.254.0.0/16',
    first: '169.254.0.0',
    last: '169.254.255.255',
    before: '169.253.255.255',
    after: '169.255.0.0',
  },
  {
    block: '172.16.0.0/12',
    first: '172.16.0.0',
    last: '172.31.255.255',
    before: '172.15.255.255',
    after: '172.32.0.0',
  },
  { block: '192.0.0.0/24', first: '192.0.0.0', last: '192.0.0.255', before: '191.255.255.255', after: '192.0.1.0' },
  { block: '192.0.2.0/24', first: '192.0.2.0', last: '192.0.2.255', before: '192.0.1.255', after: '192.0.3.0' },
  {
    block: '192.31.196.0/24',
    first: '192.31.196.0',
    last: '192.31.196.255',
    before: '192.31.195.255',
    after: '192.31.197.0',
  },
  {
    block: '192.52.193.0/24',
    first: '192.52.193.0',
    last: '192.52.193.255',
    before: '192.52.192.255',
    after: '192.52.194.0',
  },
  {
    block: '192.88.99.0/24',
    first: '192.88.99.0',
    last: '192.88.99.255',
    before: '192.88.98.255',
    after: '192.88.100.0',
  },
  {
    block: '192.168.0.0/16',
    first: '192.168.0.0',
    last: '192.168.255.255',
    before: '192.167.255.255',
    after: '192.169.0.0',
  },
  {
    block: '192.175.48.0/24',
    first: '192.175.48.0',
    last: '192.175.48.255',
    before: '192.175.47.255',
    after: '192.175.49.0',
  },
  {
    block: '198.18.0.0/15',
    first: '198.18.0.0',
    last: '198.19.255.255',
    before: '198.17.255.255',
    after: '198.20.0.0',
  },
  {
    block: '198.51.100.0/24',
    first: '198.51.100.0',
    last: '198.51.100.255',
    before: '198.51.99.255',
    after: '198.51.101.0',
  },
  {
    block: '203.0.113.0/24',
    first: '203.0.113.0',
    last: '203.0.113.255',
    before: '203.0.112.255',
    after: '203.0.114.0',
  },
  { block: '224.0.0.0/4', first: '224.0.0.0', last: '239.255.255.255', before: '223.255.255.255' },
  { block: '240.0.0.0/4', first: '240.0.0.0', last: '255.255.255.254' },
  { block: '255.255.255.255/32', first: '255.255.255.255', last: '255.255.255.255' },
  {
    block: '168.63.129.16/32',
    first: '168.63.129.16',
    last: '168.63.129.16',
    before: '168.63.129.15',
    after: '168.63.129.17',
  },
  { block: '::/128', first: '::', last: '::' },
  { block: '::1/128', first: '::1', last: '::1' },
  { block: '::/96', first: '::2', last: '::ffff:ffff' },
  { block: '64:ff9b:1::/48', first: '64:ff9b:1::', last: '64:ff9b:1:ffff:ffff:ffff:ffff:ffff' },
  { block: '100::/64', first: '100::', last: '100::ffff:ffff:ffff:ffff' },
  { block: '100:0:0:1::/64', first: '100:0:0:1::', last: '100:0:0:1:ffff:ffff:ffff:ffff' },
  { block: '2001::/32', first: '2001::', last: '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', before: '2000:ffff::' },
  { block: '2001:2::/48', first: '2001:2::', last: '2001:2:0:ffff:ffff:ffff:ffff:ffff' },
  { block: '2001:10::/28', first: '2001:10::', last: '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: '2001:20::/28', first: '2001:20::', last: '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: '2001::/23', first: '2001:1::', last: '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', after: '2001:200::' },
  {
    block: '2001:db8::/32',
    first: '2001:db8::',
    last: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    before: '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
    after: '2001:db9::',
  },
  {
    block: '2620:4f:8000::/48',
    first: '2620:4f:8000::',
    last: '2620:4f:8000:ffff:ffff:ffff:ffff:ffff',
    before: '2620:4f:7fff:ffff:ffff:ffff:ffff:ffff',
    after: '2620:4f:8001::',
  },
  {
    block: '3fff::/20',
    first: '3fff::',
    last: '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff',
    before: '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    after: '3fff:1000::',
  },
  { block: '5f00::/16', first: '5f00::', last: '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: 'fc00::/7', first: 'fc00::', last: 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: 'fe80::/10', first: 'fe80::', last: 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: 'fec0::/10', first: 'fec0::', last: 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  { block: 'ff00::/8', first: 'ff00::', last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
]

test('every block of the table is tested here', () => {
  expect(BLOCKS.map(({ block }) => block).toSorted()).toEqual(SPECIAL_BLOCKS.map(({ block }) => block).toSorted())
})

describe.for(BLOCKS)('$block', ({ block, first, last, before, after }) => {
  test('is refused from its first address to its last', () => {
    expect(refuse(first)).toContain(`(${block})`)
    expect(refuse(last)).toContain(`(${block})`)
  })

  test('does not reach into the public internet beside it', () => {
    expect([before, after].map((text) => (text === undefined ? undefined : refuse(text)))).toEqual([
      undefined,
      undefined,
    ])
  })

  test('can be allowed, alone', () => {
    const range = parseIpRange(block)
    expect(refuseAddress(read(first), range === undefined ? [] : [range])).toBeUndefined()
  })
})

test.for(['1.1.1.1', '8.8.8.8', '93.184.216.34', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450::1', '2000::'])(
  '%s is the public internet',
  (text) => {
    expect(refuse(text)).toBeUndefined()
  },
)

test.for(['200::1', '400::', '1000::1', '4000::1', '6000::1', '8000::', 'c000::1', 'f000::1', 'fe00::1'])(
  '%s is refused: nobody has been given it',
  (text) => {
    expect(refuse(text)).toBe('not global unicast (2000::/3)')
  },
)

/** Ways to write an address of IPv4 as one of IPv6. */
const EMBEDDINGS: readonly { readonly use: string; readonly embed: (v4: bigint) => bigint }[] = [
  { use: 'mapped', embed: (v4) => (0xffffn << 32n) | v4 },
  { use: 'NAT64', embed: (v4) => (0x64_ff9bn << 96n) | v4 },
  { use: '6to4', embed: (v4) => (0x2002n << 112n) | (v4 << 80n) | 1n },
  { use: 'ISATAP', embed: (v4) => (0x2a00_1450n << 96n) | (0x5efen << 32n) | v4 },
  { use: 'ISATAP', embed: (v4) => (0x2a00_1450n << 96n) | (0x0200_5efen << 32n) | v4 },
]

describe.for(EMBEDDINGS)('an address of IPv4 inside one of IPv6 ($use)', ({ use, embed }) => {
  test('is refused for what it stands for', () => {
    for (const text of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '255.255.255.255']) {
      expect(refuseAddress(v6(embed(read(text).value)), [])).toMatch(new RegExp(`^${use} for ${text}, which is `))
    }
  })

  test('is let through when it stands for the public internet', () => {
    expect(refuseAddress(v6(embed(read('8.8.8.8').value)), [])).toBeUndefined()
  })

  test('is judged as the address inside, whichever that is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffffn }), (value) => {
        const inside = refuseAddress({ version: 4, value }, [])
        const around = refuseAddress(v6(embed(value)), [])
        expect(around === undefined).toBe(inside === undefined)
      }),
    )
  })

  test('is let through when the address inside is allowed', () => {
    const loopback = parseIpRange('127.0.0.0/8')
    expect(refuseAddress(v6(embed(0x7f00_0001n)), loopback === undefined ? [] : [loopback])).toBeUndefined()
  })
})

test.for(['::7f00:1', '::8.8.8.8', '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8', '64:ff9b:1::8.8.8.8', '2001::8.8.8.8'])(
  '%s is refused whatever it stands for',
  (text) => {
    expect(refuse(text)).toBeDefined()
  },
)

test.for([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fe80::a9fe:a9fe',
  '::ffff:169.254.169.254',
  '64:ff9b::169.254.169.254',
  'fd00:42::42',
  '::169.254.169.254',
  '::ffff:0:169.254.169.254',
  '64:ff9b:1::169.254.169.254',
  '64:ff9b:1:0:a9:fea9:fe00::',
  '64:ff9b:1:a9:fe:a9fe::',
  '64:ff9b:1:a9fe:a9:fe00::',
])('%s is a metadata service, and refused', (text) => {
  expect([isMetadataAddress(read(text)), refuse(text) !== undefined]).toEqual([true, true])
})

test.for(['10.0.0.1', '127.0.0.1', '100.100.100.201', 'fd00:ec3::254', '8.8.8.8'])(
  '%s is no metadata service',
  (text) => {
    expect(isMetadataAddress(read(text))).toBe(false)
  },
)

/** Ways that are refused whatever is inside, and that somebody may still translate. */
const TRANSLATIONS: typeof EMBEDDINGS = [
  { use: 'compatible', embed: (v4) => v4 },
  { use: 'translated', embed: (v4) => (0xffffn << 48n) | v4 },
  { use: 'local NAT64 of 96 bits', embed: (v4) => (0x64_ff9b_0001n << 80n) | v4 },
  { use: 'local NAT64 of 64 bits', embed: (v4) => (0x64_ff9b_0001n << 80n) | (v4 << 24n) },
  {
    use: 'local NAT64 of 56 bits',
    embed: (v4) => (0x64_ff9b_0001n << 80n) | ((v4 >> 24n) << 64n) | ((v4 & 0xff_ffffn) << 32n),
  },
  {
    use: 'local NAT64 of 48 bits',
    embed: (v4) => (0x64_ff9b_0001n << 80n) | ((v4 >> 16n) << 64n) | ((v4 & 0xffffn) << 40n),
  },
  { use: 'Teredo, the server', embed: (v4) => (0x2001_0000n << 96n) | (v4 << 64n) },
  { use: 'Teredo, the client', embed: (v4) => (0x2001_0000n << 96n) | (v4 ^ 0xffff_ffffn) },
]

test.for([...EMBEDDINGS, ...TRANSLATIONS])('an address is within a block also inside another ($use)', ({ embed }) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffffn }), (value) => {
      expect(isWithin([{ version: 4, first: value, last: value }], v6(embed(value)))).toBe(true)
    }),
  )
})

test('an address is within a block that is written in the notation of IPv6', () => {
  const block = parseIpRange('::ffff:10.0.0.0/104')
  const within = ['10.1.2.3', '::ffff:10.1.2.3', '11.1.2.3'].map((text) => isWithin(block ? [block] : [], read(text)))
  expect(within).toEqual([true, true, false])
})

test('an address is within no block that has nothing to do with it', () => {
  const block = parseIpRange('10.0.0.0/8')
  const texts = ['11.0.0.1', '2606:4700::1111', '2a00:1450::a00:1', 'fd00::a00:1', '::ffff:11.0.0.1']
  expect(texts.filter((text) => isWithin(block ? [block] : [], read(text)))).toEqual([])
})

test.for([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['1.2.3.4', '1.2.3.4'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0:0:0:102:304'],
  ['::1.2.3.4', '0:0:0:0:0:0:102:304'],
] as const)('%s is plainly %s', ([text, expected]) => {
  expect(formatIp(unmapIp(read(text)))).toBe(expected)
})

test('every block of metadata services is refused without being allowed', () => {
  for (const block of METADATA_BLOCKS) {
    const range = parseIpRange(block)
    if (range === undefined) throw new Error(`expected a block, got ${block}`)
    for (const value of [range.first, range.last]) {
      const refused = refuseAddress({ version: range.version, value }, []) !== undefined
      expect([formatIp({ ...range, value }), refused]).toEqual([formatIp({ ...range, value }), true])
    }
  }
})

function refuse(text: string): string | undefined {
  return refuseAddress(read(text), [])
}

function read(text: string): IpAddress {
  const address = parseIp(text)
  if (address === undefined) throw new Error(`expected an address, got ${text}`)
  return address
}

function v6(value: bigint): IpAddress {
  return { version: 6, value }
}

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { containsIp, formatIp, parseIp, parseIpRange } from '../../src/net/ip-address.ts'

test.for([
  ['0.0.0.0', 4, 0n],
  ['1.2.3.4', 4, 0x01020304n],
  ['255.255.255.255', 4, 0xffff_ffffn],
  ['::', 6, 0n],
  ['::1', 6, 1n],
  ['1::', 6, 1n << 112n],
  ['::ffff:1.2.3.4', 6, 0xffff_0102_0304n],
  ['64:ff9b::192.0.2.33', 6, (0x64_ff9bn << 96n) | 0xc000_0221n],
  ['2001:DB8::A', 6, (0x2001_0db8n << 96n) | 10n],
  ['1:2:3:4:5:6:7:8', 6, 0x0001_0002_0003_0004_0005_0006_0007_0008n],
  ['1:2:3:4:5:6:1.2.3.4', 6, 0x0001_0002_0003_0004_0005_0006_0102_0304n],
  ['1:2:3:4:5:6:7::', 6, 0x0001_0002_0003_0004_0005_0006_0007_0000n],
] as const)('%s is the number it stands for', ([text, version, value]) => {
  expect(parseIp(text)).toEqual({ version, value })
})

test.for([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x7f.0.0.1',
  '127.1',
  '2130706433',
  ' 1.2.3.4',
  'fe80::1%eth0',
  '1::2::3',
  ':::',
  '12345::',
  '[::1]',
  'localhost',
])('%j is not an address', (text) => {
  expect(parseIp(text)).toBeUndefined()
})

test('every address of IPv4 reads back as it was written', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
      const text = octets.join('.')
      const address = parseIp(text)
      expect(address && formatIp(address)).toBe(text)
    }),
  )
})

test('every address of IPv6 is the same number however it is written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
      const full = formatIp({ version: 6, value })
      const short = URL.parse(`http://[${full}]/`)?.hostname.slice(1, -1) ?? ''
      expect([parseIp(full)?.value, parseIp(short)?.value]).toEqual([value, value])
    }),
  )
})

test('a block has its first and its last address and not the ones beside them', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffffn }), fc.integer({ min: 0, max: 32 }), (value, prefix) => {
      const range = parseIpRange(`${formatIp({ version: 4, value })}/${prefix}`)
      if (range === undefined) throw new Error('expected a range')
      const { first, last } = range
      expect(last - first + 1n).toBe(1n << BigInt(32 - prefix))
      const within = [first, value, last].map((at) => containsIp(range, { version: 4, value: at }))
      const beside = [first - 1n, last + 1n].map((at) => containsIp(range, { version: 4, value: at }))
      expect([within, beside]).toEqual([
        [true, true, true],
        [false, false],
      ])
    }),
  )
})

test('an address without a length is a block of one', () => {
  expect(parseIpRange('::1')).toEqual({ version: 6, first: 1n, last: 1n })
})

test('a block has no addresses of the other version', () => {
  const range = parseIpRange('::/0')
  expect(range && containsIp(range, { version: 4, value: 0n })).toBe(false)
})

test.for(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', '10.0.0.0/-1', 'ten/8', '/8'])(
  '%j is not a block',
  (text) => {
    expect(parseIpRange(text)).toBeUndefined()
  },
)

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseHostList } from '../../src/net/host-list.ts'
import { createNetworkGate, lookupBySystem } from '../../src/net/network-gate.ts'
import { SPECIAL_BLOCKS } from '../../src/net/special-addresses.ts'
import { parseIpRange } from '../../src/net/ip-address.ts'

const nobody = parseHostList([])
if ('invalid' in nobody) throw new TypeError('expected an empty list')
const gate = createNetworkGate({
  allowHosts: undefined,
  denyHosts: nobody,
  allowPrivate: nobody,
  lookup: lookupBySystem,
})

/** An address in a special block of IPv4, as a number. */
const special = fc
  .constantFrom(...SPECIAL_BLOCKS.map(({ block }) => block).filter((block) => block.includes('.')))
  .chain((block) => {
    const range = parseIpRange(block)
    if (range === undefined) throw new TypeError(`expected a block of addresses, got ${block}`)
    return fc.bigInt({ min: range.first, max: range.last }).map(Number)
  })

const PUBLIC = 0x5db8_d822

/** How a number may be written in an address: as everyone does, in octal or in hexadecimal digits. */
const RADIXES: readonly ((part: number) => string)[] = [
  (part) => String(part),
  (part) => `0${part.toString(8)}`,
  (part) => `000${part.toString(8)}`,
  (part) => `0x${part.toString(16)}`,
  (part) => `0X${part.toString(16).toUpperCase()}`,
  (part) => `0x0000${part.toString(16)}`,
]

/** How a text may be written in a URL. */
const DISGUISES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${text}.`,
  (text) => text.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (text) => text.replaceAll(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1)),
  (text) => text.replaceAll('.', '\u3002'),
  (text) => text.replaceAll('.', '\uff0e'),
  (text) => text.replaceAll(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`),
  (text) => `${text.slice(0, 1)}\t${text.slice(1)}`,
  (text) => `${text.slice(0, 1)}\u00ad${text.slice(1)}`,
]

/** Writes an address in one to four parts, of which the last has what is left. */
function writeIpv4(address: number, radixes: readonly ((part: number) => string)[]): string {
  const parts = radixes.slice(0, -1).map((write, at) => write((address >>> (24 - 8 * at)) & 0xff))
  const bits = 32 - 8 * parts.length
  const last = radixes.at(-1) ?? String
  return [...parts, last(address % 2 ** bits)].join('.')
}

const spelling = fc.record({
  radixes: fc.array(fc.constantFrom(...RADIXES), { minLength: 1, maxLength: 4 }),
  disguise: fc.constantFrom(...DISGUISES),
})

test('an address that is not public is refused in every way to write it', () => {
  fc.assert(
    fc.property(special, spelling, (address, { radixes, disguise }) => {
      const url = `http://${disguise(writeIpv4(address >>> 0, radixes))}/`
      expect(() => gate.parse(url)).toThrow(expect.objectContaining({ code: 'BUILTIN_REFUSED' }))
    }),
    { numRuns: 1000 },
  )
})

test('a public address is the same in every way to write it', () => {
  fc.assert(
    fc.property(spelling, ({ radixes, disguise }) => {
      expect(gate.parse(`http://${disguise(writeIpv4(PUBLIC, radixes))}/`).hostname).toBe('93.184.216.34')
    }),
    { numRuns: 300 },
  )
})

/** Ways to write an address of IPv4 as one of IPv6 that leads to it. */
const WITHIN: readonly ((high: string, low: string, dotted: string) => string)[] = [
  (_high, _low, dotted) => `::ffff:${dotted}`,
  (high, low) => `::ffff:${high}:${low}`,
  (high, low) => `0:0:0:0:0:FFFF:${high}:${low}`,
  (high, low) => `0000:0000::ffff:${high}:${low}`,
  (_high, _low, dotted) => `64:ff9b::${dotted}`,
  (high, low) => `64:FF9B:0::${high}:${low}`,
  (high, low) => `2002:${high}:${low}::1`,
  (high, low) => `2002:${high}:${low}:1:2:3:4:5`,
  (high, low) => `2a00:1:2:3:0:5efe:${high}:${low}`,
  (high, low) => `2a00:1:2:3:200:5efe:${high}:${low}`,
]

test('an address that is not public is refused within each of IPv6 that leads to it', () => {
  fc.assert(
    fc.property(special, fc.constantFrom(...WITHIN), (address, write) => {
      const [high, low] = [address >>> 16, address & 0xffff].map((part) => part.toString(16))
      const url = `http://[${write(high ?? '', low ?? '', writeIpv4(address >>> 0, [String, String, String, String]))}]/`
      expect(() => gate.parse(url)).toThrow(expect.objectContaining({ code: 'BUILTIN_REFUSED' }))
    }),
    { numRuns: 500 },
  )
  for (const write of WITHIN)
    expect(() => gate.parse(`http://[${write('5db8', 'd822', '93.184.216.34')}]/`)).not.toThrow()
})

import { containsIp, formatIp, parseIpRange, type IpAddress, type IpRange } from './ip-address.ts'
import { EMBEDDING_BLOCKS, GLOBAL_UNICAST, METADATA_BLOCKS, SPECIAL_BLOCKS } from './special-addresses.ts'

const SPECIAL = SPECIAL_BLOCKS.map(({ block, use }) => ({ range: mustParse(block), block, use }))
const EMBEDDING = EMBEDDING_BLOCKS.map(({ block, use, shift }) => ({ range: mustParse(block), use, shift }))
const METADATA = METADATA_BLOCKS.map(mustParse)
const UNICAST = mustParse(GLOBAL_UNICAST)
const MAPPED = mustParse('::ffff:0:0/96')

const IPV4_MASK = 0xffff_ffffn

/** Blocks that are refused as they are, and still carry addresses of IPv4 for whoever translates them. */
const CARRYING: readonly { readonly range: IpRange; readonly read: (value: bigint) => readonly bigint[] }[] = [
  { range: mustParse('::/96'), read: (value) => [value] },
  // RFC 2765, for translators without a state.
  { range: mustParse('::ffff:0:0:0/96'), read: (value) => [value] },
  // RFC 8215, with a prefix of 96, 64, 56 or 48 bits: the last three leave out bits 64 to 71 (RFC 6052, 2.2).
  {
    range: mustParse('64:ff9b:1::/48'),
    read: (value) => [
      value,
      value >> 24n,
      (((value >> 64n) & 0xffn) << 24n) | ((value >> 32n) & 0xff_ffffn),
      (((value >> 64n) & 0xffffn) << 16n) | ((value >> 40n) & 0xffffn),
    ],
  },
  // Teredo (RFC 4380): the server, and the client with every bit turned over.
  { range: mustParse('2001::/32'), read: (value) => [value >> 64n, ~value] },
]

/** The interface identifiers of ISATAP (RFC 5214), without and with the bit for a unique address. */
const ISATAP: ReadonlySet<bigint> = new Set([0x0000_5efen, 0x0200_5efen])

/**
 * Says why an address must not be reached; `undefined` when it may.
 *
 * An address that stands for one of IPv4 (mapped, NAT64, 6to4, ISATAP) is
 * judged by that one. What is in `allowed` may be reached whatever it is.
 */
export function refuseAddress(address: IpAddress, allowed: readonly IpRange[]): string | undefined {
  if (allowed.some((range) => containsIp(range, address))) return undefined
  const embedded = findEmbedded(address)
  if (embedded !== undefined) {
    const refused = refuseAddress(embedded.address, allowed)
    if (refused !== undefined) return `${embedded.use} for ${formatIp(embedded.address)}, which is ${refused}`
    if (embedded.complete) return undefined
  }
  const special = SPECIAL.find(({ range }) => containsIp(range, address))
  if (special !== undefined) return `${special.use} (${special.block})`
  if (address.version === 6 && !containsIp(UNICAST, address)) return `not global unicast (${GLOBAL_UNICAST})`
  return undefined
}

/** Reports whether clouds hand out credentials at this address, or at one that it may stand for. */
export function isMetadataAddress(address: IpAddress): boolean {
  return isWithin(METADATA, address)
}

/**
 * Reports whether an address is in one of these blocks, in any notation.
 *
 * Errs on the side of yes: every address of IPv4 counts that some translator or tunnel could read out of it.
 */
export function isWithin(ranges: readonly IpRange[], address: IpAddress): boolean {
  const read = address.version === 4 ? [asMapped(address)] : readEmbedded(address)
  return [address, ...read].some((one) => ranges.some((range) => containsIp(range, one)))
}

/** An address of IPv4 that is written as one of IPv6 (`::ffff:1.2.3.4`) as what it is; any other unchanged. */
export function unmapIp(address: IpAddress): IpAddress {
  return containsIp(MAPPED, address) ? { version: 4, value: address.value & IPV4_MASK } : address
}

function asMapped({ value }: IpAddress): IpAddress {
  return { version: 6, value: MAPPED.first + value }
}

function readEmbedded(address: IpAddress): readonly IpAddress[] {
  const judged = findEmbedded(address)
  const others = CARRYING.filter(({ range }) => containsIp(range, address)).flatMap(({ read }) => read(address.value))
  return [...(judged === undefined ? [] : [judged.address]), ...others.map(asIpv4)]
}

function asIpv4(value: bigint): IpAddress {
  return { version: 4, value: value & IPV4_MASK }
}

interface Embedded {
  readonly address: IpAddress
  readonly use: string
  /** Whether the address says nothing but the one in it. */
  readonly complete: boolean
}

function findEmbedded({ version, value }: IpAddress): Embedded | undefined {
  if (version === 4) return undefined
  const block = EMBEDDING.find(({ range }) => containsIp(range, { version, value }))
  if (block !== undefined) {
    const inner = (value >> block.shift) & IPV4_MASK
    return { address: { version: 4, value: inner }, use: block.use, complete: true }
  }
  if (!ISATAP.has((value >> 32n) & IPV4_MASK)) return undefined
  return { address: { version: 4, value: value & IPV4_MASK }, use: 'ISATAP', complete: false }
}

function mustParse(block: string): IpRange {
  const range = parseIpRange(block)
  if (range === undefined) throw new TypeError(`expected a block of addresses, got ${block}`)
  return range
}

import { containsIp, formatIp, parseIpRange, type IpAddress, type IpRange } from './ip-address.ts'
import { EMBEDDING_BLOCKS, GLOBAL_UNICAST, METADATA_BLOCKS, SPECIAL_BLOCKS } from './special-addresses.ts'

const SPECIAL = SPECIAL_BLOCKS.map(({ block, use }) => ({ range: mustParse(block), block, use }))
const EMBEDDING = EMBEDDING_BLOCKS.map(({ block, use, shift }) => ({ range: mustParse(block), use, shift }))
const METADATA = METADATA_BLOCKS.map(mustParse)
const UNICAST = mustParse(GLOBAL_UNICAST)

const IPV4_MASK = 0xffff_ffffn

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

/** Reports whether clouds hand out credentials at this address, or at the one it stands for. */
export function isMetadataAddress(address: IpAddress): boolean {
  const embedded = findEmbedded(address)
  return (
    METADATA.some((range) => containsIp(range, address)) ||
    (embedded !== undefined && isMetadataAddress(embedded.address))
  )
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

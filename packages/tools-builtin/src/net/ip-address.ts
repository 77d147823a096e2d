import { isIPv4, isIPv6 } from 'node:net'

/** An address of the Internet Protocol as a number of 32 or 128 bits. */
export interface IpAddress {
  readonly version: 4 | 6
  readonly value: bigint
}

/** All addresses from `first` to `last`, both included. */
export interface IpRange {
  readonly version: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** Reads an address in its usual notation; anything else, a zone too, is `undefined`. */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { version: 4, value: joinParts(text.split('.'), { base: 10, bits: 8n }) }
  return isIPv6(text) && !text.includes('%') ? { version: 6, value: readGroups(text) } : undefined
}

/** Reads an address or a block of them, such as `10.0.0.0/8`; `undefined` for anything else. */
export function parseIpRange(text: string): IpRange | undefined {
  const [start = '', length, ...more] = text.split('/')
  const address = parseIp(start)
  if (address === undefined || more.length > 0) return undefined
  const bits = address.version === 4 ? 32 : 128
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  const first = address.value - (address.value % size)
  return { version: address.version, first, last: first + size - 1n }
}

/** Reports whether `range` has `address` in it. */
export function containsIp(range: IpRange, address: IpAddress): boolean {
  return range.version === address.version && range.first <= address.value && address.value <= range.last
}

/** Writes an address; IPv6 in full groups, which is enough for an error. */
export function formatIp({ version, value }: IpAddress): string {
  if (version === 4) return splitParts(value, 4, 8n).join('.')
  return splitParts(value, 8, 16n)
    .map((group) => group.toString(16))
    .join(':')
}

function readGroups(text: string): bigint {
  const dotted = /[^:]+\.[^:]+$/.exec(text)?.[0]
  const plain = dotted === undefined ? text : text.slice(0, -dotted.length) + asGroups(dotted)
  const [left = '', right] = plain.split('::')
  const before = groupsOf(left)
  const after = right === undefined ? [] : groupsOf(right)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return joinParts([...before, ...zeros, ...after], { base: 16, bits: 16n })
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':')
}

/** The last 32 bits may be written as an IPv4 address. */
function asGroups(dotted: string): string {
  const value = joinParts(dotted.split('.'), { base: 10, bits: 8n })
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}

function joinParts(parts: readonly string[], { base, bits }: { readonly base: number; readonly bits: bigint }): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(Number.parseInt(part, base)), 0n)
}

function splitParts(value: bigint, count: number, bits: bigint): readonly bigint[] {
  const mask = (1n << bits) - 1n
  return Array.from({ length: count }, (_, index) => (value >> (bits * BigInt(count - 1 - index))) & mask)
}

import { parseIp, parseIpRange, type IpRange } from './ip-address.ts'

/** A list of hosts and blocks of addresses, as an option names them. */
export interface HostList {
  /** The blocks of addresses in it. */
  readonly ranges: readonly IpRange[]
  /** Reports whether a host, as URLs have it, is in the list by name. */
  hasName(host: string): boolean
}

/**
 * Reads a list of hosts: `example.com` is itself, `*.example.com` is every
 * name below it, `10.0.0.0/8` and `::1` are addresses.
 *
 * @returns the entry that is none of these, instead, when there is one.
 */
export function parseHostList(entries: readonly string[]): HostList | { readonly invalid: string } {
  const names = new Set<string>()
  const below: string[] = []
  const ranges: IpRange[] = []
  for (const entry of entries) {
    const range = parseIpRange(entry.replace(/^\[(.*)\]$/, '$1'))
    const name = range === undefined ? normalizeHost(entry.replace(/^\*\./, '')) : undefined
    if (range !== undefined) ranges.push(range)
    else if (name === undefined || parseIp(name) !== undefined) return { invalid: entry }
    else if (entry.startsWith('*.')) below.push(`.${name}`)
    else names.add(name)
  }
  return {
    ranges,
    hasName: (host) => names.has(host) || below.some((suffix) => host.endsWith(suffix)),
  }
}

/**
 * Writes a host as URLs have it: small letters, punycode, addresses without brackets, no trailing dot.
 *
 * @returns `undefined` for what is no host.
 */
function normalizeHost(text: string): string | undefined {
  if (text === '' || /[/?#@\\:\s*]/.test(text)) return undefined
  const url = URL.parse(`http://${text}/`)
  return url === null ? undefined : hostOf(url)
}

/** The host of a URL without brackets and trailing dot; `undefined` when a part of the name is empty. */
export function hostOf(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return host.split('.').includes('') ? undefined : host
}

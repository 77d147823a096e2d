import { lookup as systemLookup } from 'node:dns/promises'

import { transient } from '@starling/tool'
import { BuiltinToolError } from '../builtin-tool-error.ts'
import { abortable } from '../effect.ts'
import { errorCode } from '../error-code.ts'
import { isMetadataAddress, isWithin, refuseAddress, unmapIp } from './address-check.ts'
import { hostOf, type HostList } from './host-list.ts'
import { containsIp, formatIp, parseIp, type IpAddress } from './ip-address.ts'
import { BLOCKED_PORTS, SPECIAL_NAMES } from './special-addresses.ts'

/** Asks for the addresses of a host. */
export type HostLookup = (host: string, options: { readonly signal: AbortSignal }) => Promise<readonly string[]>

/** What may be reached. */
export interface NetworkRules {
  /** Nothing else is reached; `undefined` is every public host. */
  readonly allowHosts: HostList | undefined
  /** Never reached; goes before everything else. */
  readonly denyHosts: HostList
  /** Reached although it is not the public internet. */
  readonly allowPrivate: HostList
  readonly lookup: HostLookup
}

/** Stands between a tool and the network: lets through what the rules allow. */
export interface NetworkGate {
  /**
   * Reads an address, relative to `base` when there is one, and checks all that can be known without asking anyone.
   *
   * @throws `BuiltinToolError` `BUILTIN_REFUSED` in words for the model.
   */
  parse(text: string, base?: URL): URL
  /**
   * Asks for the addresses of the host and checks every one of them; the connection must go to these and no others.
   *
   * Rejects with `BUILTIN_REFUSED`, with `BUILTIN_NOT_FOUND`, or with the reason of `signal`.
   */
  resolve(url: URL, signal: AbortSignal): Promise<readonly string[]>
}

/** Creates a gate. */
export function createNetworkGate(rules: NetworkRules): NetworkGate {
  return {
    parse(text, base) {
      const url = URL.parse(text, base?.href)
      if (url === null) throw refused(`${JSON.stringify(text)} is not an absolute URL`)
      checkShape(url)
      const host = hostOf(url)
      if (host === undefined || host === '') throw refused(`${JSON.stringify(text)} has no usable host`)
      checkHost(host, rules)
      // One spelling for the check, the connection, the certificate and the result.
      url.hostname = spellHost(host)
      url.hash = ''
      return url
    },
    async resolve(url, signal) {
      const host = hostOf(url) ?? ''
      const literal = parseIp(host)
      if (literal !== undefined) return [host]
      const addresses = await ask(host, rules, signal)
      for (const address of addresses) checkResolved(address, host, rules)
      return addresses
    },
  }
}

/** The lookup of the operating system, which knows its hosts file too. */
export async function lookupBySystem(host: string): Promise<readonly string[]> {
  const found = await systemLookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

function checkShape(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused(`the scheme ${url.protocol} is not supported, expected http: or https:`)
  }
  if (url.username !== '' || url.password !== '') throw refused('a URL with a user name or a password is not fetched')
  if (url.port !== '' && BLOCKED_PORTS.has(Number(url.port))) throw refused(`port ${url.port} is not for web pages`)
}

function checkHost(host: string, rules: NetworkRules): void {
  const address = parseIp(host)
  if (rules.denyHosts.hasName(host) || (address !== undefined && isWithin(rules.denyHosts.ranges, address))) {
    throw refused(`host ${host} is not allowed`)
  }
  if (rules.allowHosts !== undefined && !isAllowed(rules.allowHosts, host, address)) {
    throw refused(`host ${host} is not one of those allowed`)
  }
  if (address !== undefined) {
    const reason = refuseAddress(address, rules.allowPrivate.ranges)
    if (reason !== undefined) throw refused(`address ${host} is ${reason}`)
  } else if (!rules.allowPrivate.hasName(host)) {
    checkName(host)
  }
}

function checkName(host: string): void {
  const special = SPECIAL_NAMES.find(({ name }) => host === name || host.endsWith(`.${name}`))
  if (special !== undefined) throw refused(`host ${host} is for ${special.use}`)
  // The resolver completes such a name with the domains of the local network.
  if (!host.includes('.')) throw refused(`host ${host} has no dot, so it is for the local network`)
}

async function ask(host: string, rules: NetworkRules, signal: AbortSignal): Promise<readonly string[]> {
  let addresses: readonly string[]
  try {
    addresses = await abortable(rules.lookup(host, { signal }), signal)
  } catch (cause) {
    signal.throwIfAborted()
    const code = errorCode(cause) ?? 'no code'
    if (code === 'EAI_AGAIN' || code === 'ETIMEOUT' || code === 'ESERVFAIL') {
      throw transient(new Error(`the name service did not answer for host ${host} (${code})`, { cause }))
    }
    throw new BuiltinToolError('BUILTIN_NOT_FOUND', `host ${host} was not found (${code})`, { cause })
  }
  if (addresses.length === 0) throw new BuiltinToolError('BUILTIN_NOT_FOUND', `host ${host} has no address`)
  return addresses
}

function checkResolved(text: string, host: string, rules: NetworkRules): void {
  const address = parseIp(text)
  if (address === undefined) throw refused(`host ${host} has the address ${JSON.stringify(text)}, which is not one`)
  if (isWithin(rules.denyHosts.ranges, address)) {
    throw refused(`host ${host} is at ${text}, which is not allowed`)
  }
  const reason = refuseAddress(address, rules.allowPrivate.ranges)
  if (reason === undefined) return
  if (rules.allowPrivate.hasName(host) && !isMetadataAddress(address)) return
  throw refused(`host ${host} is at ${text}, which is ${reason}`)
}

function isAllowed(list: HostList, host: string, address: IpAddress | undefined): boolean {
  if (address === undefined) return list.hasName(host)
  return list.ranges.some((range) => containsIp(range, address) || containsIp(range, unmapIp(address)))
}

/** A host as URLs write it; what is mapped into IPv6 as the address that the connection will go to. */
function spellHost(host: string): string {
  const address = parseIp(host)
  if (address?.version !== 6) return host
  const plain = unmapIp(address)
  return plain.version === 4 ? formatIp(plain) : `[${host}]`
}

function refused(message: string): BuiltinToolError {
  return new BuiltinToolError('BUILTIN_REFUSED', message)
}

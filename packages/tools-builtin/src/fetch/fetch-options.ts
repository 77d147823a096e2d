import { Buffer } from 'node:buffer'

import type { ToolPolicy } from '@starling/tool'
import {
  aFunction,
  aPolicy,
  checkOptions,
  invalidOption,
  milliseconds,
  oneOf,
  someText,
  texts,
  wholeNumber,
  type OptionChecks,
} from '../check-options.ts'
import { parseHostList, type HostList } from '../net/host-list.ts'
import { createNetworkGate, lookupBySystem, type HostLookup, type NetworkGate } from '../net/network-gate.ts'

/** How {@link createFetchTool} may be set up. */
export interface FetchToolOptions {
  /**
   * The only hosts that are fetched from: `example.com`, `*.example.com` for every name below it, or
   * addresses. An empty list is none. Default: every public one.
   */
  readonly allowHosts?: readonly string[] | undefined
  /** Hosts and blocks of addresses that are never fetched from; goes before everything else. Default: none. */
  readonly denyHosts?: readonly string[] | undefined
  /**
   * Hosts and blocks of addresses that may be reached although they are not the public internet, such as
   * `10.20.0.0/16` or `wiki.corp`. A host by name does not open the metadata services of clouds. Default: none.
   */
  readonly allowPrivate?: readonly string[] | undefined
  /** The longest body that is handed on, in bytes; what is longer is cut and flagged. Default: 256 KiB. */
  readonly maxBytes?: number | undefined
  /** How many redirects are followed. Default: 5. */
  readonly maxRedirects?: number | undefined
  /** How long a call may take, in milliseconds, with all redirects. Default: 30,000. */
  readonly timeoutMs?: number | undefined
  /** How long each server may take until its headers are there, in milliseconds. Default: 10,000. */
  readonly hopTimeoutMs?: number | undefined
  /** What becomes of a body that is not text. Default: `omit`. */
  readonly binary?: 'omit' | 'base64' | undefined
  /** Show the model images (PNG, JPEG, GIF, WebP) beside the result; the model must be one that sees. Default: `false`. */
  readonly attachImages?: boolean | undefined
  /** The response headers that the model sees. Default: those about the content, caching and redirects. */
  readonly responseHeaders?: readonly string[] | undefined
  /** Default: `starling`. */
  readonly userAgent?: string | undefined
  /** Certificates to trust beside those that Node trusts, as PEM. Default: none. */
  readonly ca?: string | undefined
  /** Where to send requests instead of to the host itself. The environment is never asked. Default: none. */
  readonly proxy?: FetchProxy | undefined
  /** How the addresses of a host are found. Default: as the operating system does. */
  readonly lookup?: HostLookup | undefined
  /** Laid over the tool's own policy. */
  readonly policy?: ToolPolicy | undefined
}

/** An HTTP proxy; everything goes through a tunnel (`CONNECT`). */
export interface FetchProxy {
  /** Such as `http://proxy.example:3128`; a user name and password in it are sent to the proxy. */
  readonly url: string
  /**
   * Who finds the addresses of a host. `here`: they are checked, and the tunnel leads to exactly these.
   * `proxy`: it gets the name, and only it can keep private addresses out. Default: `here`.
   */
  readonly resolve?: 'here' | 'proxy' | undefined
}

/** The options with every default filled in. */
export interface FetchSettings {
  readonly gate: NetworkGate
  readonly maxBytes: number
  readonly maxRedirects: number
  readonly timeoutMs: number
  readonly hopTimeoutMs: number
  readonly binary: 'omit' | 'base64'
  readonly attachImages: boolean
  readonly responseHeaders: readonly string[]
  readonly userAgent: string
  readonly ca: string | undefined
  readonly proxy: ProxySettings | undefined
}

/** A proxy, and how to introduce oneself. */
export interface ProxySettings {
  readonly origin: string
  readonly resolve: 'here' | 'proxy'
  /** The value of `proxy-authorization`; `undefined` when the URL has no user name. */
  readonly authorization: string | undefined
}

const DEFAULT_HEADERS: readonly string[] = [
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'retry-after',
]

/** A token of RFC 9110. */
const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]+$/

/** What a header may hold: visible ASCII and spaces. */
const HEADER_VALUE = /^[ -~]+$/

const CHECKS: OptionChecks<FetchToolOptions> = {
  allowHosts: texts,
  denyHosts: texts,
  allowPrivate: texts,
  maxBytes: wholeNumber(1, 64 * 1024 * 1024),
  maxRedirects: wholeNumber(0, 50),
  timeoutMs: milliseconds,
  hopTimeoutMs: milliseconds,
  binary: oneOf('omit', 'base64'),
  attachImages: oneOf(true, false),
  responseHeaders: (value) =>
    texts(value) ?? (Array.isArray(value) && value.every(isHeaderName) ? undefined : 'names of headers'),
  userAgent: (value) => (typeof value === 'string' && HEADER_VALUE.test(value) ? undefined : 'visible ASCII'),
  ca: someText,
  proxy: (value) => (typeof value === 'object' && value !== null ? undefined : 'an object with a url'),
  lookup: aFunction,
  policy: aPolicy,
}

/** Checks the options and fills in the defaults. */
export function readFetchOptions(options: FetchToolOptions): FetchSettings {
  checkOptions('fetch', options, CHECKS)
  const hosts = (name: 'allowHosts' | 'denyHosts' | 'allowPrivate'): HostList => {
    const list = parseHostList(options[name] ?? [])
    if (!('invalid' in list)) return list
    throw invalidOption('fetch', `option ${name} has ${JSON.stringify(list.invalid)}, expected a host or addresses`)
  }
  return {
    gate: createNetworkGate({
      allowHosts: options.allowHosts === undefined ? undefined : hosts('allowHosts'),
      denyHosts: hosts('denyHosts'),
      allowPrivate: hosts('allowPrivate'),
      lookup: options.lookup ?? lookupBySystem,
    }),
    maxBytes: options.maxBytes ?? 256 * 1024,
    maxRedirects: options.maxRedirects ?? 5,
    timeoutMs: options.timeoutMs ?? 30_000,
    hopTimeoutMs: options.hopTimeoutMs ?? 10_000,
    binary: options.binary ?? 'omit',
    attachImages: options.attachImages ?? false,
    responseHeaders: (options.responseHeaders ?? DEFAULT_HEADERS).map((name) => name.toLowerCase()),
    userAgent: options.userAgent ?? 'starling',
    ca: options.ca,
    proxy: options.proxy === undefined ? undefined : readProxy(options.proxy),
  }
}

function readProxy({ url: text, resolve = 'here', ...unknown }: FetchProxy): ProxySettings {
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) throw invalidOption('fetch', `unknown option "proxy.${extra}": known are url, resolve`)
  if (oneOf('here', 'proxy')(resolve) !== undefined) {
    throw invalidOption('fetch', `option proxy.resolve is ${JSON.stringify(resolve)}, expected here or proxy`)
  }
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    return { origin: url.origin, resolve, authorization: readCredentials(url) }
  }
  // Not the text itself: it may hold a password.
  throw invalidOption('fetch', 'option proxy.url is not an http: or https: URL')
}

/** Basic credentials (RFC 7617), as UTF-8. */
function readCredentials({ username, password }: URL): string | undefined {
  if (username === '') return undefined
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`
  } catch {
    // Not the cause either: it may hold a part of the password.
    throw invalidOption('fetch', 'option proxy.url has a user name or a password that is not UTF-8 in percent-encoding')
  }
}

function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && HEADER_NAME.test(value)
}

import { fitsOne } from './pattern.ts'
import type { Verdict } from './verdict.ts'

/**
 * Judges the host of a URL, in one spelling: lower case, decoded, without the
 * dot at its end, other scripts in the letters of DNS (`xn--…`).
 */
export function fitsHost(hosts: readonly string[], text: string, mayBeOther: Verdict): Verdict {
  if (!URL.canParse(text)) return 'maybe'
  const verdict = fitsHostOf(hosts, text, mayBeOther)
  if (PLAIN.test(text)) return verdict
  return verdict === 'yes' && mayBeOther === 'maybe' ? 'yes' : 'maybe'
}

/** A URL in which every program finds the same host: no backslash or space before its path, and one `@` at most. */
const PLAIN = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#\\@\s\p{Cc}]*@)?[^/?#\\@\s\p{Cc}]+(?:[/?#]|$)/iu

function fitsHostOf(hosts: readonly string[], text: string, mayBeOther: Verdict): Verdict {
  const url = new URL(text)
  // Programs that are not strict about URLs find a host in some without one, such as evil.com:80.
  if (url.hostname === '') return mayBeOther
  const name = spellHost(url.hostname)
  if (name === undefined) return 'maybe'
  const port = url.port === '' ? (DEFAULT_PORTS.get(url.protocol) ?? '') : url.port
  const fits = hosts.some((host) => {
    const [, wanted = host, wantedPort] = /^(.*):(\d+|\*)$/.exec(host) ?? []
    return fitsOne([spellPattern(wanted)], name) && (wantedPort === undefined || fitsOne([wantedPort], port))
  })
  return fits ? 'yes' : 'no'
}

/** The host as a browser would have it; `undefined` for what is none. Schemes of one's own keep it as it is written. */
function spellHost(host: string): string | undefined {
  const url = `http://${host}`
  return URL.canParse(url) ? unmapped(new URL(url).hostname.replace(/\.$/, '')) : undefined
}

/** An address of IPv4 within one of IPv6 is the one that a connection goes to. */
function unmapped(host: string): string {
  const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(host) ?? []
  if (high === undefined || low === undefined) return host
  const value = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
}

/** The same for a pattern, part by part: those with a star in them are only put in lower case. */
function spellPattern(pattern: string): string {
  return pattern
    .replace(/\.$/, '')
    .toLowerCase()
    .split('.')
    .map((label) => (/[^\0-\x7f]/.test(label) ? (spellHost(label) ?? label) : label))
    .join('.')
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
  ['ws:', '80'],
  ['wss:', '443'],
  ['ftp:', '21'],
])

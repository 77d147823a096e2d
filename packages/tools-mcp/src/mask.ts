import type { McpTransport } from './mcp-options.ts'

/** Takes what a server was given out of texts: what it says, or a failure, may repeat it. */
export type Mask = (text: string) => string

/** Shorter values are words of everyday use, not secrets. */
const MIN_LENGTH = 6

/** Tokens are renewed; an error is not about older ones. */
const MAX_TOKENS = 8

/** Causes may be a loop. */
const MAX_CAUSES = 5

/** What of an error may be told: who looks at causes finds no secret either. What else it carries is left behind. */
export function maskError(error: unknown, mask: Mask, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? mask(error) : undefined
  const { name, message, stack, cause } = error
  const hasCause = cause !== undefined && depth < MAX_CAUSES
  const masked = new Error(mask(message), hasCause ? { cause: maskError(cause, mask, depth + 1) } : undefined)
  const code: unknown = Reflect.get(error, 'code')
  const status: unknown = Reflect.get(error, 'status')
  return Object.assign(masked, {
    name,
    ...(stack === undefined ? {} : { stack: mask(stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
  })
}

/** A part of a path that is as long, or shorter and with a digit, is taken for a key. */
const KEY_IN_PATH = /^(?=.*\d).{6,}$|^.{20,}$/

/** What may not be told of a transport: the values of its environment, headers and address, and its tokens. */
export class Secrets {
  readonly #fixed: readonly string[]
  #tokens: readonly string[] = []

  constructor(transport: McpTransport) {
    this.#fixed = secretsOf(transport)
  }

  readonly mask: Mask = (text) => {
    const secrets = [...this.#fixed, ...this.#tokens].filter(({ length }) => length >= MIN_LENGTH)
    // The longest first: one may be part of another.
    const ordered = secrets.toSorted((a, b) => b.length - a.length)
    return ordered.reduce((masked, secret) => masked.replaceAll(secret, '[hidden]'), text)
  }

  /** The same transport, of which every credential that goes over it is remembered. */
  watch(transport: McpTransport): McpTransport {
    if (transport.type !== 'http') return transport
    const { fetch = globalThis.fetch } = transport
    return {
      ...transport,
      fetch: (url, init) => {
        const credential = new Headers(init?.headers).get('authorization')?.split(' ').at(-1)
        if (credential !== undefined) this.#remember(credential)
        return fetch(url, init)
      },
    }
  }

  #remember(token: string): void {
    if (!this.#tokens.includes(token)) this.#tokens = [...this.#tokens, token].slice(-MAX_TOKENS)
  }
}

function secretsOf(transport: McpTransport): readonly string[] {
  switch (transport.type) {
    case 'stdio':
      return Object.values(transport.env ?? {})
    case 'http': {
      const { searchParams, username, password, pathname } = new URL(transport.url)
      const keys = pathname.split('/').filter((part) => KEY_IN_PATH.test(part))
      const values = Object.values(transport.headers ?? {})
      // Of `Bearer …` the token alone may come back.
      const plain = [...keys, ...searchParams.values(), username, password]
      // It comes back as it is written in the address, or as it is meant.
      const spellings = plain.flatMap((value) => [value, encodeURIComponent(value), decode(value)])
      return [...values, ...values.map((value) => value.split(' ').at(-1) ?? ''), ...spellings]
    }
    case 'custom':
      return []
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

import type { McpTransport } from './mcp-options.ts'

/** Takes what a server was given out of texts: what it says, or a failure, may repeat it. */
export type Mask = (text: string) => string

/** Shorter values are words of everyday use, not secrets. */
const MIN_LENGTH = 6

/** Tokens are renewed; an error is not about older ones. */
const MAX_TOKENS = 8

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
      const { searchParams, password } = new URL(transport.url)
      const values = Object.values(transport.headers ?? {})
      // Of `Bearer …` the token alone may come back.
      return [...values, ...values.map((value) => value.split(' ').at(-1) ?? ''), ...searchParams.values(), password]
    }
    case 'custom':
      return []
  }
}

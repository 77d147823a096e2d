import type { McpTransport } from './mcp-options.ts'

/** Shorter values are words of everyday use, not secrets. */
const MIN_LENGTH = 6

/** Takes the values of a transport's environment, headers and address out of texts. */
export type Mask = (text: string) => string

/** Creates the mask of a transport: what a server or a failure says may repeat what it was given. */
export function createMask(transport: McpTransport): Mask {
  const secrets = secretsOf(transport).filter(({ length }) => length >= MIN_LENGTH)
  // The longest first: one may be part of another.
  const ordered = secrets.toSorted((a, b) => b.length - a.length)
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, '[hidden]'), text)
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

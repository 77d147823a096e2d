/** What is used of the driver. Its module is CommonJS, whose names only its default export has in full. */
import { Buffer } from 'node:buffer'
import { Duplex } from 'node:stream'

import pg from 'pg'
import type { ClientConfig, Pool, PoolClient, PoolConfig, QueryArrayConfig } from 'pg'

const BOOL = 16
const BYTEA = 17
const INT8 = 20
const INT2 = 21
const INT4 = 23
const FLOAT8 = 701

/** Quotes a name for a statement. */
export const escapeIdentifier: (name: string) => string = pg.escapeIdentifier

/** Quotes a text for a statement that takes no values. */
export const escapeLiteral: (text: string) => string = pg.escapeLiteral

/** Creates a pool of connections; nothing is connected yet. */
export function createPool(config: PoolConfig): Pool {
  const pool = new pg.Pool(config)
  // An idle connection that breaks is replaced when the next one is needed.
  pool.on('error', ignore)
  return pool
}

/** Creates a client for a connection of its own. */
export function createClient(config: ClientConfig): pg.Client {
  return new pg.Client(config)
}

/** Takes a connection from a pool that may wait for ever, and gives it back when it comes too late. */
export async function connectWithin(pool: Pool, ms: number | undefined): Promise<PoolClient> {
  const connecting = pool.connect()
  if (ms === undefined) return connecting
  const { promise, reject } = Promise.withResolvers<never>()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    reject(new Error('timeout exceeded when trying to connect'))
  }, ms)
  connecting.then((client) => isLate && client.release(), ignore)
  try {
    return await Promise.race([connecting, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs a statement on a client; rows come as arrays, with every integer of 64 bits as a `bigint`. */
export async function runQuery<R extends unknown[]>(
  client: Pick<PoolClient, 'query'>,
  { text, values, name, timeoutMs }: Statement,
): Promise<R[]> {
  const config: QueryArrayConfig & { query_timeout?: number } = {
    text,
    values: [...(values ?? [])],
    rowMode: 'array',
    types,
    ...(name === undefined ? {} : { name }),
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }),
  }
  const { rows } = await client.query<R>(config)
  return rows
}

/** A statement, the values for it, and the name to prepare it under. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  readonly name?: string | undefined
  /** After how long without an answer the connection counts as lost; for ever unless given. */
  readonly timeoutMs?: number | undefined
}

/** Returns the id of the server's process behind a client, as the server said it when the connection was made. */
export function processIdOf(client: object): number | undefined {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : undefined
}

/** Ends the connection of a client without a word to the server, which may no longer listen. */
export function cutOff(client: object): void {
  const connection = 'connection' in client ? client.connection : undefined
  if (typeof connection !== 'object' || connection === null || !('stream' in connection)) return
  if (connection.stream instanceof Duplex) connection.stream.destroy()
}

/** Does nothing with an error that whoever waits for the answer is told as well. */
export function ignore(): void {
  // See above.
}

const HEX_PREFIX = String.raw`\x`

// A byte in octal, a backslash that is doubled, or a byte as it is.
const ESCAPED = /\\([0-7]{3})|\\\\|[^\\]/gs

const types = new pg.TypeOverrides()
types.setTypeParser(BOOL, (value) => value === 't')
types.setTypeParser(BYTEA, toBytes)
types.setTypeParser(INT8, BigInt)
types.setTypeParser(INT2, Number)
types.setTypeParser(INT4, Number)
types.setTypeParser(FLOAT8, Number)

// A server may be set to write bytes in the older way.
function toBytes(value: string): Uint8Array {
  const bytes = value.startsWith(HEX_PREFIX) ? Buffer.from(value.slice(HEX_PREFIX.length), 'hex') : unescape(value)
  // A plain view of the buffer, which is of a subclass with other habits.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function unescape(value: string): Uint8Array {
  return Uint8Array.from(value.matchAll(ESCAPED), ([text, octal]) =>
    octal === undefined ? text.charCodeAt(text.length - 1) : Number.parseInt(octal, 8),
  )
}

/** What is used of the driver. Its module is CommonJS, whose names only its default export has in full. */
import pg from 'pg'
import type { ClientConfig, CustomTypesConfig, Pool, PoolClient, PoolConfig, QueryArrayConfig } from 'pg'

const BOOL = 16
const BYTEA = 17
const INT8 = 20
const INT2 = 21
const INT4 = 23
const FLOAT8 = 701

/** Quotes a name for a statement. */
export const escapeIdentifier: (name: string) => string = pg.escapeIdentifier

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

/** Runs a statement on a client; rows come as arrays, with every integer of 64 bits as a `bigint`. */
export async function runQuery<R extends readonly unknown[]>(
  client: Pick<PoolClient, 'query'>,
  { text, values, name }: Statement,
): Promise<R[]> {
  const config: QueryArrayConfig = {
    text,
    values: [...(values ?? [])],
    rowMode: 'array',
    types: TYPES,
    ...(name === undefined ? {} : { name }),
  }
  // The driver cannot know what a statement returns.
  const { rows } = await client.query(config)
  return rows as unknown as R[]
}

/** A statement, the values for it, and the name to prepare it under. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  readonly name?: string | undefined
}

/** Returns the id of the server's process behind a client, as the server said it when the connection was made. */
export function processIdOf(client: object): number | undefined {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : undefined
}

/** Does nothing with an error that whoever waits for the answer is told as well. */
export function ignore(): void {
  // See above.
}

const HEX_PREFIX = String.raw`\x`

const PARSERS: ReadonlyMap<number, (value: string) => unknown> = new Map<number, (value: string) => unknown>([
  [BOOL, (value) => value === 't'],
  [BYTEA, toBytes],
  [INT8, BigInt],
  [INT2, Number],
  [INT4, Number],
  [FLOAT8, Number],
])

// A server may be set to write bytes in another way; the driver reads that, too.
function toBytes(value: string): Uint8Array {
  const bytes = value.startsWith(HEX_PREFIX) ? Buffer.from(value.slice(HEX_PREFIX.length), 'hex') : readBytes(value)
  // A plain view of the buffer, which is of a subclass with other habits.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

const readBytes: (value: string) => Buffer = pg.types.getTypeParser(BYTEA)

const asText = (value: string): string => value

// The driver declares the overloads of its own function; a statement only ever asks for the parser of a type.
const TYPES = { getTypeParser: (oid: number) => PARSERS.get(oid) ?? asText } as unknown as CustomTypesConfig

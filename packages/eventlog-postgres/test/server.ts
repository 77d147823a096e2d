import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

/** A Postgres server of the tests' own. */
export interface TestServer {
  readonly port: number
  readonly dataDirectory: string
  /** The URL of the owner, or of another user and password. */
  url(user?: string, password?: string, database?: string): string
  /** Stops it, and removes its files. */
  stop(): Promise<void>
}

/** How {@link startServer} starts. */
export interface ServerOptions {
  /** Settings, such as `max_connections=200`. */
  readonly settings?: readonly string[] | undefined
  /** A data directory that is there already. */
  readonly dataDirectory?: string | undefined
  readonly port?: number | undefined
  /** Whether it speaks TLS, with the certificate for `localhost` in the fixtures. */
  readonly tls?: boolean | undefined
  /** Whether its data directory is that of a standby. */
  readonly standby?: boolean | undefined
}

// Nothing here has to survive a loss of power.
const FAST = ['fsync=off', 'full_page_writes=off', 'max_connections=200', 'shared_buffers=64MB']

const SHARED: unique symbol = Symbol.for('starling.test.postgres')

type WithServer = typeof globalThis & { [SHARED]?: Promise<TestServer> }

/** Returns the server that the tests of this worker share, which ends with the worker. */
export function sharedServer(): Promise<TestServer> {
  const scope: WithServer = globalThis
  scope[SHARED] ??= startServer().then((server) => {
    server.process.unref()
    server.process.channel?.unref()
    return server
  })
  return scope[SHARED]
}

/** Starts a server on a free port; the process that runs it ends with this one. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer & { process: ChildProcess }> {
  const path = fileURLToPath(new URL('children/server.child.ts', import.meta.url))
  const child = fork(path, [JSON.stringify({ ...options, settings: [...FAST, ...(options.settings ?? [])] })], {
    execArgv: ['--conditions=@starling/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`)
  })
  const [message]: unknown[] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined)
  const { port, dataDirectory } = message as { readonly port: number; readonly dataDirectory: string }
  return {
    port,
    dataDirectory,
    process: child,
    url: (user = 'postgres', password = 'owner-password', database = 'postgres') =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

/** Returns the name of a schema that nobody else has: not even this module, when it is loaded once more beside the same server. */
export function freshSchema(): string {
  return `s${randomUUID().replaceAll('-', '')}`
}

/** Runs statements the way another program does. */
export async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}

/** Runs one statement the way another program does, and returns its rows. */
export async function rowsOf(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly unknown[][]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })
    return rows
  })
}

/** Lends a connection that knows nothing of this package. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

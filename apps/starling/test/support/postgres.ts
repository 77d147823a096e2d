import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spawnNode } from './call.ts'

/** A Postgres server of a test's own. */
export interface PostgresServer {
  readonly port: number
  /** The URL of its owner, or of another user, password and database. */
  url(user?: string, password?: string, database?: string): string
  /** Runs statements as another program does, and returns the rows of the last. */
  sql(...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  stop(): Promise<void>
}

// The package of the log has a program that runs a server until whoever started it is gone.
const SERVER = new URL('../../../../packages/eventlog-postgres/test/children/server.child.ts', import.meta.url)

// Nothing here has to survive a loss of power.
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'shared_buffers=16MB']

/** Starts a server on a free port. */
export async function startPostgres({ tls = false }: { readonly tls?: boolean } = {}): Promise<PostgresServer> {
  const settings = [...SETTINGS, ...(tls ? ['ssl=on'] : [])]
  const child = fork(fileURLToPath(SERVER), [JSON.stringify({ settings, tls })], {
    execArgv: ['--conditions=@starling/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined) // It ends some time.
  const port = Number(message.port)
  const url = (user = 'postgres', password = 'owner-password', database = 'postgres'): string =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
  return {
    port,
    url,
    sql: async (...statements) => {
      const program = fileURLToPath(new URL('sql.child.ts', import.meta.url))
      const stdin = JSON.stringify({ url: url(), statements })
      const { code, stdout, stderr } = await spawnNode([program], { stdin })
      if (code !== 0) throw new Error(stderr)
      return JSON.parse(stdout)
    },
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

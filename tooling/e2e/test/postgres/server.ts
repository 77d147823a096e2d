import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A Postgres server of the test's own. */
export interface PostgresServer {
  /** The URL of a log in a schema of this name. */
  url(schema: string): string
  stop(): Promise<void>
}

/** Starts a server on a free port; what it has said to be stored is. */
export async function startPostgres(): Promise<PostgresServer> {
  const child = fork(fileURLToPath(new URL('server.child.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`)
  })
  const [port] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined) // It ends some time.
  return {
    url: (schema) => `postgres://postgres:owner-password@127.0.0.1:${port}/postgres?schema=${schema}`,
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

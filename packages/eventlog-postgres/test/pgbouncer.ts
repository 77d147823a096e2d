import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { freePort } from './free-port.ts'

/** A pooler in front of a server, in transaction mode. */
export interface PgBouncer extends AsyncDisposable {
  url(): string
}

/** The pooler's program, or why there is none. */
export type FoundPgBouncer =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path?: undefined; readonly missing: string }

const PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** Finds the pooler that the test command has found or installed, or one on this machine. */
export function findPgBouncer(environment: NodeJS.ProcessEnv): FoundPgBouncer {
  if (environment['STARLING_NO_PGBOUNCER'] === '1') return { missing: 'STARLING_NO_PGBOUNCER is set' }
  const named = environment['STARLING_PGBOUNCER'] ?? ''
  if (named !== '') return { path: named }
  const folders = [...(environment['PATH'] ?? '').split(delimiter), ...PLACES].filter((folder) => folder !== '')
  const path = folders.map((folder) => join(folder, 'pgbouncer')).find(isExecutable)
  return path === undefined ? { missing: 'no PgBouncer here; STARLING_PGBOUNCER can name one' } : { path }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from '../free-port.ts'
import { npmServerPath } from './npm-server.ts'

/** A server on a port of loopback. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string
}

/** Starts the server `everything` of the protocol's authors as a process of its own, over streamable HTTP. */
export async function startEverything(): Promise<RunningServer> {
  const port = await freePort()
  const child = spawn(process.execPath, [npmServerPath('everything'), 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening')) break
  child.stderr.resume()
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      const exited = child.exitCode ?? child.signalCode ?? once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

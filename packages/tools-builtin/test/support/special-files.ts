import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** Makes a FIFO, which nobody writes to. */
export async function makeFifo(path: string): Promise<void> {
  await promisify(execFile)('mkfifo', [path])
}

/** A socket in the file system. */
export interface TestSocket extends AsyncDisposable {
  /** Its name in its folder. */
  readonly name: string
}

/** Makes a socket in the file system; it goes away when it is disposed of. */
export async function openSocket(path: string): Promise<TestSocket> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    name: basename(path),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

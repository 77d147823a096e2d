import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** Makes a FIFO, which nobody writes to. */
export async function makeFifo(path: string): Promise<void> {
  await promisify(execFile)('mkfifo', [path])
}

/**
 * Makes a folder with a file in it whose name is no UTF-8, so that no text names it: nobody who goes by text can
 * enter it, not even one who may enter everything.
 */
export async function makeUnreachable(parent: string): Promise<void> {
  const folder = Buffer.from(`${parent}/caf\u00E9`, 'latin1')
  await mkdir(folder)
  await writeFile(Buffer.concat([folder, Buffer.from('/b.txt')]), 'needle')
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

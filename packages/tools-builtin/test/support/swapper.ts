import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process that swaps things until it is disposed of. */
export interface Swapper extends AsyncDisposable {
  /** Rejects when the process has ended by itself, with what it wrote. */
  readonly ended: Promise<never>
}

/**
 * Puts two things in the place of a third, in turns and as fast as it can.
 *
 * Each turn renames `place` to one of the two and the other of them to `place`; `place` is the first of them at the start.
 */
const PROGRAM = `
const { renameSync } = require('node:fs')
const [place, first, second] = process.argv.slice(1)
process.stdout.write('ready')
for (;;) {
  renameSync(place, first)
  renameSync(second, place)
  renameSync(place, second)
  renameSync(first, place)
}
`

/** Starts to swap, in a process of its own. */
export async function startSwapper(place: string, first: string, second: string): Promise<Swapper> {
  const child = spawn(process.execPath, ['-e', PROGRAM, place, first, second], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let complaint = ''
  child.stderr.on('data', (chunk) => (complaint += String(chunk)))
  await once(child.stdout, 'data')
  const ended = exited.then(() => {
    throw new Error(`the swapper has ended: ${complaint}`)
  })
  ended.catch(() => undefined)
  return {
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

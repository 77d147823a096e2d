import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a contender does, on which file. */
export interface ContenderOptions {
  readonly path: string
  readonly task: 'start' | 'resume'
  readonly runId: string
  readonly leaseMs: number
}

/** A process that wants to work on a run. */
export class Contender implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor({ path, task, runId, leaseMs }: ContenderOptions) {
    const file = fileURLToPath(new URL('contender.child.ts', import.meta.url))
    const args = ['--conditions=@starling/source', file, path, task, runId, String(leaseMs)]
    this.#child = spawn(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })
    this.#child.stderr.on('data', (chunk) => (this.#errors += String(chunk)))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  tell(word: 'go' | 'finish'): void {
    this.#child.stdin.write(`${word}\n`)
  }

  /** The next thing it says. */
  async next(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error(`the process ended without another word: ${this.#errors}`)
    return value
  }

  send(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

import { hostname, userInfo } from 'node:os'
import type { AskOptions, CliIo, CliOutput, LogStore, ModuleHome } from './io.ts'

/** What the program that composes the commands decides. */
export interface ProcessIoOptions {
  readonly store: LogStore
  readonly modules: ModuleHome
}

/** Returns the world of this process: its streams, its environment, its signals. */
export function createProcessIo({ store, modules }: ProcessIoOptions): CliIo {
  // Node makes each stream when it is first touched, which takes a noticeable part of a short command.
  let stdout: CliOutput | undefined
  let stderr: CliOutput | undefined
  return {
    get stdout() {
      return (stdout ??= outputOf(process.stdout))
    },
    get stderr() {
      return (stderr ??= outputOf(process.stderr))
    },
    get stdin() {
      return process.stdin
    },
    get ask() {
      return process.stdin.isTTY && process.stderr.isTTY ? ask : undefined
    },
    get user() {
      return userAtHost()
    },
    env: process.env,
    cwd: process.cwd(),
    store,
    modules,
    nowMs: () => Date.now(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    onInterrupt,
  }
}

/** A stream that reports a reader that went away as an error of the next write. */
function outputOf(stream: NodeJS.WriteStream): CliOutput {
  let failure: Error | undefined
  // Without a listener the process would end with a stack trace.
  stream.on('error', (error) => {
    failure ??= error
  })
  return {
    isTTY: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) => {
      if (failure !== undefined) throw failure
      if (stream.write(text)) return undefined
      return drained(stream)
    },
  }
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('error', failed)
      resolve()
    }
    const failed = (error: Error): void => {
      stream.off('drain', done)
      reject(error)
    }
    stream.once('drain', done)
    stream.once('error', failed)
  })
}

// What a shell reports for a process that a signal ended: 128 and the number of the signal.
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

// The most that a timer takes.
const LONGEST_INTERVAL_MS = 2 ** 31 - 1

function onInterrupt(listener: (signal: keyof typeof SIGNALS) => void): () => void {
  let interrupts = 0
  const handle = (signal: keyof typeof SIGNALS): void => {
    interrupts += 1
    if (interrupts > 1) process.exit(SIGNALS[signal])
    listener(signal)
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  // A run may wait for something that holds nothing open, such as a tool without a timer: it has not ended.
  const alive = setInterval(() => {}, LONGEST_INTERVAL_MS)
  return () => {
    clearInterval(alive)
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
}

function userAtHost(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}` // the system has no name for this user
  }
}

async function ask(question: string, { signal, prefill }: AskOptions): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // While it asks, the terminal sends a control character instead of a signal.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    // A terminal that sends an end of input would otherwise leave the question without an answer for ever.
    const ended = new Promise<never>((_resolve, reject) => {
      terminal.once('close', () => reject(new Error('the input has ended')))
    })
    const answer = terminal.question(question, { signal })
    if (prefill !== undefined) terminal.write(prefill)
    return await Promise.race([answer, ended])
  } finally {
    terminal.close()
  }
}

import { spawn } from 'node:child_process'
import { NODE_ARGUMENTS, type CallResult } from './call.ts'

/** The real program while it runs. */
export interface Started {
  /** Resolves once it has written `text`, to whichever stream. */
  wrote(text: string): Promise<void>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<CallResult>
}

/** Starts the real program and does not wait for its end. */
export function start(argv: readonly string[], options: { readonly cwd: string }): Started {
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, ...argv], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  })
  child.stdin.end()
  const written = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      written[name] += part
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<CallResult>((resolve) => {
    child.once('close', (code) => resolve({ code, ...written }))
  })
  return {
    ended,
    signal: (name) => void child.kill(name),
    wrote: async (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!`${written.stdout}\n${written.stderr}`.includes(text)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        void ended.then(({ stderr }) => reject(new Error(`it ended without writing ${text}: ${stderr}`)))
      }),
  }
}

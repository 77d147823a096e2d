import { EXIT, type ExitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'

/** What a command that can be interrupted goes by. */
export interface Interrupt {
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal
  /** What the process then exits with. */
  readonly exitCode: ExitCode
  /** Lets go of the signals of the process. */
  release(): void
}

/** Has an interrupt, or a request to terminate, abort a signal instead of ending the process. */
export function onInterrupt(io: Pick<CliIo, 'onInterrupt'>): Interrupt {
  const controller = new AbortController()
  let exitCode: ExitCode = EXIT.interrupted
  const release = io.onInterrupt((signal) => {
    if (signal === 'SIGTERM') exitCode = EXIT.terminated
    controller.abort(new Error('interrupted'))
  })
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode
    },
    release,
  }
}

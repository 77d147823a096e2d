import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The root of the checkout. */
export const ROOT: string = join(import.meta.dirname, '..', '..', '..')

/** What a command did. */
export interface CommandResult {
  readonly exitCode: number
  /** Both of its streams, as they came, without colours. */
  readonly output: string
}

/** How a command runs. */
export interface CommandOptions {
  /** The folder it runs in. Default: the root of the checkout. */
  readonly cwd?: string | undefined
}

/** Runs the tools of the workspace. */
export interface Runner {
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>
}

/** Creates a runner whose commands end together with this process. */
export function createRunner(): Runner {
  const running = new Set<ChildProcess>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      for (const child of running) child.kill(signal)
      process.exit(128 + constants.signals[signal])
    })
  }
  return { run: (command, args, options = {}) => runCommand(running, [command, ...args], options) }
}

async function runCommand(
  running: Set<ChildProcess>,
  [command = '', ...args]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  }
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
    return { exitCode, output: chunks.join('') }
  } finally {
    running.delete(child)
  }
}

function toolEnvironment(): NodeJS.ProcessEnv {
  const folders = [dirname(process.execPath), join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? '']
  const { FORCE_COLOR: _, ...environment } = process.env
  return { ...environment, PATH: folders.join(delimiter), NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1' }
}

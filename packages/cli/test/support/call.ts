import { runCli, type CliIo, type ExitCode, type LogStore } from '../../src/index.ts'
import { createMemoryStore } from './memory-store.ts'

/** What a call printed and how it ended. */
export interface CallResult {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

/** The world of a call, as far as a test wants it otherwise than usual. */
export interface CallOptions {
  readonly store?: LogStore | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly stdin?: readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array> | undefined
  readonly isTTY?: boolean | undefined
  readonly cwd?: string | undefined
  readonly user?: string | undefined
  readonly ask?: CliIo['ask']
  /** Called with every text written to stdout, before it is kept. */
  readonly onWrite?: ((text: string) => void) | undefined
  readonly onInterrupt?: CliIo['onInterrupt'] | undefined
  readonly modules?: CliIo['modules'] | undefined
}

/** 2026-02-01T00:00:00Z: the time at which every call is made. */
const NOW_MS = 1_769_904_000_000

/** Calls the command line in a made-up world. */
export async function call(argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  const stdout: string[] = []
  const stderr: string[] = []
  const io: CliIo = {
    stdout: {
      isTTY: options.isTTY ?? false,
      write: (text) => {
        options.onWrite?.(text)
        stdout.push(text)
      },
    },
    stderr: { isTTY: options.isTTY ?? false, write: (text) => void stderr.push(text) },
    stdin: chunks(options.stdin ?? []),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.ask === undefined ? {} : { ask: options.ask }),
    env: options.env ?? {},
    // A directory without a configuration.
    cwd: options.cwd ?? '/nonexistent',
    store: options.store ?? createMemoryStore(),
    nowMs: () => NOW_MS,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    onInterrupt: options.onInterrupt ?? (() => () => {}),
    modules: options.modules ?? { base: 'file:///nonexistent/main.ts', register: 'file:///nonexistent/register.ts' },
  }
  const code = await runCli(argv, io)
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** The lines of a text, without the last, empty one. */
export function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** The JSON documents of a text, one per line. */
export function documents(text: string): ReturnType<JSON['parse']>[] {
  return lines(text).map((line) => JSON.parse(line))
}

async function* chunks(
  parts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): AsyncIterable<string | Uint8Array> {
  yield* parts
}

import { execFile } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'esbuild'

/** How a process of the program ended. */
export interface ProgramEnd {
  readonly signal: string | undefined
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Where a process works, and when it is killed. */
export interface ProgramOptions {
  /** The directory of the log and the journal. */
  readonly folder: string
  /** Killed, with the signal nobody can catch, right after this event of the run is durable. */
  readonly crashAtSeq?: number | undefined
}

/** The log in a folder, as the program is told. */
export const LOG = 'runs.db'

/** Where the executions of the tools are written. */
export function journalIn(folder: string): string {
  return join(folder, 'journal')
}

/** The program as a bundle, and the agent module: a process from the sources takes most of its time to load them. */
export interface Program {
  run(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd>
  /** The path of the agent module. */
  readonly agent: string
}

// Inside the package, so that the database driver is found from there.
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))

/** Bundles the command line, its log able to kill it, and the agent module of the test. */
export async function buildProgram(): Promise<Program> {
  await mkdir(CACHE, { recursive: true })
  const main = await bundle('../../../../apps/starling/src/main.ts', 'approvals-starling.mjs', {
    plugins: [
      {
        name: 'crashing-log',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@starling\/eventlog-sqlite$/ }, ({ importer }) =>
            importer.endsWith('sqlite-store.ts') ? { path: pathOf('crashing-sqlite.child.ts') } : undefined,
          ),
      },
    ],
  })
  const agent = await bundle('agent.ts', 'approvals-agent.mjs', {})
  return { agent, run: async (args, options) => start([main, ...args], options) }
}

async function bundle(file: string, name: string, more: BuildOptions): Promise<string> {
  const path = join(CACHE, name)
  const temporary = `${path}.${process.pid}`
  await build({
    entryPoints: [pathOf(file)],
    outfile: temporary,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.14',
    conditions: ['@starling/source'],
    external: ['better-sqlite3'],
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
    ...more,
  })
  await rename(temporary, path)
  return path
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

// Two at a time: more only take each other's processor.
const MOST_AT_ONCE = 2
const waiting: (() => void)[] = []
let running = 0

async function start(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await spawn(args, options)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

function spawn(args: readonly string[], { folder, crashAtSeq }: ProgramOptions): Promise<ProgramEnd> {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_COMPILE_CACHE: join(CACHE, 'compiled'),
    APPROVALS_JOURNAL: journalIn(folder),
    ...(crashAtSeq === undefined ? {} : { CRASH_AT_SEQ: String(crashAtSeq) }),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
      resolve({ signal: error?.signal ?? undefined, code, stdout, stderr })
    })
  })
}

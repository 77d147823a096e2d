import { execFile } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** How a process ended. */
export interface ProcessEnd {
  readonly signal: string | undefined
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Where a process works. */
export interface ProcessOptions {
  /** Default: the directory of this process. */
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

// Inside the package, so that the database driver is found from there.
const CACHE = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url))
const bundles = new Map<string, Promise<string>>()

/**
 * Bundles a TypeScript file with the sources of the workspace, once in this
 * process, and returns the path of the bundle. Hundreds of short lives would
 * each load the same two hundred sources again, one by one.
 */
export async function bundleProgram(entry: URL, name: string, plugins: Plugin[] = []): Promise<string> {
  const known = bundles.get(name) ?? bundle(fileURLToPath(entry), join(CACHE, `${name}.mjs`), plugins)
  bundles.set(name, known)
  return known
}

async function bundle(file: string, path: string, plugins: Plugin[]): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  // Another test file may be making the same at this moment: it appears whole, whoever is last.
  const temporary = `${path}.${process.pid}`
  await build({
    entryPoints: [file],
    outfile: temporary,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.14',
    conditions: ['@starling/source'],
    external: ['better-sqlite3'],
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
    plugins,
  })
  await rename(temporary, path)
  return path
}

/** Returns the environment in which a bundle starts soonest: compiled once for all. */
export function bundleEnv(more: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(CACHE, 'compiled'), ...more }
}

// Two at a time: more only take each other's processor.
const MOST_AT_ONCE = 2
const waiting: (() => void)[] = []
let running = 0

/** Runs a bundle to its end, whichever that is; at most two at a time. */
export async function runProgram(
  path: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessEnd> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await start(path, args, options)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

function start(path: string, args: readonly string[], { cwd, env }: ProcessOptions): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], { cwd, env: bundleEnv(env) }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
      resolve({ signal: error?.signal ?? undefined, code, stdout, stderr })
    })
  })
}

import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a child process ended. */
export interface ChildEnd {
  readonly signal: string | undefined
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

// Two at a time: more only take each other's processor.
const MOST_AT_ONCE = 2
const waiting: (() => void)[] = []
let running = 0

/** Runs a TypeScript file of this folder on the sources of the workspace, with one JSON argument. */
export async function runChild(file: string, argument: unknown): Promise<ChildEnd> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await start(file, argument)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

function start(file: string, argument: unknown): Promise<ChildEnd> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const args = ['--conditions=@starling/source', path, JSON.stringify(argument)]
  // Hundreds of short lives: each would compile the same sources again.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'starling-e2e-compile-cache'), NODE_OPTIONS: '' }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
      resolve({ signal: error?.signal ?? undefined, code, stdout, stderr })
    })
  })
}

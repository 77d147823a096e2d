import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process of the command line ended. */
export interface End {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Where a process works, and what its agent is told. */
export interface StarlingOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>> | undefined
}

const MAIN = fileURLToPath(new URL('../../../../apps/starling/src/main.ts', import.meta.url))

/** The module of the agent of these tests. */
export const AGENT: string = fileURLToPath(new URL('agent.child.ts', import.meta.url))

/** Runs the real command line in a process of its own. */
export async function starling(args: readonly string[], { cwd, env }: StarlingOptions): Promise<End> {
  const argv = ['--conditions=@starling/source', MAIN, ...args]
  const options = { cwd, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
      resolve({ code, signal: error?.signal ?? undefined, stdout, stderr })
    })
  })
}

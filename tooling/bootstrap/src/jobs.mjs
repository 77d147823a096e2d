import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runForeground } from './command.mjs'
import { sayOnStderr, sayOnStdout } from './say.mjs'
import { SetUpError } from './set-up-error.mjs'
import { setUp } from './set-up.mjs'
import { ROOT } from './workspace.mjs'

const USAGE = 'usage: npm run demo · npm test · npm run -s starling -- <arguments>'

/**
 * Runs one of the three jobs and sets the exit code.
 *
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export async function main(args) {
  const [job, ...rest] = args
  try {
    process.exitCode = await run(job, rest)
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    process.stderr.write(`starling: ${error.message}\n`)
    process.exitCode = error.exitCode
  }
}

/**
 * @param {string | undefined} job
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function run(job, args) {
  switch (job) {
    case 'demo':
      return demo(args)
    case 'starling':
      return starling(args)
    case 'test': {
      const { test } = await import('./test-job.mjs')
      return test(args)
    }
    default:
      throw new SetUpError(`unknown job ${JSON.stringify(job ?? '')}; ${USAGE}`, { exitCode: 2 })
  }
}

/** @param {readonly string[]} args */
async function demo(args) {
  const workspace = await setUp({ root: ROOT, say: sayOnStdout })
  const script = join(ROOT, 'examples', 'incident-triage', 'src', 'main.ts')
  return runScript(workspace, { script, args, cwd: ROOT })
}

/** @param {readonly string[]} args */
async function starling(args) {
  // Standard output belongs to the command alone.
  const workspace = await setUp({ root: ROOT, say: sayOnStderr })
  const script = join(ROOT, 'apps', 'starling', 'dist', 'main.js')
  return runScript(workspace, { script, args, cwd: callerFolder(process.env, process.cwd()) })
}

/**
 * The packages resolve to their build here, as they do for a user who installed them.
 *
 * @param {import('./set-up.mjs').Workspace} workspace
 * @param {{ script: string, args: readonly string[], cwd: string }} options
 */
async function runScript({ node }, { script, args, cwd }) {
  if (!existsSync(script)) throw new SetUpError(`${script} is missing from this checkout`)
  const outcome = await runForeground({ file: node, args: [script, ...args], cwd, env: process.env })
  return outcome.code
}

/**
 * The folder the person is in: npm changes to the root of the package before it runs a script, and
 * remembers where it was called.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} current
 */
export function callerFolder(environment, current) {
  const caller = environment['INIT_CWD']
  const movedByNpm = environment['npm_lifecycle_event'] !== undefined && join(current, '/') === ROOT
  return movedByNpm && caller !== undefined && existsSync(caller) ? caller : current
}

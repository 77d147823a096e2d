import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { runForeground } from './command.mjs'
import { interruptible } from './install.mjs'
import { ensurePgBouncer } from './pgbouncer.mjs'
import { sayOnStdout as say } from './say.mjs'
import { SetUpError } from './set-up-error.mjs'
import { setUp } from './set-up.mjs'
import { addTallies, closingLine, tallyChecks, tallyTests } from './summary.mjs'
import { ROOT } from './workspace.mjs'

const HEARTBEAT_MS = 15_000

/**
 * Runs every check and every test and ends with the one line that adds them up.
 *
 * @param {readonly string[]} args passed on to the test runner
 * @returns {Promise<number>} the exit code
 */
export async function test(args) {
  try {
    return await checkAndTest(args)
  } catch (error) {
    if (!(error instanceof SetUpError) || error.exitCode >= 128) throw error
    process.stderr.write(`starling: ${error.message}\n`)
    say(closingLine({ passed: 0, failed: 1, skipped: 0, problems: [], skips: [] }))
    return 1
  }
}

/** @param {readonly string[]} args */
async function checkAndTest(args) {
  // A build that fails is the checks' business: they say which package and why.
  const workspace = await setUp({ root: ROOT, say, mayFailToBuild: true })
  const env = { ...workspace.env, ...(await findPrograms()) }

  say('checks')
  const checks = await runReporting(
    { node: workspace.node, env },
    { args: [join(ROOT, 'tooling', 'check', 'main.ts'), '--skip-tests'], reportFlag: '--report', name: 'checks' },
  )
  say('tests')
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const tests = await runReporting(
    { node: workspace.node, env },
    {
      args: [vitest, 'run', '--reporter=default', '--reporter=json', ...args],
      reportFlag: '--outputFile.json',
      name: 'tests',
    },
  )
  return conclude([tallyChecks(checks.report, checks.code), tallyTests(tests.report, tests.code)])
}

/**
 * What some tests need and npm does not have: found, or installed where that is possible.
 *
 * @returns {Promise<Readonly<Record<string, string>>>} what names it to the tests
 */
async function findPrograms() {
  const context = { root: ROOT, say, environment: process.env }
  const browser = await ensureBrowser({ ...context, logFile: join(ROOT, '.starling', 'browser.log') })
  const pgBouncer = await ensurePgBouncer({ ...context, logFile: join(ROOT, '.starling', 'pgbouncer.log') })
  return {
    ...(browser === undefined ? {} : { STARLING_BROWSER: browser }),
    ...(pgBouncer === undefined ? {} : { STARLING_PGBOUNCER: pgBouncer }),
  }
}

/**
 * @param {readonly import('./summary.mjs').Tally[]} tallies
 * @returns {number} the exit code
 */
function conclude(tallies) {
  const total = addTallies(tallies)
  for (const problem of total.problems) say(`failed: ${problem}`)
  for (const skip of total.skips) say(`skipped: ${skip}`)
  say(closingLine(total))
  return total.failed === 0 ? 0 : 1
}

/**
 * Runs a script that shows its own progress and leaves a JSON report.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv }} runtime
 * @param {{ args: readonly string[], reportFlag: string, name: string }} options
 * @returns {Promise<{ code: number, report: unknown }>}
 */
async function runReporting({ node, env }, { args, reportFlag, name }) {
  const reportFile = join(ROOT, '.starling', `${name}.json`)
  rmSync(reportFile, { force: true })
  const startedAt = Date.now()
  const heartbeat = setInterval(() => {
    // A terminal shows the test runner's own progress, which a line of ours would tear.
    if (!process.stdout.isTTY) say(`  … ${name}: ${Math.round((Date.now() - startedAt) / 1000)} s`)
  }, HEARTBEAT_MS)
  try {
    const command = { file: node, args: [...args, `${reportFlag}=${reportFile}`], cwd: ROOT, env }
    const { code } = interruptible(await runForeground(command))
    return { code, report: readReport(reportFile) }
  } finally {
    clearInterval(heartbeat)
  }
}

/**
 * @param {string} path
 * @returns {unknown}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined // the summary counts a missing report as a failure
  }
}

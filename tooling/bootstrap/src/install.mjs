import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runLogged } from './command.mjs'
import { npmCommand, setUpEnvironment } from './environment.mjs'
import { SetUpError } from './set-up-error.mjs'
import { workspaceNode } from './workspace.mjs'

const PNPM = 'pnpm@12'
const OUTDATED = 'ERR_PNPM_OUTDATED_LOCKFILE'
/** Failures that another attempt only repeats. */
const PERMANENT = /ERR_PNPM_(OUTDATED_LOCKFILE|LOCKFILE|UNSUPPORTED_ENGINE|CATALOG|WORKSPACE|NO_MATCHING_VERSION)/
/** A cache or store folder that cannot be written. */
const READ_ONLY = /\b(EROFS|EACCES|EPERM)\b|[Rr]ead-only file system|[Pp]ermission denied|ENOENT: .*mkdir/
/** What says why a command failed, the most telling first: the compiler, pnpm, the network, anything. */
const TELLING = [/\berror TS\d+/, /\bERR_PNPM_/, /\breason: |\bE(CONN|NOTFOUND|TIMEDOUT|AI_AGAIN)/, /\bERR!|\berror\b/i]
const NPM_EPILOGUE = /A complete log of this run/
const OLDEST_RUNTIME_MAJOR = 24

/**
 * @typedef {object} SetUpContext
 * @property {string} root
 * @property {string} logFile
 * @property {(line: string) => void} say
 * @property {NodeJS.ProcessEnv} environment what this process was started with
 */

/**
 * Installs the dependencies of the workspace, Node 24 among them.
 *
 * @param {SetUpContext} context
 * @returns {Promise<{ node: string, pnpmFolder: string }>}
 */
export async function install(context) {
  const { outcome, environment } = await attempt(context)
  if (outcome.code !== 0) {
    const reason = outcome.tail.some((line) => line.includes(OUTDATED))
      ? `pnpm-lock.yaml does not match the manifests, run npx --yes ${PNPM} install`
      : tellingLine(outcome.tail)
    throw new SetUpError(`the install failed: ${reason}`, { logFile: context.logFile })
  }
  return { node: findNode(context), pnpmFolder: await findPnpm(context, environment) }
}

/**
 * Tries once more where that can help: with its own folders when the usual ones are read-only, and after
 * a registry that hiccuped.
 *
 * @param {SetUpContext} context
 */
async function attempt(context) {
  const environment = setUpEnvironment(context.environment)
  const first = await runPnpm(context, environment, [])
  const output = first.tail.join('\n')
  if (first.code === 0 || PERMANENT.test(output)) return { outcome: first, environment }
  if (READ_ONLY.test(output)) {
    context.say('  the package store cannot be written: once more with one inside the checkout')
    const own = ownFolders(context.root, environment)
    return { outcome: await runPnpm(context, own, ['--store-dir', local(context.root, 'store')]), environment: own }
  }
  context.say(`  the install failed (${tellingLine(first.tail)}): once more`)
  return { outcome: await runPnpm(context, environment, []), environment }
}

/**
 * @param {SetUpContext} context
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} options
 */
async function runPnpm(context, environment, options) {
  const args = ['pnpm', 'install', '--frozen-lockfile', '--reporter=append-only', ...options]
  try {
    return interruptible(await runLogged(npmExec(context, environment, args), context))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new SetUpError('npm was not found: it comes with Node, see https://nodejs.org')
  }
}

/**
 * The folder on the search path that `npx` adds for pnpm: the task runner needs to find pnpm as well, and
 * going through `npx` for each of its tasks costs the better part of a second each.
 *
 * @param {SetUpContext} context
 * @param {NodeJS.ProcessEnv} environment
 */
async function findPnpm(context, environment) {
  const command = npmExec(context, environment, ['node', '-p', 'process.env.PATH ?? process.env.Path'])
  const { tail } = interruptible(await runLogged(command, context))
  const name = process.platform === 'win32' ? 'pnpm.cmd' : 'pnpm'
  const folder = tail
    .flatMap((line) => line.split(delimiter))
    .find((candidate) => candidate.includes('_npx') && existsSync(join(candidate, name)))
  if (folder === undefined) throw new SetUpError(`${PNPM} was installed but is nowhere to be found`, context)
  return folder
}

/**
 * @param {SetUpContext} context
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} args
 * @returns {import('./command.mjs').Command}
 */
function npmExec({ root }, environment, args) {
  const npm = npmCommand(environment)
  return {
    ...npm,
    args: [...npm.args, 'exec', '--yes', '--prefer-offline', `--package=${PNPM}`, '--', ...args],
    cwd: root,
    env: environment,
  }
}

/**
 * The Node to run on: the workspace's own, or this one where npm has none for the platform.
 *
 * @param {SetUpContext} context
 */
function findNode({ root, logFile }) {
  const own = workspaceNode(root)
  if (existsSync(own) && majorOf(own) >= OLDEST_RUNTIME_MAJOR) return own
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_RUNTIME_MAJOR) return process.execPath
  throw new SetUpError(`node 24 does not start here (${own}): start with Node 24 instead`, { logFile })
}

/** @param {string} node */
function majorOf(node) {
  try {
    return Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1), 10)
  } catch {
    return 0 // not made for this platform
  }
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
function ownFolders(root, environment) {
  return {
    ...environment,
    npm_config_cache: local(root, 'npm-cache'),
    XDG_CACHE_HOME: local(root, 'cache'),
    XDG_STATE_HOME: local(root, 'state'),
  }
}

/**
 * @param {string} root
 * @param {string} folder
 */
function local(root, folder) {
  return join(root, '.starling', 'install', folder)
}

/**
 * @param {import('./command.mjs').Outcome} outcome
 * @returns {import('./command.mjs').Outcome}
 */
export function interruptible(outcome) {
  if (outcome.interruptedBy === undefined) return outcome
  throw new SetUpError('interrupted', { exitCode: outcome.interruptedBy === 'SIGINT' ? 130 : 143 })
}

/**
 * The line of a command's output that says best what went wrong.
 *
 * @param {readonly string[]} tail
 * @returns {string}
 */
export function tellingLine(tail) {
  for (const pattern of TELLING) {
    const line = tail.find((candidate) => pattern.test(candidate) && !NPM_EPILOGUE.test(candidate))
    if (line !== undefined) return line.slice(0, 200)
  }
  return (tail[tail.length - 1] ?? 'no output').slice(0, 200)
}

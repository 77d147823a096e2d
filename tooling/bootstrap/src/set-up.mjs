import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runLogged } from './command.mjs'
import { setUpEnvironment, withPath } from './environment.mjs'
import { fingerprintInstall, fingerprintSources, hasOutputs } from './fingerprint.mjs'
import { install, interruptible, tellingLine } from './install.mjs'
import { withLock } from './lock.mjs'
import { SetUpError } from './set-up-error.mjs'
import { readStamp, writeStamp } from './stamp.mjs'

/**
 * What a job needs to run.
 *
 * @typedef {object} Workspace
 * @property {string} root
 * @property {string} node the Node 24 to run on
 * @property {NodeJS.ProcessEnv} env this process's environment with the workspace's tools on its path
 * @property {SetUpError | undefined} buildError why the build failed, when the caller wanted to go on then
 */

/**
 * @typedef {object} SetUpOptions
 * @property {string} root
 * @property {(line: string) => void} say
 * @property {NodeJS.ProcessEnv} [environment] Default: that of this process
 * @property {boolean} [mayFailToBuild] go on when the build fails. Default: false
 */

/**
 * Installs and builds what is missing or out of date, and nothing else.
 *
 * @param {SetUpOptions} options
 * @returns {Promise<Workspace>}
 */
export async function setUp(options) {
  const ready = readyWorkspace(options)
  if (ready !== undefined) return ready
  return withLock(join(options.root, '.starling', 'set-up.lock'), {
    work: () => setUpAlone(options),
    onWait: (pid) => options.say(`waiting for another set-up of this checkout (process ${pid})`),
  })
}

/**
 * The workspace when nothing has to be done: a few milliseconds.
 *
 * @param {SetUpOptions} options
 * @returns {Workspace | undefined}
 */
function readyWorkspace(options) {
  const stamp = readStamp(options.root)
  if (!isInstalled(options.root, stamp) || !isBuilt(options.root, stamp)) return undefined
  return workspaceOf(options, stamp)
}

/**
 * @param {SetUpOptions} options
 * @returns {Promise<Workspace>}
 */
async function setUpAlone(options) {
  const { root, environment = process.env } = options
  const logFile = join(root, '.starling', 'set-up.log')
  rmSync(logFile, { force: true })
  const context = { root, logFile, say: options.say, environment }
  let stamp = readStamp(root)
  if (!isInstalled(root, stamp)) {
    const fingerprint = fingerprintInstall(root)
    options.say('installing the dependencies with pnpm 12, Node 24 among them (the first time takes about a minute)')
    const installed = await timed(
      () => install(context),
      (time) => options.say(`installed in ${time}`),
    )
    stamp = { install: fingerprint, ...installed }
    writeStamp(root, stamp)
  }
  const workspace = workspaceOf(options, stamp)
  if (isBuilt(root, stamp)) return workspace
  const fingerprint = fingerprintSources(root)
  options.say('building the packages')
  const buildError = await timed(
    () => build(context, workspace),
    (time) => options.say(`built in ${time}`),
  )
  if (buildError === undefined) writeStamp(root, { ...stamp, build: fingerprint })
  else if (options.mayFailToBuild !== true) throw buildError
  return { ...workspace, buildError }
}

/**
 * @param {import('./install.mjs').SetUpContext} context
 * @param {Workspace} workspace
 * @returns {Promise<SetUpError | undefined>}
 */
async function build(context, workspace) {
  const turbo = join(context.root, 'node_modules', 'turbo', 'bin', 'turbo')
  const outcome = await runLogged(
    {
      file: workspace.node,
      args: [turbo, 'run', 'build', '--ui=stream', '--output-logs=new-only', '--no-update-notifier'],
      cwd: context.root,
      env: setUpEnvironment(workspace.env),
    },
    context,
  )
  if (interruptible(outcome).code === 0) return undefined
  return new SetUpError(`the build failed: ${tellingLine(outcome.tail)}`, { logFile: context.logFile })
}

/**
 * @param {string} root
 * @param {import('./stamp.mjs').Stamp} stamp
 */
function isInstalled(root, stamp) {
  if (stamp.install === undefined || stamp.node === undefined || stamp.pnpmFolder === undefined) return false
  return existsSync(stamp.node) && existsSync(stamp.pnpmFolder) && stamp.install === fingerprintInstall(root)
}

/**
 * @param {string} root
 * @param {import('./stamp.mjs').Stamp} stamp
 */
function isBuilt(root, stamp) {
  return stamp.build !== undefined && hasOutputs(root) && stamp.build === fingerprintSources(root)
}

/**
 * @param {SetUpOptions} options
 * @param {import('./stamp.mjs').Stamp} stamp
 * @returns {Workspace}
 */
function workspaceOf({ root, environment = process.env }, { node = process.execPath, pnpmFolder }) {
  const tools = [dirname(node), join(root, 'node_modules', '.bin')]
  if (pnpmFolder !== undefined) tools.push(pnpmFolder)
  return { root, node, env: withPath(environment, tools), buildError: undefined }
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @param {(time: string) => void} report
 * @returns {Promise<T>}
 */
async function timed(work, report) {
  const startedAt = Date.now()
  const result = await work()
  if (!(result instanceof Error)) report(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
  return result
}

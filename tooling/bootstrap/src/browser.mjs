import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runLogged } from './command.mjs'
import { interruptible, tellingLine } from './install.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const ELSEWHERE = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/**
 * Finds a browser for the tests that run in one, or installs Debian's where this process may.
 *
 * @param {import('./install.mjs').SetUpContext} context
 * @returns {Promise<string | undefined>} its path
 */
export async function ensureBrowser(context) {
  const found = findBrowser(context.environment)
  if (found !== undefined || context.environment['STARLING_NO_BROWSER'] === '1') return found
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    context.say('no chromium here: the browser test will say so')
    return undefined
  }
  context.say('installing chromium for the browser test (apt-get)')
  // A fresh machine has no package lists yet; another has them and needs no network for this.
  let failure = await apt(context, INSTALL)
  if (failure !== undefined) {
    await apt(context, ['update'])
    failure = await apt(context, INSTALL)
  }
  const installed = findBrowser(context.environment)
  if (installed === undefined) {
    context.say(`chromium did not install (${failure ?? 'apt-get succeeded'}): the browser test will say so`)
  }
  return installed
}

const INSTALL = ['install', '--yes', '--no-install-recommends', 'chromium']

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | undefined}
 */
export function findBrowser(environment) {
  const named = environment['STARLING_BROWSER']
  if (named !== undefined && named !== '') return named
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...candidates, ...ELSEWHERE].find(isExecutable)
}

/**
 * @param {import('./install.mjs').SetUpContext} context
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>} why it failed
 */
async function apt({ root, logFile, say, environment }, args) {
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
  const outcome = await runLogged({ file: '/usr/bin/apt-get', args, cwd: root, env }, { logFile, say })
  return interruptible(outcome).code === 0 ? undefined : tellingLine(outcome.tail)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

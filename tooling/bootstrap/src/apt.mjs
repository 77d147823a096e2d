import { accessSync, constants, existsSync } from 'node:fs'
import { runLogged } from './command.mjs'
import { interruptible, tellingLine } from './install.mjs'

/** Whether this process may install packages of Debian on this system. */
export function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

/**
 * Installs a package of Debian.
 *
 * @param {import('./install.mjs').SetUpContext} context
 * @param {string} name
 * @returns {Promise<string | undefined>} why it failed
 */
export async function installPackage(context, name) {
  const install = ['install', '--yes', '--no-install-recommends', name]
  // A fresh machine has no package lists yet; another has them and needs no network for this.
  if ((await apt(context, install)) === undefined) return undefined
  await apt(context, ['update'])
  return apt(context, install)
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
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

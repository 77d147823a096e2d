import { delimiter, join } from 'node:path'
import { installPackage, isExecutable, mayInstall } from './apt.mjs'

/** Where systems keep it that is not on everybody's path. */
const PLACES = [
  '/usr/sbin/pgbouncer',
  '/usr/local/sbin/pgbouncer',
  '/usr/local/bin/pgbouncer',
  '/opt/homebrew/bin/pgbouncer',
]

/**
 * Finds PgBouncer for the tests behind it, or installs Debian's where this process may.
 *
 * @param {import('./install.mjs').SetUpContext} context
 * @returns {Promise<string | undefined>} its path
 */
export async function ensurePgBouncer(context) {
  const found = findPgBouncer(context.environment)
  if (found !== undefined || context.environment['STARLING_NO_PGBOUNCER'] === '1') return found
  if (!mayInstall()) {
    context.say('no PgBouncer here: the tests behind it are skipped')
    return undefined
  }
  context.say('no PgBouncer here: installing pgbouncer on this system for the tests behind it (apt-get)')
  const failure = await installPackage(context, 'pgbouncer')
  const installed = findPgBouncer(context.environment)
  if (installed === undefined) {
    context.say(`pgbouncer did not install (${failure ?? 'apt-get succeeded'}): the tests behind it are skipped`)
  }
  return installed
}

/**
 * The PgBouncer that the person names, or one on the path, or one where systems keep it.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {{ isThere?: (path: string) => boolean }} [machine] Default: this one
 * @returns {string | undefined} its path; a named one is not looked for
 */
export function findPgBouncer(environment, { isThere = isExecutable } = {}) {
  const named = environment['STARLING_PGBOUNCER']
  if (named) return named
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders.map((folder) => join(folder, 'pgbouncer')), ...PLACES].find(isThere)
}

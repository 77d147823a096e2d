import { existsSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'

/** What `npm run` and a production shell leave behind that would change what an install does. */
const LEFT_OUT = ['NODE_ENV', 'npm_config_loglevel', 'npm_config_omit', 'npm_config_production', 'npm_config_recursive']

/**
 * The environment of the commands that set up: nobody to ask, no colours in the log, no telemetry.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function setUpEnvironment(environment) {
  const quiet = { NO_COLOR: '1', CI: environment['CI'] ?? '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  /** @type {NodeJS.ProcessEnv} */
  const result = { ...environment, ...quiet }
  for (const name of [...LEFT_OUT, 'FORCE_COLOR']) delete result[name]
  return result
}

/**
 * Puts `folders` before everything else on the search path.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} folders
 * @returns {NodeJS.ProcessEnv}
 */
export function withPath(environment, folders) {
  // Windows spells it `Path`, and a copied environment is no longer blind to that.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const existing = environment[name]
  const path = [...folders, ...(existing === undefined || existing === '' ? [] : [existing])].join(delimiter)
  return { ...environment, [name]: path }
}

/**
 * How to start npm: the one that started this process, or the one on the search path.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {NodeJS.Platform} [platform]
 * @returns {{ file: string, args: string[], shell: boolean }}
 */
export function npmCommand(environment, platform = process.platform) {
  const script = environment['npm_execpath']
  if (script !== undefined && basename(script) === 'npm-cli.js' && existsSync(script)) {
    return { file: process.execPath, args: [script], shell: false }
  }
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  if (platform === 'win32' && existsSync(beside)) return { file: process.execPath, args: [beside], shell: false }
  return { file: platform === 'win32' ? 'npm.cmd' : 'npm', args: [], shell: platform === 'win32' }
}

import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackage, isExecutable, mayInstall } from './apt.mjs'

/**
 * What browsers are called that Playwright can drive as they are installed, and where each platform keeps them.
 *
 * @type {{ readonly names: readonly string[], readonly places: Readonly<Record<string, readonly string[]>> }}
 */
const BROWSERS = JSON.parse(readFileSync(new URL('browsers.json', import.meta.url), 'utf8'))

/**
 * Finds a browser for the tests that run in one, or installs Debian's where this process may.
 *
 * @param {import('./install.mjs').SetUpContext} context
 * @returns {Promise<string | undefined>} its path
 */
export async function ensureBrowser(context) {
  const found = findBrowser(context.environment)
  if (found !== undefined || context.environment['STARLING_NO_BROWSER'] === '1') return found
  if (!mayInstall()) {
    context.say('no Chrome, Chromium or Edge here: the browser test is skipped')
    return undefined
  }
  context.say('no Chrome, Chromium or Edge here: installing chromium on this system for the browser test (apt-get)')
  const failure = await installPackage(context, 'chromium')
  const installed = findBrowser(context.environment)
  if (installed === undefined) {
    context.say(`chromium did not install (${failure ?? 'apt-get succeeded'}): the browser test is skipped`)
  }
  return installed
}

/**
 * The browser that the person names, or one on the path, or one where this platform keeps them.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {{ platform?: string, isThere?: (path: string) => boolean }} [machine] Default: this one
 * @returns {string | undefined} its path; a named one is not looked for
 */
export function findBrowser(environment, { platform = process.platform, isThere = isExecutable } = {}) {
  const named = environment['STARLING_BROWSER'] || environment['CHROME_PATH']
  if (named) return named
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const suffix = platform === 'win32' ? '.exe' : ''
  const onPath = folders.flatMap((folder) => BROWSERS.names.map((name) => join(folder, `${name}${suffix}`)))
  return [...onPath, ...placesOf(platform, environment)].find(isThere)
}

/**
 * @param {string} platform
 * @param {NodeJS.ProcessEnv} environment
 * @returns {readonly string[]}
 */
function placesOf(platform, environment) {
  return (BROWSERS.places[platform] ?? []).flatMap((place) => {
    const [, variable, rest] = /^\$([^/]+)(.*)$/.exec(place) ?? []
    if (variable === undefined) return [place]
    const folder = environment[variable]
    return folder ? [`${folder}${rest}`] : []
  })
}

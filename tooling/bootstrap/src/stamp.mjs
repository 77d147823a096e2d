import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * What the last successful set-up did. It lives inside node_modules, so that deleting them forgets it.
 *
 * @typedef {object} Stamp
 * @property {string} [install] the fingerprint of what was installed
 * @property {string} [build] the fingerprint of what was built
 * @property {string} [node] the Node 24 to run on
 * @property {string} [pnpmFolder] where the pnpm that installed is found
 */

/**
 * @param {string} root
 * @returns {Stamp}
 */
export function readStamp(root) {
  try {
    const stamp = JSON.parse(readFileSync(stampPath(root), 'utf8'))
    return typeof stamp === 'object' && stamp !== null ? stamp : {}
  } catch {
    return {} // missing or torn: the set-up runs again
  }
}

/**
 * @param {string} root
 * @param {Stamp} stamp
 */
export function writeStamp(root, stamp) {
  mkdirSync(dirname(stampPath(root)), { recursive: true })
  writeFileSync(stampPath(root), `${JSON.stringify(stamp, null, 2)}\n`)
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.starling', 'stamp.json')
}

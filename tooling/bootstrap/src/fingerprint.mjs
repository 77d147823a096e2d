import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { listBuiltPackages, listPackages } from './workspace.mjs'

/** Raise it when the set-up itself changes in a way that asks for a new one. */
const FORMAT = '1'

/** Folders of a package that no build reads. */
const NOT_BUILT = new Set(['node_modules', 'dist', 'test', 'bench', 'coverage', '.turbo'])

/**
 * Hashes everything an install depends on: the lockfile, the manifests, and where and on what it runs.
 * A checkout that moved or is mounted on another platform installs again.
 *
 * @param {string} root
 * @returns {string}
 */
export function fingerprintInstall(root) {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, root, process.platform, process.arch]))
  const manifests = listPackages(root).map((path) => `${path}/package.json`)
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

/**
 * Hashes the names, sizes and times of everything a build reads. Times instead of contents keep a start
 * in milliseconds; when they change without the contents, the task runner's cache answers.
 *
 * @param {string} root
 * @returns {string}
 */
export function fingerprintSources(root) {
  const hash = createHash('sha256').update(fingerprintInstall(root))
  const shared = readdirSync(root).filter((name) => /^(tsconfig.*|turbo)\.json$/.test(name))
  for (const path of shared.sort()) hash.update(describe(root, path))
  for (const path of listPackages(root, ['apps', 'packages'])) visit(root, path, hash)
  return hash.digest('hex')
}

/**
 * Reports whether every package that is built has its output.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function hasOutputs(root) {
  return listBuiltPackages(root).every((path) => existsSync(join(root, path, 'dist')))
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {import('node:crypto').Hash} hash
 */
function visit(root, folder, hash) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`
    if (entry.isFile()) hash.update(describe(root, path))
    else if (entry.isDirectory() && !NOT_BUILT.has(entry.name)) visit(root, path, hash)
  }
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {string}
 */
function describe(root, path) {
  const { size, mtimeMs } = statSync(join(root, path))
  return `${path}\0${size}\0${mtimeMs}\n`
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The folders of pnpm-workspace.yaml that hold packages. */
const PACKAGE_FOLDERS = ['apps', 'examples', 'packages', 'tooling']

/**
 * Lists the folders of the workspace's packages, relative to `root`, sorted.
 *
 * @param {string} root
 * @param {readonly string[]} [folders]
 * @returns {string[]}
 */
export function listPackages(root, folders = PACKAGE_FOLDERS) {
  const found = []
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory() && existsSync(join(root, path, 'package.json'))) found.push(path)
    }
  }
  return found.sort()
}

/**
 * Lists the packages that have a build step.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function listBuiltPackages(root) {
  return listPackages(root).filter((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    return manifest.scripts?.build !== undefined
  })
}

/**
 * The Node 24 that the workspace installs for itself, whatever the machine has.
 *
 * @param {string} root
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
export function workspaceNode(root, platform = process.platform) {
  return join(root, 'node_modules', 'node', 'bin', platform === 'win32' ? 'node.exe' : 'node')
}

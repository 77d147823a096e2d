import { posix, sep } from 'node:path'

import { BuiltinToolError } from '../builtin-tool-error.ts'

/** Names that Windows takes for devices, in any folder and with any extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Reads a path below the root into its names; the root itself is an empty list.
 *
 * @throws `BuiltinToolError` `BUILTIN_REFUSED` for one that is absolute or leads out of the root.
 */
export function parsePath(path: string, platform: NodeJS.Platform = process.platform): readonly string[] {
  const isWindows = platform === 'win32'
  if (path.includes('\0')) throw refused(path, 'has a null byte')
  if (path.startsWith('/') || (isWindows && (path.startsWith('\\') || path.includes(':')))) {
    throw refused(path, 'is absolute, expected one that is relative to the root')
  }
  const names: string[] = []
  for (const name of path.split(isWindows ? /[/\\]/ : '/')) {
    if (name === '' || name === '.') continue
    if (isWindows && WINDOWS_DEVICE.test(name)) throw refused(path, 'names a device')
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) throw refused(path, 'leads outside the root')
  }
  return names
}

/** Writes names as tools show a path; the root itself is a dot. */
export function formatPath(names: readonly string[]): string {
  return names.length === 0 ? '.' : names.join('/')
}

/** The names from `root` down to `target`, both absolute; `undefined` when it is not below. */
export function namesBelow(root: string, target: string): readonly string[] | undefined {
  if (target === root) return []
  const prefix = root.endsWith(sep) ? root : root + sep
  return target.startsWith(prefix) ? target.slice(prefix.length).split(sep) : undefined
}

/** Joins a path that a tool shows with the name of something in it. */
export function childPath(path: string, name: string): string {
  return path === '.' ? name : posix.join(path, name)
}

function refused(path: string, why: string): BuiltinToolError {
  return new BuiltinToolError('BUILTIN_REFUSED', `path ${JSON.stringify(path)} ${why}`)
}

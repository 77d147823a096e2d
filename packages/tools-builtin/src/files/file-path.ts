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

/**
 * Reads the path of a file below the root into its names; the root itself is an empty list.
 *
 * One that ends as only those of folders do is refused: `a.pem/` and `a.pem/x/..` are no other names for `a.pem`, so
 * whoever looks at the end of a path sees the name that counts.
 *
 * @throws `BuiltinToolError` `BUILTIN_UNSUPPORTED` for one of a folder, and as {@link parsePath} does.
 */
export function parseFilePath(path: string, platform: NodeJS.Platform = process.platform): readonly string[] {
  const names = parsePath(path, platform)
  const last = path.split(platform === 'win32' ? /[/\\]/ : '/').at(-1) ?? ''
  if (names.length === 0 || !['', '.', '..'].includes(last)) return names
  const message = `path ${JSON.stringify(path)} is that of a directory, expected a regular file`
  throw new BuiltinToolError('BUILTIN_UNSUPPORTED', message)
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

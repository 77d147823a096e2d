import type { Stats } from 'node:fs'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { errorCode } from '../error-code.ts'

/** Says in words for the model why something about a path failed; never shows where the root is. */
export function explainFileError(error: unknown, path: string): unknown {
  const code = errorCode(error)
  if (error instanceof BuiltinToolError || code === undefined) return error
  const about = `path ${JSON.stringify(path)}`
  const options = { cause: error }
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new BuiltinToolError('BUILTIN_NOT_FOUND', `${about} does not exist`, options)
    case 'ENAMETOOLONG':
      return new BuiltinToolError('BUILTIN_NOT_FOUND', `${about} has a name that is too long`, options)
    case 'ELOOP':
      return new BuiltinToolError('BUILTIN_REFUSED', `${about} is a link that leads nowhere or in a circle`, options)
    case 'ENXIO':
    case 'ENODEV':
      return new BuiltinToolError('BUILTIN_UNSUPPORTED', `${about} is not a regular file`, options)
    case 'EEXIST':
      return new BuiltinToolError('BUILTIN_REFUSED', `${about} exists already`, options)
    default:
      return new BuiltinToolError('BUILTIN_FAILED', `${about} failed with ${code}`, options)
  }
}

/** Says what something is that is not of the kind that was expected. */
export function describeKind(stats: Stats): string {
  if (stats.isFile()) return 'a file'
  if (stats.isDirectory()) return 'a directory'
  if (stats.isSymbolicLink()) return 'a link'
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

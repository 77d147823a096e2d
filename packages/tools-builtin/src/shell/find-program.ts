import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { namesBelow } from '../files/file-path.ts'

/** Where a program is looked for. */
export interface ProgramSearch {
  /** As the model calls it: errors say no path. */
  readonly name: string
  /** Folders, as in `PATH`; relative ones are passed over. */
  readonly searchPath: string
  /** Whatever is in here may come from the model, so it is nothing to be found by its name alone. */
  readonly cwd: string
}

/**
 * Returns the absolute path of a program that is known by its name or by an absolute path.
 *
 * Rejects with `BUILTIN_NOT_FOUND` when there is none that can be run, and with `BUILTIN_REFUSED` when there is one
 * in `cwd` only.
 */
export async function findProgram(program: string, { name, searchPath, cwd }: ProgramSearch): Promise<string> {
  if (isAbsolute(program)) {
    if (await isProgram(program)) return program
    throw notFound(name)
  }
  const realCwd = await realpath(cwd)
  let isOnlyInCwd = false
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const path = join(folder, program)
    if (!(await isProgram(path))) continue
    const isOwn = namesBelow(realCwd, await realpath(path)) !== undefined || namesBelow(cwd, path) !== undefined
    if (!isOwn || realCwd === '/') return path
    isOnlyInCwd = true
  }
  if (!isOnlyInCwd) throw notFound(name)
  const message = `program ${JSON.stringify(name)} is only where programs run, so it must be allowed by its path`
  throw new BuiltinToolError('BUILTIN_REFUSED', message)
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false // not there, or not for us
  }
}

function notFound(name: string): BuiltinToolError {
  return new BuiltinToolError('BUILTIN_NOT_FOUND', `program ${JSON.stringify(name)} was not found`)
}

import { constants, type Stats } from 'node:fs'
import { link, lstat, mkdir, open, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises'

import { hasCode } from '@starling/event'
import { BuiltinToolError } from '../builtin-tool-error.ts'
import { errorCode } from '../error-code.ts'
import { describeKind, explainFileError } from './file-error.ts'
import { childPath, formatPath, parseFilePath, parsePath } from './file-path.ts'
import type { FileRoot, OpenFolder } from './file-root.ts'

/** What becomes of what is there already: `create` refuses, `overwrite` replaces it, `append` adds to it. */
export const WRITE_MODES = ['create', 'overwrite', 'append'] as const

/** What is written, and how. */
export interface WriteOptions {
  readonly contents: Uint8Array
  readonly mode: (typeof WRITE_MODES)[number]
  /** Whether folders on the way are made. */
  readonly createFolders: boolean
  /** Makes a name that nobody else has. */
  readonly temporaryName: () => string
  readonly signal: AbortSignal
}

/** What came of a write. */
export interface WriteResult {
  /** Where the file really is, below the root. */
  readonly path: string
  /** Of the whole file. */
  readonly sizeBytes: number
  /** Whether there was no such file before. */
  readonly created: boolean
}

const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants

/** What is deeper than this is an accident. */
const MAX_NEW_FOLDERS = 32

const PERMISSIONS = 0o777
const NEW_FILE = 0o666
const PRIVATE_FILE = 0o600

/**
 * Writes a file below the root.
 *
 * A file is replaced as a whole: whoever reads it sees the old contents or the
 * new ones, also after a crash. A link that leads to a file below the root is
 * followed, and stays.
 */
export async function writeWithin(root: FileRoot, path: string, options: WriteOptions): Promise<WriteResult> {
  try {
    const result = await writeAt(root, path, options)
    if (result !== 'link') return result
    const behind = await writeAt(root, await followLink(root, path), options)
    // Where a link led was no link: it was put there just now.
    if (behind === 'link') throw refused(path, 'was replaced meanwhile')
    return behind
  } catch (error) {
    throw explainFileError(error, path)
  }
}

/** Writes a file, or finds that there is a link. */
async function writeAt(root: FileRoot, path: string, options: WriteOptions): Promise<WriteResult | 'link'> {
  const names = parseFilePath(path)
  const name = names.at(-1)
  if (name === undefined) throw refused(path, 'is the root')
  if (root.isExcluded(formatPath(names))) throw refused(path, 'is excluded')
  const made: string[] = []
  try {
    await using folder = await openParent(root, names.slice(0, -1), { ...options, made })
    const target = { folder, name, path: childPath(folder.path, name) }
    if (root.isExcluded(target.path)) throw refused(path, 'is excluded')
    return await writeTo(target, path, options)
  } catch (error) {
    await removeFolders(root, made)
    throw error
  }
}

async function writeTo(target: Target, path: string, options: WriteOptions): Promise<WriteResult | 'link'> {
  const { folder, name } = target
  const before = await statIfThere(folder.at(name))
  if (before?.isSymbolicLink() === true) return 'link'
  if (before !== undefined && !before.isFile()) throw unsupported(path, before)
  if (before !== undefined && options.mode === 'create') throw refused(path, 'exists already')
  if (options.mode === 'append' && before !== undefined) return await append(target, before, options)
  return await replace(target, before, options)
}

interface Target {
  readonly folder: OpenFolder
  readonly name: string
  /** Below the root. */
  readonly path: string
}

/** How folders on the way are made. */
interface FolderOptions {
  readonly createFolders: boolean
  /** The folders that were made, below the root; a failure leaves them for others to remove. */
  readonly made: string[]
}

/** Opens the folder of a file; what is missing is made from there on, where no link can be in the way. */
async function openParent(
  root: FileRoot,
  names: readonly string[],
  { createFolders, made }: FolderOptions,
): Promise<OpenFolder> {
  const fewest = createFolders ? Math.max(0, names.length - MAX_NEW_FOLDERS) : names.length
  for (let known = names.length; ; known -= 1) {
    try {
      const folder = await root.openFolder(formatPath(names.slice(0, known)))
      return await makeFolders(root, folder, { names: names.slice(known), made })
    } catch (error) {
      if (known === fewest || !hasCode(error, 'BUILTIN_NOT_FOUND')) throw error
    }
  }
}

/** Makes folders one in the other; returns the innermost, and closes the others. */
async function makeFolders(
  root: FileRoot,
  start: OpenFolder,
  { names, made }: { readonly names: readonly string[]; readonly made: string[] },
): Promise<OpenFolder> {
  let folder = start
  for (const name of names) {
    await using parent = folder
    const path = childPath(parent.path, name)
    if (root.isExcluded(path)) throw refused(path, 'is excluded')
    await mkdir(parent.at(name)).then(
      () => made.push(path),
      (cause: unknown) => {
        if (errorCode(cause) !== 'EEXIST') throw explainFileError(cause, path)
      },
    )
    folder = await parent.openFolder(name)
  }
  return folder
}

/** Takes back folders that were made for nothing; what others have put something into stays. */
async function removeFolders(root: FileRoot, made: readonly string[]): Promise<void> {
  for (const path of made.toReversed()) {
    const names = parsePath(path)
    try {
      await using parent = await root.openFolder(formatPath(names.slice(0, -1)))
      await rmdir(parent.at(names.at(-1) ?? ''))
    } catch {
      return // somebody uses it by now; what went wrong before is the error that counts
    }
  }
}

/** Where a link leads, when that is a file below the root. */
async function followLink(root: FileRoot, path: string): Promise<string> {
  await using file = await root.openFile(path)
  return file.path
}

async function append(target: Target, before: Stats, { contents, signal }: WriteOptions): Promise<WriteResult> {
  const { folder, name, path } = target
  const handle = await open(folder.at(name), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  try {
    const stats = await handle.stat()
    if (!stats.isFile() || stats.ino !== before.ino) throw refused(path, 'was replaced meanwhile')
    // The same file may have a name outside the root: there it would change too.
    if (stats.nlink > 1) throw refused(path, 'has another name, so it can be overwritten and not be added to')
    signal.throwIfAborted()
    await writeAll(handle, contents)
    await handle.sync()
    return { path, sizeBytes: (await handle.stat()).size, created: false }
  } finally {
    await handle.close()
  }
}

async function replace(target: Target, before: Stats | undefined, options: WriteOptions): Promise<WriteResult> {
  const { folder, name, path } = target
  const { contents, signal } = options
  const temporary = folder.at(options.temporaryName())
  // Nobody reads in the new contents what they may not read in the old ones, not for a moment either.
  const mode = before === undefined ? NEW_FILE : PRIVATE_FILE
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    try {
      await writeAll(handle, contents)
      if (before !== undefined) await handle.chmod(before.mode & PERMISSIONS)
      await handle.sync()
    } finally {
      await handle.close()
    }
    signal.throwIfAborted()
    if (options.mode === 'overwrite') await rename(temporary, folder.at(name))
    else await linkAnew(temporary, folder.at(name))
  } catch (error) {
    await unlink(temporary).catch(() => undefined) // it may have been moved already; the first error is the one that counts
    throw error
  }
  await folder.sync()
  return { path, sizeBytes: contents.length, created: before === undefined }
}

/** Gives a file its name, and fails when there is one with this name by now. */
async function linkAnew(temporary: string, target: string): Promise<void> {
  await link(temporary, target)
  await unlink(temporary)
}

async function writeAll(handle: FileHandle, contents: Uint8Array): Promise<void> {
  for (let at = 0; at < contents.length;) {
    const { bytesWritten } = await handle.write(contents, at, contents.length - at)
    at += bytesWritten
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function refused(path: string, why: string): BuiltinToolError {
  return new BuiltinToolError('BUILTIN_REFUSED', `path ${JSON.stringify(path)} ${why}`)
}

function unsupported(path: string, stats: Stats): BuiltinToolError {
  const message = `path ${JSON.stringify(path)} is ${describeKind(stats)}, expected a regular file`
  return new BuiltinToolError('BUILTIN_UNSUPPORTED', message)
}

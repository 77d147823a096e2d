import { constants, type Dirent, type Stats } from 'node:fs'
import { lstat, open, opendir, readlink, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { describeKind, explainFileError } from './file-error.ts'
import { childPath, formatPath, namesBelow, parseFilePath, parsePath } from './file-path.ts'
import type { PathMatcher } from './glob.ts'

/**
 * How an open file is known to be below the root.
 *
 * `descriptor`: the kernel says where the descriptor leads (`/proc/self/fd`),
 * and what is in a folder is reached through its descriptor; nothing that
 * happens to the path in between matters. `path`: where there is no `/proc`,
 * the path is resolved again after opening and must lead to the same inode,
 * below the root; whoever can swap folders for links inside the root at the
 * right two moments can still get past it.
 */
export type Verification = 'descriptor' | 'path'

/** A file that is open, regular, and below the root. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle
  readonly stats: Stats
  /** Where it really is, below the root. */
  readonly path: string
}

/** Something in a folder. */
export interface FolderEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'other'
}

/** A folder that is open and below the root. */
export interface OpenFolder extends AsyncDisposable {
  /** Where it really is, below the root. */
  readonly path: string
  /**
   * Its entries without what is excluded, sorted; `truncated` when there are more than `limit`.
   *
   * Rejects with the reason of `signal`.
   */
  list(
    limit: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly entries: readonly FolderEntry[]; readonly truncated: boolean }>
  /** Opens a file in it; a link is refused. */
  openFile(name: string): Promise<OpenFile>
  /** Opens a folder in it; a link is refused. */
  openFolder(name: string): Promise<OpenFolder>
  /** A path by which the system reaches an entry of this folder. */
  at(name: string): string
  /** Writes the folder itself to the disk: names that were added or replaced in it. */
  sync(): Promise<void>
}

/** The folder that the file tools may work in. Opens what is below it, and nothing else. */
export interface FileRoot {
  /** Opens a regular file for reading; links are followed as long as they stay below the root. */
  openFile(path: string): Promise<OpenFile>
  /** Opens a folder; links are followed as long as they stay below the root. */
  openFolder(path: string): Promise<OpenFolder>
  /** Reports whether a path is excluded. */
  isExcluded(path: string): boolean
}

/** How a {@link FileRoot} is made. */
export interface FileRootOptions {
  readonly root: string
  /** What is treated as not allowed, with everything below it. */
  readonly isExcluded: PathMatcher
  /** Default: `descriptor` where there is `/proc`. */
  readonly verification?: Verification | undefined
}

// Windows has only the last of them, and nothing like what the others are for: there they count as 0.
const { O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_DIRECTORY, O_RDONLY } = constants

/** Nothing that is opened may wait for a writer, become the terminal, or be a link that appeared just now. */
const SAFELY = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY

const DESCRIPTORS = '/proc/self/fd'

/** Creates a root; the folder is looked for when something in it is opened. */
export function createFileRoot(options: FileRootOptions): FileRoot {
  return new VerifyingFileRoot(options)
}

class VerifyingFileRoot implements FileRoot {
  readonly #options: FileRootOptions

  constructor(options: FileRootOptions) {
    this.#options = options
  }

  async openFile(path: string): Promise<OpenFile> {
    parseFilePath(path)
    const place = await this.#find(path)
    return this.#openFileAt(place)
  }

  async openFolder(path: string): Promise<OpenFolder> {
    const place = await this.#find(path)
    return this.#openFolderAt(place)
  }

  isExcluded(path: string): boolean {
    return this.#options.isExcluded(path)
  }

  #assertIncluded(path: string): void {
    if (this.isExcluded(path)) throw refused(path, 'is excluded')
  }

  /** Where a path leads now. What it leads to may change before it is opened: that is why it is verified then. */
  async #find(path: string): Promise<Place> {
    const shown = formatPath(parsePath(path))
    this.#assertIncluded(shown)
    const root = await this.#realRoot()
    const verification = this.#options.verification ?? (await detectVerification())
    const real = await explained(path, () => realpath(join(root, shown)))
    const names = namesBelow(root, real)
    if (names === undefined) throw refused(path, 'leads outside the root')
    this.#assertIncluded(formatPath(names))
    return { path, real, root, verification }
  }

  async #realRoot(): Promise<string> {
    try {
      return await realpath(this.#options.root)
    } catch (cause) {
      throw new BuiltinToolError('BUILTIN_FAILED', 'the root of the file tools does not exist', { cause })
    }
  }

  async #openFileAt(place: Place): Promise<OpenFile> {
    const { handle, stats, path } = await this.#open(place, 'file')
    return { handle, stats, path, [Symbol.asyncDispose]: () => handle.close() }
  }

  async #openFolderAt(place: Place): Promise<OpenFolder> {
    const { handle, path } = await this.#open(place, 'folder')
    const base = place.verification === 'descriptor' ? `${DESCRIPTORS}/${handle.fd}` : place.real
    const within = (name: string): Place => {
      this.#assertIncluded(childPath(path, name))
      return { ...place, path: childPath(path, name), real: `${base}/${name}` }
    }
    return {
      path,
      at: (name) => `${base}/${name}`,
      list: (limit, { signal } = {}) => {
        const isListed = (name: string): boolean => !this.isExcluded(childPath(path, name))
        return explained(path, () => listFolder(base, { isListed, limit, signal }))
      },
      openFile: async (name) => this.#openFileAt(within(name)),
      openFolder: async (name) => this.#openFolderAt(within(name)),
      sync: () => explained(path, () => syncFolder(handle)),
      [Symbol.asyncDispose]: () => handle.close(),
    }
  }

  async #open(place: Place, kind: Kind): Promise<Opened> {
    const { path, real } = place
    // Opening is not harmless for everything: a device may act on it, a writer waits at a FIFO.
    assertKind(path, await explained(path, () => lstat(real)), kind)
    const flags = kind === 'file' ? O_RDONLY : O_RDONLY | O_DIRECTORY
    const handle = await explained(path, () => open(real, flags | SAFELY))
    try {
      const stats = await handle.stat()
      const names = await locate(handle, place)
      if (names === undefined) throw refused(path, 'leads outside the root')
      const found = formatPath(names)
      this.#assertIncluded(found)
      assertKind(path, stats, kind)
      return { handle, stats, path: found }
    } catch (error) {
      await handle.close()
      throw explainFileError(error, path)
    }
  }
}

type Kind = 'file' | 'folder'

function assertKind(path: string, stats: Stats, kind: Kind): void {
  if (kind === 'file' ? stats.isFile() : stats.isDirectory()) return
  const expected = kind === 'file' ? 'a regular file' : 'a directory'
  const message = `path ${JSON.stringify(path)} is ${describeKind(stats)}, expected ${expected}`
  throw new BuiltinToolError('BUILTIN_UNSUPPORTED', message)
}

interface Place {
  /** As the model wrote it. */
  readonly path: string
  /** Where it leads, for the system. */
  readonly real: string
  readonly root: string
  readonly verification: Verification
}

interface Opened {
  readonly handle: FileHandle
  readonly stats: Stats
  readonly path: string
}

/** What the kernel adds to the name of a file that has been removed or replaced since it was opened. */
const REMOVED = ' (deleted)'

/** Where an open file is, as names below the root; `undefined` when that is somewhere else. */
async function locate(handle: FileHandle, { real, root, verification }: Place): Promise<readonly string[] | undefined> {
  if (verification === 'descriptor') return namesBelow(root, await readDescriptor(handle))
  const again = await realpath(real)
  const [opened, found] = [await handle.stat({ bigint: true }), await lstat(again, { bigint: true })]
  return opened.ino === found.ino && opened.dev === found.dev ? namesBelow(root, again) : undefined
}

async function readDescriptor(handle: FileHandle): Promise<string> {
  const link = await readlink(`${DESCRIPTORS}/${handle.fd}`)
  if (!link.endsWith(REMOVED)) return link
  const { nlink } = await handle.stat()
  return nlink === 0 ? link.slice(0, -REMOVED.length) : link
}

async function detectVerification(): Promise<Verification> {
  if (process.platform !== 'linux') return 'path'
  return stat(DESCRIPTORS).then(
    () => 'descriptor',
    () => 'path',
  )
}

interface Listing {
  readonly isListed: (name: string) => boolean
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

async function listFolder(
  base: string,
  { isListed, limit, signal }: Listing,
): Promise<{ readonly entries: readonly FolderEntry[]; readonly truncated: boolean }> {
  const entries: FolderEntry[] = []
  for await (const entry of await opendir(`${base}/`)) {
    signal?.throwIfAborted()
    if (!isListed(entry.name)) continue
    if (entries.length === limit) return { entries: entries.toSorted(byName), truncated: true }
    entries.push({ name: entry.name, type: typeOf(entry) })
  }
  return { entries: entries.toSorted(byName), truncated: false }
}

/** Windows writes the names of a folder by itself, and refuses to be asked. */
async function syncFolder(handle: FileHandle): Promise<void> {
  if (process.platform !== 'win32') await handle.sync()
}

function typeOf(entry: Dirent): FolderEntry['type'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'symlink' : 'other'
}

function byName(a: FolderEntry, b: FolderEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explainFileError(error, path)
  }
}

function refused(path: string, why: string): BuiltinToolError {
  return new BuiltinToolError('BUILTIN_REFUSED', `path ${JSON.stringify(path)} ${why}`)
}

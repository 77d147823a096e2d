import type { FileRoot, FolderEntry, OpenFolder } from './file-root.ts'
import { childPath } from './file-path.ts'

/** Something that a walk has come by. */
export interface WalkEntry extends FolderEntry {
  /** Where it is, below the root. */
  readonly path: string
  /** The folder it is in, open while the entry is looked at. */
  readonly folder: OpenFolder
}

/** How a walk goes. */
export interface WalkOptions {
  /** Where it begins. */
  readonly path: string
  readonly recursive: boolean
  /** Folders that are shown and not gone into. */
  readonly skipFolders: readonly string[]
  readonly signal: AbortSignal
}

/** What a walk has left out, for whoever asks afterwards. */
export interface WalkReport {
  /** Whether there was more than the limits below let through. */
  truncated: boolean
  /** How many folders could not be entered: they are locked, were swapped, or have names that are no UTF-8. */
  foldersSkipped: number
}

/** A report on nothing so far. */
export function createWalkReport(): WalkReport {
  return { truncated: false, foldersSkipped: 0 }
}

/** One folder is held in memory at a time, sorted. */
const MAX_FOLDER_ENTRIES = 20_000

/** Everything that a walk looks at. */
const MAX_ENTRIES = 200_000

/** Each level is an open folder; nothing that people made is as deep. */
const MAX_DEPTH = 100

/**
 * Goes through a folder in the order of the names, folders after what stands before them.
 *
 * Links are shown and never followed, so that a walk ends and stays where it began.
 * What disappears or may not be read while it goes on is passed over; folders are counted then.
 */
export async function* walk(root: FileRoot, options: WalkOptions, report: WalkReport): AsyncGenerator<WalkEntry> {
  let left = MAX_ENTRIES
  await using start = await root.openFolder(options.path)
  yield* walkFolder(start, 0)

  async function* walkFolder(folder: OpenFolder, depth: number): AsyncGenerator<WalkEntry> {
    const listed = await folder.list(MAX_FOLDER_ENTRIES, { signal: options.signal }).catch((error: unknown) => {
      options.signal.throwIfAborted()
      if (depth === 0) throw error
      report.foldersSkipped += 1
      return { entries: [], truncated: false } // gone by now
    })
    if (listed.truncated) report.truncated = true
    for (const entry of listed.entries) {
      options.signal.throwIfAborted()
      if (left === 0) {
        report.truncated = true
        return
      }
      left -= 1
      yield { ...entry, path: childPath(folder.path, entry.name), folder }
      if (entry.type !== 'directory' || !options.recursive || options.skipFolders.includes(entry.name)) continue
      if (depth < MAX_DEPTH) yield* enter(folder, entry.name, depth)
      else report.truncated = true
    }
  }

  async function* enter(folder: OpenFolder, name: string, depth: number): AsyncGenerator<WalkEntry> {
    const opened = await folder.openFolder(name).catch(() => undefined) // gone by now, a link by now, or locked
    if (opened === undefined) {
      report.foldersSkipped += 1
      return
    }
    await using inner = opened
    yield* walkFolder(inner, depth + 1)
  }
}

import { TextDecoder } from 'node:util'

import { findByteOrderMark } from '../decode-text.ts'
import { fileSource } from './byte-source.ts'
import type { FileRoot } from './file-root.ts'
import type { PathMatcher } from './glob.ts'
import { createResultBudget } from './result-budget.ts'
import type { LineFinder } from './text-finder.ts'
import { walk, type WalkEntry, type WalkOptions } from './walk.ts'

/** A line that was found. */
export interface SearchMatch {
  /** Below the root. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** In UTF-16 units, from 1. */
  readonly column: number
  /** The line, or the part of a long one around the match. */
  readonly text: string
  /** Whether `text` is only a part. */
  readonly cut: boolean
}

/** What a search came to. */
export interface SearchResult {
  readonly matches: readonly SearchMatch[]
  readonly filesSearched: number
  /** Files that were too large, not text, or could not be read. */
  readonly filesSkipped: number
  /** Whether the search ended before it had seen everything. */
  readonly truncated: boolean
  /** `size` is that of the result, or of the folders. */
  readonly stoppedBy: 'matches' | 'time' | 'size' | null
}

/** What is searched, and how far. */
export interface SearchOptions {
  readonly walk: WalkOptions
  readonly isWanted: PathMatcher
  readonly limit: number
  readonly maxFileBytes: number
  readonly timeoutMs: number
}

/** A line may be a whole program. */
const MAX_LINE_LENGTH = 500

/** How much of a long line is shown before the match. */
const LEAD_LENGTH = 100

/** Searches the files below a folder in the order of their names, until it is through or a limit is reached. */
export async function searchFiles(root: FileRoot, finder: LineFinder, options: SearchOptions): Promise<SearchResult> {
  const { walk: walking, timeoutMs } = options
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  const tally: Tally = { matches: [], filesSearched: 0, filesSkipped: 0 }
  const report = { truncated: false }
  try {
    const signal = AbortSignal.any([walking.signal, timeout.signal])
    const stopped = await searchAll(walk(root, { ...walking, signal }, report), { finder, options, tally, signal })
    const stoppedBy = stopped ?? (report.truncated ? 'size' : null)
    return { ...tally, truncated: stoppedBy !== null, stoppedBy }
  } catch (error) {
    if (walking.signal.aborted || !timeout.signal.aborted) throw error
    return { ...tally, truncated: true, stoppedBy: 'time' }
  } finally {
    clearTimeout(timer)
  }
}

interface Tally {
  readonly matches: SearchMatch[]
  filesSearched: number
  filesSkipped: number
}

interface Search {
  readonly finder: LineFinder
  readonly options: SearchOptions
  readonly tally: Tally
  readonly signal: AbortSignal
}

/** Returns why it ended although there is more; `undefined` when it has seen everything. */
async function searchAll(entries: AsyncIterable<WalkEntry>, search: Search): Promise<'matches' | 'size' | undefined> {
  const { finder, options, tally, signal } = search
  const fits = createResultBudget()
  for await (const entry of entries) {
    if (entry.type !== 'file' || !options.isWanted(entry.path)) continue
    const text = await readText(entry, options.maxFileBytes, signal)
    if (text === undefined) {
      tally.filesSkipped += 1
      continue
    }
    const lines = text.split(/\r?\n/)
    const left = options.limit - tally.matches.length
    const found = await finder.find(lines, left + 1, signal)
    tally.filesSearched += 1
    for (const { line, column } of found.slice(0, left)) {
      const shown = showLine(lines[line] ?? '', column)
      const match = { path: entry.path, line: line + 1, column: column + 1, ...shown }
      if (!fits(match)) return 'size'
      tally.matches.push(match)
    }
    if (found.length > left) return 'matches'
  }
  return undefined
}

/** The text of a file; `undefined` when it is too large, not text, or cannot be read. */
async function readText(
  { folder, name }: WalkEntry,
  maxFileBytes: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const opened = await folder.openFile(name).catch(() => undefined) // gone by now, or locked: counted
  if (opened === undefined) return undefined
  await using file = opened
  if (file.stats.size > maxFileBytes) return undefined
  const bytes = await fileSource(file.handle, signal).read(0, maxFileBytes + 1)
  if (bytes.length > maxFileBytes) return undefined
  const mark = findByteOrderMark(bytes)
  if (mark === undefined && bytes.includes(0)) return undefined
  return new TextDecoder(mark ?? 'utf-8').decode(bytes)
}

function showLine(line: string, column: number): { readonly text: string; readonly cut: boolean } {
  if (line.length <= MAX_LINE_LENGTH) return { text: line, cut: false }
  const start = Math.max(0, Math.min(column - LEAD_LENGTH, line.length - MAX_LINE_LENGTH))
  return { text: line.slice(start, start + MAX_LINE_LENGTH).toWellFormed(), cut: true }
}

import { setImmediate as turn } from 'node:timers/promises'

import { findByteOrderMark } from '../decode-text.ts'
import { fileSource } from './byte-source.ts'
import type { FileRoot } from './file-root.ts'
import type { PathMatcher } from './glob.ts'
import { lineBatches } from './line-batches.ts'
import { createResultBudget } from './result-budget.ts'
import type { LineFinder } from './text-finder.ts'
import { createWalkReport, walk, type WalkEntry, type WalkOptions, type WalkReport } from './walk.ts'

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
  /** Files that were too large, not text, or could not be read, and folders that could not be entered. */
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
  const report = createWalkReport()
  try {
    const signal = AbortSignal.any([walking.signal, timeout.signal])
    const stopped = await searchAll(walk(root, { ...walking, signal }, report), { finder, options, tally, signal })
    const stoppedBy = stopped ?? (report.truncated ? 'size' : null)
    return { ...describe(tally, report), truncated: stoppedBy !== null, stoppedBy }
  } catch (error) {
    if (walking.signal.aborted || !timeout.signal.aborted) throw error
    return { ...describe(tally, report), truncated: true, stoppedBy: 'time' }
  } finally {
    clearTimeout(timer)
  }
}

function describe({ matches, filesSearched, filesSkipped }: Tally, { foldersSkipped }: WalkReport): Tally {
  return { matches, filesSearched, filesSkipped: filesSkipped + foldersSkipped }
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
  const { options, tally, signal } = search
  const fits = createResultBudget()
  for await (const entry of entries) {
    if (entry.type !== 'file' || !options.isWanted(entry.path)) continue
    const text = await readText(entry, options.maxFileBytes, signal)
    if (text === undefined) {
      tally.filesSkipped += 1
      continue
    }
    const stopped = await searchFile(text, fits, search)
    tally.filesSearched += 1
    if (stopped !== undefined) return stopped
  }
  return undefined
}

/** Searches one file batch by batch: a large one neither holds the process up nor outlasts the time. */
async function searchFile(
  { path, bytes, encoding }: FileText,
  fits: (match: SearchMatch) => boolean,
  { finder, options, tally, signal }: Search,
): Promise<'matches' | 'size' | undefined> {
  let before = 0
  for (const lines of lineBatches(bytes, encoding)) {
    const left = options.limit - tally.matches.length
    const found = await finder.find(lines, left + 1, signal)
    for (const { line, column } of found.slice(0, left)) {
      const shown = showLine(lines[line] ?? '', column)
      const match = { path, line: before + line + 1, column: column + 1, ...shown }
      if (!fits(match)) return 'size'
      tally.matches.push(match)
    }
    if (found.length > left) return 'matches'
    before += lines.length
    await turn()
    signal.throwIfAborted()
  }
  return undefined
}

interface FileText {
  readonly path: string
  readonly bytes: Uint8Array
  readonly encoding: string
}

/** The text of a file; `undefined` when it is too large, not text, or cannot be read. */
async function readText(
  { path, folder, name }: WalkEntry,
  maxFileBytes: number,
  signal: AbortSignal,
): Promise<FileText | undefined> {
  const opened = await folder.openFile(name).catch(() => undefined) // gone by now, or locked: counted
  if (opened === undefined) return undefined
  await using file = opened
  if (file.stats.size > maxFileBytes) return undefined
  const bytes = await fileSource(file.handle, signal).read(0, maxFileBytes + 1)
  if (bytes.length > maxFileBytes) return undefined
  const mark = findByteOrderMark(bytes)
  if (mark === undefined && bytes.includes(0)) return undefined
  return { path, bytes, encoding: mark ?? 'utf-8' }
}

function showLine(line: string, column: number): { readonly text: string; readonly cut: boolean } {
  if (line.length <= MAX_LINE_LENGTH) return { text: line, cut: false }
  const start = Math.max(0, Math.min(column - LEAD_LENGTH, line.length - MAX_LINE_LENGTH))
  return { text: line.slice(start, start + MAX_LINE_LENGTH).toWellFormed(), cut: true }
}

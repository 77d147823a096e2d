import { lstat } from 'node:fs/promises'

import { defineTool, type Tool } from '@starling/tool'
import { checkOptions, overridePolicy, texts, wholeNumber } from '../check-options.ts'
import { effect } from '../effect.ts'
import { fieldWithDefault, flagField, inputOf, integerField, optionalField, textField } from '../input-fields.ts'
import { DEFAULT_SKIPPED, FILE_CHECKS, MAX_PATH_LENGTH, readFileRoot, type FileToolOptions } from './file-options.ts'
import { readInputGlobs } from './input-globs.ts'
import { createResultBudget } from './result-budget.ts'
import { createWalkReport, walk, type WalkEntry, type WalkOptions } from './walk.ts'
import type { FileRoot, FolderEntry } from './file-root.ts'
import type { PathMatcher } from './glob.ts'

/** How {@link createListFilesTool} may be set up. */
export interface ListFilesToolOptions extends FileToolOptions {
  /** The most entries that one call returns. Default: 1,000. */
  readonly maxEntries?: number | undefined
  /** Names of folders that are shown and not gone into. Default: `.git` and `node_modules`. */
  readonly skipFolders?: readonly string[] | undefined
}

interface ListedEntry {
  /** Below the root. */
  readonly path: string
  readonly type: FolderEntry['type']
  /** Of files. */
  readonly sizeBytes?: number
}

interface ListFilesResult {
  readonly entries: readonly ListedEntry[]
  /** Whether there are more than these, or may be: in a folder that could not be entered. */
  readonly truncated: boolean
}

/**
 * Creates the tool `list_files`, which lists a folder below the root, or everything below it.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createListFilesTool({ root: './docs' })]
 * ```
 */
export function createListFilesTool(options: ListFilesToolOptions): Tool {
  checkOptions('list_files', options, {
    ...FILE_CHECKS,
    maxEntries: wholeNumber(1, 100_000),
    skipFolders: texts,
  })
  const root = readFileRoot('list_files', options)
  const { maxEntries = 1000, skipFolders = DEFAULT_SKIPPED } = options
  const own = { timeoutMs: 30_000, idempotent: true, maxResultBytes: 1024 * 1024 }
  return defineTool({
    name: 'list_files',
    description:
      'Lists files and directories, in the order of their names. Links are listed and not followed. ' +
      'truncated is true when there are more than were returned.',
    input: inputOf({
      path: fieldWithDefault(textField('The directory, below the root.', { maxLength: MAX_PATH_LENGTH }), '.'),
      recursive: fieldWithDefault(flagField('Whether to list everything below it too.'), false),
      pattern: optionalField(
        textField('Only paths that match this glob, such as *.ts or src/**/*.md.', { maxLength: 1000 }),
      ),
      limit: fieldWithDefault(integerField('How many entries to return at most.', 1, maxEntries), maxEntries),
    }),
    policy: overridePolicy(own, options.policy),
    execute({ path, recursive, pattern, limit }, context) {
      return effect(context, 'list_files', async () => {
        const isWanted = readInputGlobs('pattern', pattern === undefined ? undefined : [pattern]) ?? (() => true)
        const walking = { path, recursive, skipFolders, signal: context.signal }
        return listFiles(root, walking, { isWanted, limit })
      })
    },
  })
}

async function listFiles(
  root: FileRoot,
  options: WalkOptions,
  { isWanted, limit }: { readonly isWanted: PathMatcher; readonly limit: number },
): Promise<ListFilesResult> {
  const report = createWalkReport()
  const fits = createResultBudget()
  const entries: ListedEntry[] = []
  for await (const entry of walk(root, options, report)) {
    if (!isWanted(entry.path)) continue
    if (entries.length === limit) return { entries, truncated: true }
    const described = await describeEntry(entry)
    if (!fits(described)) return { entries, truncated: true }
    entries.push(described)
  }
  return { entries, truncated: report.truncated || report.foldersSkipped > 0 }
}

async function describeEntry({ path, type, name, folder }: WalkEntry): Promise<ListedEntry> {
  if (type !== 'file') return { path, type }
  // It may be gone by now: then it is listed as it was.
  const stats = await lstat(folder.at(name)).catch(() => undefined)
  return stats === undefined ? { path, type } : { path, type, sizeBytes: stats.size }
}

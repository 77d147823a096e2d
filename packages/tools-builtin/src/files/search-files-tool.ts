import { ToolError, defineTool, type Tool } from '@starling/tool'
import { checkOptions, milliseconds, overridePolicy, texts, wholeNumber } from '../check-options.ts'
import { effect } from '../effect.ts'
import {
  fieldWithDefault,
  flagField,
  inputOf,
  integerField,
  optionalField,
  textField,
  textsField,
} from '../input-fields.ts'
import { DEFAULT_SKIPPED, FILE_CHECKS, MAX_PATH_LENGTH, readFileRoot, type FileToolOptions } from './file-options.ts'
import { readInputGlobs } from './input-globs.ts'
import { openRegexWorker } from './regex-worker.ts'
import { searchFiles } from './search-files.ts'
import { createTextFinder, type LineFinder } from './text-finder.ts'

/** How {@link createSearchFilesTool} may be set up. */
export interface SearchFilesToolOptions extends FileToolOptions {
  /** The most matches that one call returns. Default: 200. */
  readonly maxMatches?: number | undefined
  /** Larger files are passed over and counted. Default: 2 MiB. */
  readonly maxFileBytes?: number | undefined
  /** A search ends after this many milliseconds, with what it has found. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** Names of folders that are not gone into. Default: `.git` and `node_modules`. */
  readonly skipFolders?: readonly string[] | undefined
}

/** How much longer than the search a call may take before it is given up. */
const GRACE_MS = 20_000

/** The longest wait of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Creates the tool `search_files`, which finds lines in the text files below a folder.
 *
 * Regular expressions run in a thread of their own, which is ended when the
 * time is over: a pattern that takes for ever costs no more than that.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createSearchFilesTool({ root: './docs', exclude: ['*.min.js'] })]
 * ```
 */
export function createSearchFilesTool(options: SearchFilesToolOptions): Tool {
  checkOptions('search_files', options, {
    ...FILE_CHECKS,
    maxMatches: wholeNumber(1, 10_000),
    maxFileBytes: wholeNumber(1, 64 * 1024 * 1024),
    timeoutMs: milliseconds,
    skipFolders: texts,
  })
  const root = readFileRoot('search_files', options)
  const { maxMatches = 200, maxFileBytes = 2 * 1024 * 1024, timeoutMs = 10_000 } = options
  const { skipFolders = DEFAULT_SKIPPED } = options
  const own = {
    timeoutMs: Math.min(MAX_TIMER_MS, timeoutMs + GRACE_MS),
    idempotent: true,
    maxResultBytes: 1024 * 1024,
  }
  return defineTool({
    name: 'search_files',
    description:
      'Finds the lines of text files that contain a text or match a regular expression. truncated is true when ' +
      'the search ended early; stoppedBy says why.',
    input: inputOf({
      query: textField('The text, or the regular expression of JavaScript, to find in a line.', { maxLength: 1000 }),
      regex: fieldWithDefault(flagField('Whether query is a regular expression.'), false),
      ignoreCase: fieldWithDefault(flagField('Whether small and capital letters are the same.'), false),
      path: fieldWithDefault(textField('The directory, below the root.', { maxLength: MAX_PATH_LENGTH }), '.'),
      include: optionalField(
        textsField('Only files that match one of these globs.', { maxLength: 1000, maxItems: 50 }),
      ),
      exclude: optionalField(textsField('No files that match one of these globs.', { maxLength: 1000, maxItems: 50 })),
      limit: fieldWithDefault(integerField('How many matches to return at most.', 1, maxMatches), maxMatches),
    }),
    policy: overridePolicy(own, options.policy),
    execute({ query, regex, ignoreCase, path, include, exclude, limit }, context) {
      return effect(context, 'search_files', async () => {
        const isIncluded = readInputGlobs('include', include) ?? (() => true)
        const isExcluded = readInputGlobs('exclude', exclude) ?? (() => false)
        await using finder = openFinder(query, { regex, ignoreCase })
        return await searchFiles(root, finder, {
          walk: { path, recursive: true, skipFolders, signal: context.signal },
          isWanted: (file) => isIncluded(file) && !isExcluded(file),
          limit,
          maxFileBytes,
          timeoutMs,
        })
      })
    },
  })
}

function openFinder(
  query: string,
  { regex, ignoreCase }: { readonly regex: boolean; readonly ignoreCase: boolean },
): LineFinder {
  if (!regex) return createTextFinder(query, ignoreCase)
  const flags = ignoreCase ? 'i' : ''
  for (const candidate of [`${flags}u`, flags]) if (compiles(query, candidate)) return openRegexWorker(query, candidate)
  throw new ToolError('TOOL_INVALID_INPUT', `query ${JSON.stringify(query)} is not a regular expression of JavaScript`)
}

/** People write escapes that the strict mode refuses, and classes that only it knows. */
function compiles(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).flags === flags
  } catch {
    return false // what throws is not a pattern with these flags
  }
}

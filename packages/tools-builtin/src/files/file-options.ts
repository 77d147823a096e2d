import { resolve } from 'node:path'

import type { ToolPolicy } from '@starling/tool'
import { aPolicy, invalidOption, someText, texts, type OptionChecks } from '../check-options.ts'
import { compileExclusion } from './exclusion.ts'
import { createFileRoot, type FileRoot } from './file-root.ts'

/** What all file tools have in common. */
export interface FileToolOptions {
  /** The folder that the tool works in; nothing outside is reached. Relative ones count from the working directory. */
  readonly root: string
  /**
   * Paths that are refused with everything below them, such as `.env` (in any folder), `secrets/**` or
   * `*.{pem,key}`; small and capital letters are the same here. Default: none.
   */
  readonly exclude?: readonly string[] | undefined
  /** Laid over the tool's own policy. */
  readonly policy?: ToolPolicy | undefined
}

/** The checks of {@link FileToolOptions}. */
export const FILE_CHECKS: OptionChecks<FileToolOptions> = { root: someText, exclude: texts, policy: aPolicy }

/** Where a path of a tool may be long: what Linux takes at all. */
export const MAX_PATH_LENGTH = 4096

/** Makes the root of a tool; the options have been checked. */
export function readFileRoot(tool: string, { root, exclude = [] }: FileToolOptions): FileRoot {
  if (someText(root) !== undefined) throw invalidOption(tool, 'option root is missing, expected a path')
  const isExcluded = compileExclusion(exclude)
  if (typeof isExcluded === 'function') return createFileRoot({ root: resolve(root), isExcluded })
  const { invalid, problem } = isExcluded
  throw invalidOption(tool, `option exclude has ${JSON.stringify(invalid)}, which ${problem}`)
}

/** Folders that are rarely meant and often large. */
export const DEFAULT_SKIPPED: readonly string[] = ['.git', 'node_modules']

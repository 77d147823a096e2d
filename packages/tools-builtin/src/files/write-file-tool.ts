import { randomUUID } from 'node:crypto'
import { TextEncoder } from 'node:util'

import { ToolError, defineTool, type Tool } from '@starling/tool'
import { checkOptions, oneOf, overridePolicy, wholeNumber } from '../check-options.ts'
import { effect } from '../effect.ts'
import { choiceField, fieldWithDefault, inputOf, textField } from '../input-fields.ts'
import { FILE_CHECKS, MAX_PATH_LENGTH, readFileRoot, type FileToolOptions } from './file-options.ts'
import { WRITE_MODES, writeWithin } from './write-file.ts'

/** How {@link createWriteFileTool} may be set up. */
export interface WriteFileToolOptions extends FileToolOptions {
  /** The most that one call writes, in bytes of UTF-8. Default: 1 MiB. */
  readonly maxBytes?: number | undefined
  /** Make the folders that a path needs. Default: `true`. */
  readonly createFolders?: boolean | undefined
}

/**
 * Creates the tool `write_file`, which creates, replaces or extends text files below a folder.
 *
 * A replay never calls it, and after a crash it is not called again without asking.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createWriteFileTool({ root: './drafts', policy: { approval: true } })]
 * ```
 */
export function createWriteFileTool(options: WriteFileToolOptions): Tool {
  checkOptions('write_file', options, {
    ...FILE_CHECKS,
    maxBytes: wholeNumber(1, 64 * 1024 * 1024),
    createFolders: oneOf(true, false),
  })
  const root = readFileRoot('write_file', options)
  const { maxBytes = 1024 * 1024, createFolders = true } = options
  return defineTool({
    name: 'write_file',
    description:
      'Writes a text file. create refuses a path that exists already, overwrite replaces the file as a whole, ' +
      'append adds to its end.',
    input: inputOf({
      path: textField('The path below the root, with slashes.', { maxLength: MAX_PATH_LENGTH }),
      contents: textField('The text, without changes.', { minLength: 0, maxLength: maxBytes }),
      mode: fieldWithDefault(choiceField('What becomes of a file that exists.', WRITE_MODES), 'create'),
    }),
    policy: overridePolicy({ idempotent: false }, options.policy),
    execute({ path, contents, mode }, context) {
      return effect(context, 'write_file', () => {
        if (!contents.isWellFormed()) {
          throw new ToolError('TOOL_INVALID_INPUT', 'contents has half of a character, which no file can hold')
        }
        const bytes = new TextEncoder().encode(contents)
        if (bytes.length > maxBytes) {
          throw new ToolError('TOOL_INVALID_INPUT', `contents has ${bytes.length} bytes, expected at most ${maxBytes}`)
        }
        return writeWithin(root, path, { contents: bytes, mode, createFolders, temporaryName, signal: context.signal })
      })
    },
  })
}

function temporaryName(): string {
  return `.starling-${randomUUID()}.tmp`
}

import { Buffer, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

import { defineTool, type Tool } from '@starling/tool'
import { checkOptions, oneOf, overridePolicy, wholeNumber } from '../check-options.ts'
import { effect } from '../effect.ts'
import { findByteOrderMark } from '../decode-text.ts'
import { imageTypeOf } from '../image-type.ts'
import { choiceField, fieldWithDefault, inputOf, integerField, optionalField, textField } from '../input-fields.ts'
import { fileSource, memorySource, transcode } from './byte-source.ts'
import { FILE_CHECKS, MAX_PATH_LENGTH, readFileRoot, type FileToolOptions } from './file-options.ts'
import type { OpenFile } from './file-root.ts'
import { readRange, type ByteSource, type TextPart, type TextRange } from './read-range.ts'

/** How {@link createReadFileTool} may be set up. */
export interface ReadFileToolOptions extends FileToolOptions {
  /** The most that one call returns, in bytes. Default: 256 KiB. */
  readonly maxBytes?: number | undefined
  /** What becomes of a file that is not text. Default: `omit`. */
  readonly binary?: 'omit' | 'base64' | undefined
  /** Show the model images (PNG, JPEG, GIF, WebP) beside the result; the model must be one that sees. Default: `false`. */
  readonly attachImages?: boolean | undefined
}

/** What the model gets of a file. */
interface ReadFileResult {
  /** Where it really is, below the root. */
  readonly path: string
  readonly contentsType: 'text' | 'base64' | 'omitted' | 'attached'
  readonly contents: string
  /** What the numbers below count; bytes also where a line is longer than one call returns. */
  readonly unit: 'lines' | 'bytes'
  readonly offset: number
  readonly count: number
  /** Where to go on; `null` at the end. */
  readonly nextOffset: number | null
  /** Of the whole file. */
  readonly sizeBytes: number
  /** Whether the file goes on behind what is in `contents`. */
  readonly truncated: boolean
  /** Whether `contents` has U+FFFD in place of bytes that are no UTF-8. Left out when it has not. */
  readonly lossy?: true
}

interface RecordedRead {
  readonly result: ReadFileResult
  readonly image?: { readonly mediaType: string; readonly data: Uint8Array }
}

interface ReadFileSettings {
  readonly maxBytes: number
  readonly binary: 'omit' | 'base64'
  readonly attachImages: boolean
}

/** How much is looked at to find out whether a file is text. */
const SAMPLE_BYTES = 8 * 1024

/** The largest image that every vendor takes. */
const MAX_IMAGE_BYTES = 5 * 1024 * 1024

/** UTF-16 is rewritten as a whole, in memory; a file larger than this is shown as binary. */
const MAX_TRANSCODED_BYTES = 16 * 1024 * 1024

/** One byte of a file may become six of JSON; beside it is the path. */
const JSON_GROWTH = 6
const BESIDE_BYTES = 64 * 1024

/**
 * Creates the tool `read_file`, which reads a text file below a folder, whole or in part.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createReadFileTool({ root: './docs', exclude: ['.env'] })]
 * ```
 */
export function createReadFileTool(options: ReadFileToolOptions): Tool {
  checkOptions('read_file', options, {
    ...FILE_CHECKS,
    maxBytes: wholeNumber(16, 64 * 1024 * 1024),
    binary: oneOf('omit', 'base64'),
    attachImages: oneOf(true, false),
  })
  const root = readFileRoot('read_file', options)
  const { maxBytes = 256 * 1024, binary = 'omit', attachImages = false } = options
  const settings: ReadFileSettings = { maxBytes, binary, attachImages }
  const own = { timeoutMs: 30_000, idempotent: true, maxResultBytes: JSON_GROWTH * maxBytes + BESIDE_BYTES }
  return defineTool({
    name: 'read_file',
    description:
      'Reads a text file. Of a long one, a part is returned: truncated is true then, and nextOffset is the offset ' +
      'for the next call.',
    input: inputOf({
      path: textField('The path below the root, with slashes.', { maxLength: MAX_PATH_LENGTH }),
      offset: fieldWithDefault(
        integerField('How many lines, or bytes, to leave out first.', 0, Number.MAX_SAFE_INTEGER),
        0,
      ),
      limit: optionalField(integerField('How many lines, or bytes, to return at most.', 1, Number.MAX_SAFE_INTEGER)),
      unit: fieldWithDefault(
        choiceField('Whether offset and limit count lines or bytes.', ['lines', 'bytes'] as const),
        'lines',
      ),
    }),
    policy: overridePolicy(own, options.policy),
    async execute({ path, ...range }, context) {
      const { result, image } = await effect(context, 'read_file', async () => {
        await using file = await root.openFile(path)
        return await readPart(file, { ...range, maxBytes }, { settings, signal: context.signal })
      })
      if (image !== undefined) context.attach({ type: 'image', ...image })
      return result
    },
  })
}

async function readPart(
  file: OpenFile,
  range: TextRange,
  { settings, signal }: { readonly settings: ReadFileSettings; readonly signal: AbortSignal },
): Promise<RecordedRead> {
  const { handle, stats, path } = file
  const source = fileSource(handle, signal)
  const about = { path, sizeBytes: stats.size }
  const sample = await source.read(0, SAMPLE_BYTES)
  const mediaType = settings.attachImages && stats.size <= MAX_IMAGE_BYTES ? imageTypeOf(sample) : undefined
  if (mediaType !== undefined) {
    const data = await source.read(0, MAX_IMAGE_BYTES)
    const place = { unit: 'bytes', offset: 0, count: data.length, nextOffset: null } as const
    const result = { ...about, contentsType: 'attached', contents: '', ...place, truncated: false } as const
    return { result, image: { mediaType, data } }
  }
  const text = await textSource(source, sample, stats.size)
  const part = await readRange(text ?? source, text === undefined ? { ...range, unit: 'bytes' } : range)
  return { result: describePart({ ...about, isText: text !== undefined }, part, settings.binary) }
}

/** The file as UTF-8; `undefined` when it is not text. */
async function textSource(source: ByteSource, sample: Uint8Array, sizeBytes: number): Promise<ByteSource | undefined> {
  const mark = findByteOrderMark(sample)
  if (mark === undefined || mark === 'utf-8') return sample.includes(0) ? undefined : source
  if (sizeBytes > MAX_TRANSCODED_BYTES) return undefined
  return memorySource(transcode(await source.read(0, MAX_TRANSCODED_BYTES), mark))
}

interface About {
  readonly path: string
  readonly sizeBytes: number
  readonly isText: boolean
}

function describePart(
  { isText, path, sizeBytes }: About,
  part: TextPart,
  binary: ReadFileSettings['binary'],
): ReadFileResult {
  const { bytes, unit, offset, count, nextOffset } = part
  const truncated = nextOffset !== null
  // Behind the sample a file may still turn out not to be text.
  if (isText && !bytes.includes(0)) {
    const contents = new TextDecoder().decode(bytes)
    const lossy = isUtf8(bytes) ? {} : { lossy: true as const }
    return { path, contentsType: 'text', contents, unit, offset, count, nextOffset, sizeBytes, truncated, ...lossy }
  }
  const place = { unit, offset, count, nextOffset, sizeBytes, truncated }
  if (binary === 'omit') return { path, contentsType: 'omitted', contents: '', ...place }
  const contents = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
  return { path, contentsType: 'base64', contents, ...place }
}

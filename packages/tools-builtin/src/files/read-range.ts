import { trimCutEnd } from '../utf8-edges.ts'

/** Bytes that can be read anywhere. */
export interface ByteSource {
  /** Reads up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Uint8Array>
}

/** Which part of a text is wanted. */
export interface TextRange {
  readonly unit: 'lines' | 'bytes'
  /** How many lines or bytes are left out before it. */
  readonly offset: number
  /** How many lines or bytes it has at most; `undefined` is no limit of its own. */
  readonly limit: number | undefined
  readonly maxBytes: number
}

/** A part of a text. */
export interface TextPart {
  readonly bytes: Uint8Array
  /** What `offset`, `count` and `nextOffset` count: bytes where a single line is longer than may be read at once. */
  readonly unit: 'lines' | 'bytes'
  readonly offset: number
  readonly count: number
  /** Where the rest begins; `null` when there is none. */
  readonly nextOffset: number | null
}

const NEWLINE = 0x0a
const CHUNK_BYTES = 64 * 1024

/** Reads a part of a text in UTF-8; never cuts a character apart. */
export async function readRange(source: ByteSource, range: TextRange): Promise<TextPart> {
  return range.unit === 'bytes' ? readBytes(source, range) : readLines(source, range)
}

async function readBytes(source: ByteSource, { offset, limit, maxBytes }: TextRange): Promise<TextPart> {
  const wanted = Math.min(limit ?? maxBytes, maxBytes)
  const read = await source.read(offset, wanted + 1)
  const more = read.length > wanted
  const bytes = more ? trimCutEnd(read.subarray(0, wanted)) : read
  return { bytes, unit: 'bytes', offset, count: bytes.length, nextOffset: more ? offset + bytes.length : null }
}

async function readLines(source: ByteSource, range: TextRange): Promise<TextPart> {
  const { offset, limit, maxBytes } = range
  const nothing: TextPart = { bytes: new Uint8Array(), unit: 'lines', offset, count: 0, nextOffset: null }
  const start = await findLine(source, offset)
  if (start === undefined) return nothing
  const read = await source.read(start, maxBytes + 1)
  if (read.length === 0) return nothing
  const { count, end } = takeLines(read, { limit, maxBytes })
  if (count === 0) return readBytes(source, { ...range, unit: 'bytes', offset: start, limit: undefined })
  const nextOffset = end < read.length ? offset + count : null
  return { bytes: read.subarray(0, end), unit: 'lines', offset, count, nextOffset }
}

/** Where the first whole lines end that fit; a last line needs no newline. */
function takeLines(
  read: Uint8Array,
  { limit = Number.POSITIVE_INFINITY, maxBytes }: { readonly limit: number | undefined; readonly maxBytes: number },
): { readonly count: number; readonly end: number } {
  let count = 0
  let end = 0
  while (count < limit && end < read.length) {
    const newline = read.indexOf(NEWLINE, end)
    const next = newline < 0 ? read.length : newline + 1
    if (next > maxBytes) break
    count += 1
    end = next
  }
  return { count, end }
}

/** The byte at which a line begins; `undefined` when there are not so many. */
async function findLine(source: ByteSource, line: number): Promise<number | undefined> {
  let position = 0
  let left = line
  while (left > 0) {
    const chunk = await source.read(position, CHUNK_BYTES)
    if (chunk.length === 0) return undefined
    let at = -1
    do at = chunk.indexOf(NEWLINE, at + 1)
    while (at >= 0 && --left > 0)
    position += left === 0 ? at + 1 : chunk.length
  }
  return position
}

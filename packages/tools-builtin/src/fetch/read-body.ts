import { pipeline, type Readable, type Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** What there is of a body. */
export interface ReadBody {
  readonly bytes: Uint8Array
  /** Whether there was more than was asked for. */
  readonly truncated: boolean
  /** A compression that is not known here: the bytes are still compressed. */
  readonly unknownEncoding?: string | undefined
}

/** More than one compression on top of another is rare, and many of them are an attack. */
const MAX_ENCODINGS = 2

/** What servers are asked for. Not `deflate`, which half of them understand otherwise; whoever sends it is read. */
export const ACCEPT_ENCODING = 'gzip, br'

/**
 * Reads a body up to `maxBytes`, decompressed, and lets go of it.
 *
 * The limit is on what comes out, so a small body that grows without end stops there too.
 */
export async function readBody(
  body: Readable,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<ReadBody> {
  const encodings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity')
  const unknown = encodings.length > MAX_ENCODINGS ? encodings.join(', ') : encodings.find((name) => !isKnown(name))
  const stream = unknown === undefined ? decompress(body, encodings) : body
  return { ...(await collect(stream, maxBytes)), unknownEncoding: unknown }
}

function isKnown(encoding: string): boolean {
  return decompressor(encoding) !== undefined
}

/** Some servers end the compressed stream early: what is there counts. */
function decompressor(encoding: string): (() => Transform) | undefined {
  const gentle = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
  if (encoding === 'gzip' || encoding === 'x-gzip') return () => createGunzip(gentle)
  if (encoding === 'deflate') return () => createInflate(gentle)
  if (encoding === 'br') {
    const flush = constants.BROTLI_OPERATION_FLUSH
    return () => createBrotliDecompress({ flush, finishFlush: flush })
  }
  return undefined
}

function decompress(body: Readable, encodings: readonly string[]): Readable {
  return encodings.reduceRight<Readable>((source, encoding) => {
    const create = decompressor(encoding)
    // The one who reads gets the error: it comes out of the last stream.
    return create === undefined ? source : pipeline(source, create(), () => undefined)
  }, body)
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  const bytes = new Uint8Array(Math.min(size, maxBytes))
  let at = 0
  for (const chunk of chunks) {
    const part = chunk.subarray(0, bytes.length - at)
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, truncated: size > maxBytes }
}

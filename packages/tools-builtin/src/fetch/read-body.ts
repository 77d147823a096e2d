import type { Readable, Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { errorCode } from '../error-code.ts'

/** What there is of a body. */
export interface ReadBody {
  readonly bytes: Uint8Array
  /** Whether there was more than was asked for, or the end of a compressed stream was missing. */
  readonly truncated: boolean
  /** A compression that is not known here: the bytes are still compressed. */
  readonly unknownEncoding?: string | undefined
}

/** How a body is read. */
export interface ReadBodyOptions {
  /** The header; `undefined` when there is none. */
  readonly contentEncoding: string | undefined
  readonly maxBytes: number
  /** How many bytes have come from the server so far, with everything that frames the body. */
  readonly receivedBytes: () => number
}

/** More than one compression on top of another is rare, and many of them are an attack. */
const MAX_ENCODINGS = 2

/** What servers are asked for. Not `deflate`, which half of them understand otherwise; whoever sends it is read. */
export const ACCEPT_ENCODING = 'gzip, br'

/** A chunk of one byte takes six to send. What takes more, or is mostly headers, is there to waste time. */
const WIRE_GROWTH = 8
const WIRE_BESIDE = 1024 * 1024

/** What is kept begins with this room. */
const FIRST_BYTES = 16 * 1024

/**
 * Reads a body up to `maxBytes`, decompressed, and lets go of it.
 *
 * The limit is on what comes out, so a small body that grows without end stops there too; and one that takes many
 * times as much to be sent as it comes to ends early. Only what counts is kept in memory.
 */
export async function readBody(body: Readable, options: ReadBodyOptions): Promise<ReadBody> {
  const encodings = (options.contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity')
  const unknown = encodings.length > MAX_ENCODINGS ? encodings.join(', ') : encodings.find((name) => !isKnown(name))
  const read = await collect(body, unknown === undefined ? encodings : [], options)
  return { ...read, unknownEncoding: unknown }
}

function isKnown(encoding: string): boolean {
  return decompressor(encoding) !== undefined
}

function decompressor(encoding: string): (() => Transform) | undefined {
  // What has come is handed on at once: the rest may never come.
  const promptly = { flush: constants.Z_SYNC_FLUSH }
  if (encoding === 'gzip' || encoding === 'x-gzip') return () => createGunzip(promptly)
  if (encoding === 'deflate') return () => createInflate(promptly)
  if (encoding === 'br') return () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
  return undefined
}

type Collected = Pick<ReadBody, 'bytes' | 'truncated'>

/** Listens rather than iterates: an iterator loses what it has not been asked for when a stream ends early. */
function collect(body: Readable, encodings: readonly string[], options: ReadBodyOptions): Promise<Collected> {
  const { maxBytes, receivedBytes } = options
  const maxWireBytes = WIRE_GROWTH * maxBytes + WIRE_BESIDE
  const streams: Readable[] = [body]
  for (const encoding of encodings.toReversed()) {
    const create = decompressor(encoding)
    if (create !== undefined) streams.push((streams.at(-1) ?? body).pipe(create()))
  }
  const kept = createByteBuffer(maxBytes)
  return new Promise<Collected>((resolve, reject) => {
    let isEmpty = true
    const finish = (truncated: boolean): void => resolve({ bytes: kept.read(), truncated })
    for (const stream of streams) {
      stream.on('error', (error) => {
        // Some servers end the compressed stream early, or send none at all: what is there counts.
        if (stream !== body && errorCode(error) === 'Z_BUF_ERROR') finish(!isEmpty)
        else reject(error)
      })
    }
    body.on('data', () => {
      isEmpty = false
      if (receivedBytes() > maxWireBytes) finish(true)
    })
    const last = streams.at(-1) ?? body
    last.on('data', (chunk: Uint8Array) => {
      if (!kept.push(chunk)) finish(true)
    })
    last.once('end', () => finish(false))
    body.once('close', () => {
      if (!body.readableEnded) reject(new Error('the connection was closed'))
    })
  }).finally(() => {
    for (const stream of streams) stream.destroy()
  })
}

interface ByteBuffer {
  /** Copies a chunk, because a small one may be a part of something large; returns `false` when it does not fit. */
  push(chunk: Uint8Array): boolean
  read(): Uint8Array
}

function createByteBuffer(maxBytes: number): ByteBuffer {
  let bytes = new Uint8Array(Math.min(maxBytes, FIRST_BYTES))
  let size = 0
  return {
    push(chunk) {
      const part = chunk.subarray(0, maxBytes - size)
      if (size + part.length > bytes.length) {
        const grown = new Uint8Array(Math.min(maxBytes, Math.max(2 * bytes.length, size + part.length)))
        grown.set(bytes.subarray(0, size))
        bytes = grown
      }
      bytes.set(part, size)
      size += part.length
      return part.length === chunk.length
    },
    read: () => bytes.slice(0, size),
  }
}

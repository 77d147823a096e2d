import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readBody, type ReadBody } from '../../src/fetch/read-body.ts'

const COMPRESSIONS: readonly { readonly encoding: string; readonly compress: (bytes: Uint8Array) => Uint8Array }[] = [
  { encoding: 'gzip', compress: (bytes) => gzipSync(bytes) },
  { encoding: 'deflate', compress: (bytes) => deflateSync(bytes) },
  { encoding: 'br', compress: (bytes) => brotliCompressSync(bytes) },
  { encoding: 'br, gzip', compress: (bytes) => gzipSync(brotliCompressSync(bytes)) },
]

describe.for(COMPRESSIONS)('a body in $encoding', ({ encoding, compress }) => {
  test('is read whole, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 200 }), async (bytes, size) => {
        const read = await readPieces(split(compress(bytes), size), { encoding })
        expect([[...read.bytes], read.truncated]).toEqual([[...bytes], false])
      }),
      { numRuns: 30 },
    )
  })

  test('that ends early is flagged, wherever that is, and what there is of it counts', async () => {
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7919) % 251)
    const whole = compress(bytes)
    for (let length = 1; length < whole.length; length += 13) {
      const read = await readPieces([whole.subarray(0, length)], { encoding })
      expect([length, read.truncated, read.bytes.length <= bytes.length]).toEqual([length, true, true])
      expect(read.bytes).toEqual(bytes.slice(0, read.bytes.length))
    }
  })

  test('that is empty is whole', async () => {
    expect(await readPieces([], { encoding })).toMatchObject({ bytes: new Uint8Array(), truncated: false })
  })

  test('that grows without end stops at the limit', async () => {
    const bomb = compress(new Uint8Array(8 * 1024 * 1024))
    const read = await readPieces([bomb], { encoding, maxBytes: 1000 })
    expect([read.bytes.length, read.truncated]).toEqual([1000, true])
  })
})

test('most of what had come is there when a compressed body ends early', async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}`).join('\n')
  const whole = gzipSync(text)
  const read = await readPieces(split(whole.subarray(0, whole.length - 10), 1000), { encoding: 'gzip' })
  expect([read.truncated, read.bytes.length > text.length * 0.9]).toEqual([true, true])
})

test('what is kept is a copy: a small chunk may be a part of something large', async () => {
  const large = new Uint8Array(1024 * 1024).fill(65)
  const pieces = Array.from({ length: 100 }, (_, index) => large.subarray(index, index + 1))
  const { bytes } = await readPieces(pieces, {})
  expect([bytes.length, bytes.buffer.byteLength]).toEqual([100, 100])
})

test('a body that takes many times as much to be sent as it comes to is cut and flagged', async () => {
  let received = 0
  const wasteful = Readable.from(
    (async function* () {
      for (;;) {
        received += 60_000
        await turn()
        yield new Uint8Array([65])
      }
    })(),
  )
  const options = { contentEncoding: undefined, maxBytes: 1000, receivedBytes: () => received }
  const read = await readBody(wasteful, options)
  expect([read.truncated, read.bytes.length < 30, wasteful.destroyed]).toEqual([true, true, true])
})

test('a body in chunks of one byte each is not wasteful', async () => {
  const pieces = split(new Uint8Array(50_000).fill(65), 1)
  let received = 0
  const body = Readable.from(pieces.map((piece) => ((received += 6), piece)))
  const read = await readBody(body, { contentEncoding: undefined, maxBytes: 50_000, receivedBytes: () => received })
  expect([read.truncated, read.bytes.length]).toEqual([false, 50_000])
})

test('a body that breaks fails with what broke it, also behind a compression', async () => {
  const broken = (): Readable =>
    Readable.from(
      (function* () {
        yield gzipSync('text').subarray(0, 12)
        throw new Error('broken')
      })(),
    )
  await expect(readBody(broken(), optionsOf({ encoding: 'gzip' }))).rejects.toThrow('broken')
  await expect(readBody(broken(), optionsOf({}))).rejects.toThrow('broken')
})

test('a body that is closed without its end fails', async () => {
  const body = new Readable({ read: () => undefined })
  const reading = readBody(body, optionsOf({}))
  body.destroy()
  await expect(reading).rejects.toThrow('the connection was closed')
})

interface Reading {
  readonly encoding?: string
  readonly maxBytes?: number
}

function readPieces(pieces: readonly Uint8Array[], reading: Reading): Promise<ReadBody> {
  return readBody(Readable.from(pieces), optionsOf(reading))
}

function optionsOf({ encoding, maxBytes = 1024 * 1024 }: Reading): Parameters<typeof readBody>[1] {
  return { contentEncoding: encoding, maxBytes, receivedBytes: () => 0 }
}

function split(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

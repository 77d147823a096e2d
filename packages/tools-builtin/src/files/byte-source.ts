import type { FileHandle } from 'node:fs/promises'
import { TextDecoder, TextEncoder } from 'node:util'

import type { ByteSource } from './read-range.ts'

/** Most files are smaller than what may be read of them. */
const FIRST_BYTES = 64 * 1024

/** Reads from an open file. */
export function fileSource(handle: FileHandle, signal: AbortSignal): ByteSource {
  return {
    async read(position, length) {
      let bytes = new Uint8Array(Math.min(length, FIRST_BYTES))
      let filled = 0
      while (filled < length) {
        signal.throwIfAborted()
        if (filled === bytes.length) bytes = grow(bytes, length)
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
  }
}

function grow(bytes: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.min(most, 4 * bytes.length))
  grown.set(bytes)
  return grown
}

/** Reads from bytes. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { read: async (position, length) => bytes.subarray(position, position + length) }
}

/** Rewrites a text in another encoding as UTF-8. */
export function transcode(bytes: Uint8Array, encoding: string): Uint8Array {
  return new TextEncoder().encode(new TextDecoder(encoding).decode(bytes))
}

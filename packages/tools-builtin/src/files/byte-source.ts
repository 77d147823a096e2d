import type { FileHandle } from 'node:fs/promises'
import { TextDecoder, TextEncoder } from 'node:util'

import type { ByteSource } from './read-range.ts'

/** Reads from an open file. */
export function fileSource(handle: FileHandle, signal: AbortSignal): ByteSource {
  return {
    async read(position, length) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        signal.throwIfAborted()
        const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
  }
}

/** Reads from bytes. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { read: async (position, length) => bytes.subarray(position, position + length) }
}

/** Rewrites a text in another encoding as UTF-8. */
export function transcode(bytes: Uint8Array, encoding: string): Uint8Array {
  return new TextEncoder().encode(new TextDecoder(encoding).decode(bytes))
}

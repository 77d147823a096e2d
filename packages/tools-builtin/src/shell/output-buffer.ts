import { TextDecoder } from 'node:util'

import { trimCutEnd, trimCutStart } from '../utf8-edges.ts'

/** What is kept of an output. */
export interface KeptOutput {
  readonly text: string
  /** All that was written, kept or not. */
  readonly sizeBytes: number
  readonly truncated: boolean
}

/** Keeps the beginning and the end of an output, in bounded memory. */
export interface OutputBuffer {
  push(chunk: Uint8Array): void
  /** What was kept; where something is left out, a line says how much. */
  read(): KeptOutput
}

/** How many pieces are kept apart. */
const MAX_PIECES = 1024

/** Creates a buffer that keeps `maxBytes`: half of them from the beginning, half from the end. */
export function createOutputBuffer(maxBytes: number): OutputBuffer {
  const headBytes = Math.ceil(maxBytes / 2)
  const tailBytes = maxBytes - headBytes
  const head: Uint8Array[] = []
  let tail: Uint8Array[] = []
  let headSize = 0
  let tailSize = 0
  let sizeBytes = 0
  return {
    push(chunk) {
      sizeBytes += chunk.length
      const first = chunk.subarray(0, headBytes - headSize)
      const rest = chunk.subarray(first.length)
      // An empty view would keep the whole chunk.
      if (first.length > 0) head.push(first)
      headSize += first.length
      if (rest.length === 0) return
      tail.push(rest)
      tailSize += rest.length
      // Put together only now and then: programs write many small pieces.
      if (tailSize > 2 * tailBytes + chunk.length || tail.length > MAX_PIECES) {
        tail = [lastOf(join(tail), tailBytes)]
        tailSize = tail[0]?.length ?? 0
      }
    },
    read() {
      const truncated = sizeBytes > maxBytes
      if (!truncated) return { text: new TextDecoder().decode(join([...head, ...tail])), sizeBytes, truncated }
      const [start, end] = [trimCutEnd(join(head)), trimCutStart(lastOf(join(tail), tailBytes))]
      const left = `[${sizeBytes - start.length - end.length} bytes left out]`
      const text = `${new TextDecoder().decode(start)}\n${left}\n${new TextDecoder().decode(end)}`
      return { text, sizeBytes, truncated }
    },
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}

function lastOf(bytes: Uint8Array, count: number): Uint8Array {
  return bytes.subarray(Math.max(0, bytes.length - count))
}

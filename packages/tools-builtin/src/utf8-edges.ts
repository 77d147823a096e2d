/** The longest character of UTF-8 but for its first byte. */
const MAX_CONTINUATION = 3

/** Leaves out the beginning of a character at the end of a part of a text. */
export function trimCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(MAX_CONTINUATION, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    // A character alone that is longer than what may be read at all would never be passed.
    return length > back && bytes.length > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

/** Leaves out the end of a character at the start of a part of a text. */
export function trimCutStart(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => !isContinuation(byte))
  return start > 0 && start <= MAX_CONTINUATION ? bytes.subarray(start) : bytes
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

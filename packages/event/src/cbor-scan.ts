import { CborReader, DECODE_LIMITS, EMBED_LIMITS } from './cbor-reader.ts'
import type { CborLimits } from './cbor-reader.ts'
import { MAJOR } from './cbor.ts'
import { EventError } from './event-error.ts'

/**
 * Steps over the next item, checking that it is well-formed and within `limits`.
 *
 * `depth` is the level of the container that the item lies in, 0 for none.
 * Works without recursion, so that nesting cannot exhaust the stack.
 */
export function skipItem(reader: CborReader, depth: number, limits: CborLimits = DECODE_LIMITS): void {
  const open: number[] = []
  let remaining = 1
  for (;;) {
    remaining--
    reader.readHead()
    const { major } = reader
    if (major === MAJOR.bytes || major === MAJOR.text) {
      reader.stringStart()
    } else if (major === MAJOR.array || major === MAJOR.map) {
      const items = reader.count(depth + open.length + 1, limits)
      open.push(remaining)
      remaining = items
    } else if (major === MAJOR.tag) {
      if (limits.checkTags) reader.checkTagContent()
      // Only a tag upon a tag is a level of its own.
      if (reader.peek() >> 5 === MAJOR.tag) {
        if (depth + open.length + 1 > limits.maxDepth) throw reader.fail(`nested deeper than ${limits.maxDepth} levels`)
        open.push(remaining)
        remaining = 1
      } else {
        remaining++
      }
    }
    while (remaining === 0) {
      const outer = open.pop()
      if (outer === undefined) return
      remaining = outer
    }
  }
}

/**
 * Checks that `bytes` are exactly one well-formed CBOR item that may be embedded verbatim.
 *
 * Definite lengths only, nothing behind the item, and content of the right
 * type under the tags 0 to 3. Key order, duplicates and UTF-8 are not looked at.
 *
 * @throws {@link EventError} `EVENT_DECODE` when they are not.
 */
export function checkWellFormed(bytes: Uint8Array): void {
  const reader = new CborReader(bytes)
  skipItem(reader, 0, EMBED_LIMITS)
  reader.expectEnd()
}

/** Checks like {@link checkWellFormed} what is about to be embedded as `what`, and reports it as an encoding error. */
export function checkEmbeddable(bytes: Uint8Array, what: string): void {
  try {
    checkWellFormed(bytes)
  } catch (cause) {
    throw new EventError('EVENT_ENCODE', `${what} is not one well-formed CBOR item`, { cause })
  }
}

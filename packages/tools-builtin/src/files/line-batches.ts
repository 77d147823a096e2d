import { TextDecoder } from 'node:util'

/** How much is decoded at once: a few milliseconds of work, most of the time far fewer. */
const BATCH_BYTES = 64 * 1024

/** Yields the lines of a text in batches, so that whoever goes through them can stop or let others run in between. */
export function* lineBatches(bytes: Uint8Array, encoding: string): Generator<readonly string[]> {
  const decoder = new TextDecoder(encoding)
  let rest = ''
  for (let at = 0; at < bytes.length; at += BATCH_BYTES) {
    const stream = at + BATCH_BYTES < bytes.length
    const [first = '', ...others] = decoder.decode(bytes.subarray(at, at + BATCH_BYTES), { stream }).split('\n')
    const lines = [rest + first, ...others]
    rest = lines.pop() ?? ''
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }
  yield [rest]
}

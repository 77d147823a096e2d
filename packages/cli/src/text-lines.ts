/**
 * Splits a stream of UTF-8 into lines, without their newline; a carriage
 * return before it is dropped. Bytes that are not UTF-8 fail.
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array | string>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let pending: string[] = []
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const parts = text.split('\n')
    // Joined only when the line is complete: adding piece to piece would cost the square of a long line.
    for (let index = 0; index < parts.length; index++) {
      pending.push(parts[index] ?? '')
      if (index === parts.length - 1) break
      yield withoutReturn(pending.join(''))
      pending = []
    }
  }
  const rest = pending.join('') + decoder.decode()
  if (rest !== '') yield withoutReturn(rest)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

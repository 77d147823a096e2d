const texts = new Map()

/** Makes text of `bytes` bytes, the same as Starling's own work has. */
export function textOf(bytes) {
  const known = texts.get(bytes)
  if (known !== undefined) return known
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45)).slice(0, bytes)
  texts.set(bytes, text)
  return text
}

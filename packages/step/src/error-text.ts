/** The one-line text of anything that was thrown, whatever it is made of. */
export function errorText(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error)
    const { message, name }: { readonly message: unknown; readonly name: unknown } = error
    if (typeof message === 'string' && message !== '') return message
    return typeof name === 'string' && name !== '' ? name : 'Error'
  } catch {
    return 'an error that has no text'
  }
}

const encoder = new TextEncoder()

/** The longest beginning of a text that is at most `bytes` long in UTF-8; cuts no character apart. */
export function truncateText(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read)
}

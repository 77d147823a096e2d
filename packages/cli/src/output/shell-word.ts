/** Returns `text` as one word for a POSIX shell, quoted where it must be: a suggestion is there to be copied. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

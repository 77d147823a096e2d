/** One stable code of a package's errors. */
export interface ErrorCode {
  readonly code: string
  /** What the code stands for, from its comment. */
  readonly meaning: string
}

const MEMBER = /\/\*\*\s*([^*]*(?:\*(?!\/)[^*]*)*)\*\/\s*\|\s*'([A-Z][A-Z0-9_]*)'/g

/** Reads the documented members of an error-code union. */
export function readErrorCodes(source: string): readonly ErrorCode[] {
  return Array.from(source.matchAll(MEMBER), ([, comment = '', code = '']) => ({
    code,
    meaning: comment.replace(/\s*\n\s*\*?\s*/g, ' ').trim(),
  }))
}

/** The error codes of one package. */
export interface PackageErrors {
  readonly name: string
  readonly codes: readonly ErrorCode[]
}

/** Renders the reference page of all error codes. */
export function renderErrors(packages: readonly PackageErrors[]): string {
  const sections = packages.map(
    ({ name, codes }) =>
      `## ${name}\n\n| code | what it means |\n| --- | --- |\n${codes.map(({ code, meaning }) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`).join('\n')}\n`,
  )
  return `# Error codes

Every error that Starling throws on purpose carries a stable \`code\`: branch on it (\`hasCode(error, '…')\`), never on the
message or the class. \`retryable\` says whether doing the same again may succeed. An abort is not an error of ours: it
rejects with the signal's own reason.

${sections.join('\n')}`
}

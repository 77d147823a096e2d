/** Where in a line something was found. */
export interface FoundLine {
  /** From 0. */
  readonly line: number
  /** In UTF-16 units, from 0. */
  readonly column: number
}

/** Finds the lines of a text that match. */
export interface LineFinder extends AsyncDisposable {
  /** The first `limit` lines that match. Rejects with the reason of `signal` when that is aborted. */
  find(lines: readonly string[], limit: number, signal: AbortSignal): Promise<readonly FoundLine[]>
}

/** Finds lines that contain a text. */
export function createTextFinder(query: string, ignoreCase: boolean): LineFinder {
  const escaped = query.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
  // Escaped, there is nothing in it that could be tried in more than one way.
  const pattern = ignoreCase ? new RegExp(escaped, 'i') : undefined
  const columnOf = (line: string): number => pattern?.exec(line)?.index ?? (pattern ? -1 : line.indexOf(query))
  return {
    async find(lines, limit) {
      const found: FoundLine[] = []
      for (const [line, text] of lines.entries()) {
        const column = columnOf(text)
        if (column >= 0) found.push({ line, column })
        if (found.length === limit) break
      }
      return found
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

import { setImmediate as turn } from 'node:timers/promises'

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

/** A longer line is gone through in parts: a text made for it takes time in proportion to line times text. */
const PART_LENGTH = 16 * 1024

/** Finds lines that contain a text. */
export function createTextFinder(query: string, ignoreCase: boolean): LineFinder {
  const escaped = query.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
  // Escaped, there is nothing in it that could be tried in more than one way.
  const pattern = ignoreCase ? new RegExp(escaped, 'i') : undefined
  const columnIn = (text: string): number => (pattern === undefined ? text.indexOf(query) : text.search(pattern))
  const columnOf = async (line: string, signal: AbortSignal): Promise<number> => {
    for (let start = 0; start < line.length; start += PART_LENGTH) {
      // Parts overlap, so that what is found may lie across.
      const column = columnIn(line.slice(start, start + PART_LENGTH + query.length - 1))
      if (column >= 0) return start + column
      await turn()
      signal.throwIfAborted()
    }
    return -1
  }
  return {
    async find(lines, limit, signal) {
      const found: FoundLine[] = []
      for (const [line, text] of lines.entries()) {
        const column = text.length <= PART_LENGTH ? columnIn(text) : await columnOf(text, signal)
        if (column >= 0) found.push({ line, column })
        if (found.length === limit) break
      }
      return found
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

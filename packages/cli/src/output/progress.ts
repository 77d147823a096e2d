import type { CliIo } from '../io.ts'

/** One line on the terminal that says how far something has got. */
export interface Progress {
  /** Shows what `text` returns, unless something was shown a moment ago. */
  show(text: () => string): void
  /** Takes the line away; another may be shown later. */
  end(): Promise<void>
}

const INTERVAL_MS = 100

/** Creates a progress line on stderr; without a terminal there, or with `json`, it shows nothing. */
export function createProgress(io: Pick<CliIo, 'stderr' | 'nowMs'>, json: boolean): Progress {
  let shownAt: number | undefined
  let isVisible = false
  let writing: Promise<void> | undefined
  if (json || !io.stderr.isTTY) return { show: () => {}, end: async () => {} }
  const write = (text: string): void => {
    const written = Promise.resolve(io.stderr.write(`\r${text}\u001B[K`))
    // A terminal that has gone is noticed where it matters.
    writing = written.catch(() => undefined)
  }
  return {
    show: (text) => {
      const now = io.nowMs()
      if (shownAt !== undefined && now - shownAt < INTERVAL_MS) return
      shownAt = now
      isVisible = true
      write(text())
    },
    end: async () => {
      if (isVisible) write('')
      isVisible = false
      await writing
    },
  }
}

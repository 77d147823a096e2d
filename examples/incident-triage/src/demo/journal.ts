import { appendFileSync, readFileSync } from 'node:fs'
import { wrap, type Tool } from '@starling/tool'

/** One line of the journal: a tool really began, or really ended, in some process. */
export interface JournalEntry {
  readonly pid: number
  readonly tool: string
  readonly callId: string
  readonly phase: 'began' | 'ended'
}

/** Told when the call of a tool has begun; the call goes on when this resolves. */
export type OnBegan = (entry: JournalEntry) => Promise<void>

/**
 * Returns the tool with every execution written to a file beside the log.
 *
 * The file is evidence that does not depend on the log: it is opened with
 * `O_APPEND` and what is written survives the process that wrote it.
 */
export function journaled(tool: Tool, path: string, onBegan: OnBegan): Tool {
  return wrap(tool, async (input, context, next) => {
    const entry = { pid: process.pid, tool: tool.name, callId: context.callId } as const
    const began: JournalEntry = { ...entry, phase: 'began' }
    write(path, began)
    await onBegan(began)
    try {
      return await next(input, context)
    } finally {
      write(path, { ...entry, phase: 'ended' })
    }
  })
}

/** Reads the journal. */
export function readJournal(path: string): readonly JournalEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): JournalEntry => JSON.parse(line))
}

function write(path: string, entry: JournalEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`, { flag: 'a' })
}

import { Worker } from 'node:worker_threads'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { isRecord } from '../check-options.ts'
import type { FoundLine, LineFinder } from './text-finder.ts'

/**
 * What the thread runs; as text, because a bundle has no second file to load.
 *
 * JavaScript's expressions can take time without end, and nothing in the same
 * thread can stop one. A thread can be ended from outside.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const pattern = new RegExp(workerData.source, workerData.flags)
parentPort.on('message', ({ lines, limit }) => {
  const found = []
  for (let line = 0; line < lines.length && found.length < limit; line += 1) {
    const match = pattern.exec(lines[line])
    if (match !== null) found.push({ line, column: match.index })
  }
  parentPort.postMessage(found)
})
`

/** More than any expression needs that is meant well. */
const MAX_HEAP_MB = 256

/** Starts a thread that matches a regular expression; it ends with the finder, or in the middle of a match that is aborted. */
export function openRegexWorker(source: string, flags: string): LineFinder {
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { source, flags },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  // The one who waits for an answer hears of an error; between two of them there is nothing to fail.
  worker.on('error', () => undefined)
  return {
    find: (lines, limit, signal) => askWorker(worker, { lines, limit }, signal),
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}

interface Question {
  readonly lines: readonly string[]
  readonly limit: number
}

function askWorker(worker: Worker, question: Question, signal: AbortSignal): Promise<readonly FoundLine[]> {
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const settle = (act: () => void): void => {
      over.abort()
      worker.off('message', onMessage).off('error', onError)
      act()
    }
    const onMessage = (found: unknown): void => settle(() => resolve(readFound(found)))
    const onError = (cause: unknown): void =>
      settle(() => reject(new BuiltinToolError('BUILTIN_FAILED', 'the regular expression took too much', { cause })))
    const onAbort = (): void => {
      settle(() => void worker.terminate().then(() => reject(signal.reason), reject))
    }
    if (signal.aborted) return onAbort()
    worker.on('message', onMessage).on('error', onError)
    signal.addEventListener('abort', onAbort, { signal: over.signal })
    worker.postMessage(question)
  })
}

function readFound(value: unknown): readonly FoundLine[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return items.flatMap((item) => {
    if (!isRecord(item)) return []
    const { line, column } = item
    return typeof line === 'number' && typeof column === 'number' ? [{ line, column }] : []
  })
}

import type { CliIo } from '../io.ts'
import { createPaint, wantsColour, type Paint } from './paint.ts'

/** Where a command prints its result. */
export interface Printer {
  /** True when the result is to be JSON. */
  readonly json: boolean
  readonly paint: Paint
  /** True when a person looks at the result, so progress and live text make sense. */
  readonly live: boolean
  /** Writes text as it is. */
  readonly write: (text: string) => Promise<void>
  /** Writes one line. */
  readonly line: (text: string) => Promise<void>
  /** Writes one JSON document on one line. A bigint is written as a decimal string. */
  readonly data: (value: unknown) => Promise<void>
}

/** Returns the printer of one call. */
export function createPrinter(io: Pick<CliIo, 'stdout' | 'env'>, json: boolean): Printer {
  const write = async (text: string): Promise<void> => {
    // Only a full pipe makes the writer wait: a microtask per line would double the cost of a long export.
    const waiting = io.stdout.write(text)
    if (waiting !== undefined) await waiting
  }
  return {
    json,
    paint: createPaint(!json && wantsColour(io.env, io.stdout.isTTY)),
    live: !json && io.stdout.isTTY,
    write,
    line: async (text) => write(`${text}\n`),
    data: async (value) => write(`${toJson(value)}\n`),
  }
}

/** Returns `value` as compact JSON; a bigint becomes a decimal string. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item))
}

import { jsonToCbor } from '@starling/event'
import { usageError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { textLines } from '../text-lines.ts'

/**
 * Returns the value of a flag as JSON text; `-` reads it from stdin.
 *
 * @throws {@link CliError} `CLI_USAGE` for what is not one JSON value.
 */
export async function readJsonFlag(flag: string, value: string | undefined, io: CliIo): Promise<string | undefined> {
  if (value === undefined) return undefined
  const text = value === '-' ? await readAll(io.stdin) : value
  try {
    // As it is recorded: a key that stands there twice would be read in two ways.
    jsonToCbor(text, { uniqueKeys: true })
    return text
  } catch (cause) {
    throw usageError(`${flag} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

async function readAll(stdin: CliIo['stdin']): Promise<string> {
  const lines: string[] = []
  for await (const line of textLines(stdin)) lines.push(line)
  return lines.join('\n')
}

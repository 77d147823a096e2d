import type { Command } from './command.ts'
import type { CliIo } from './io.ts'
import { isLogUrl } from './log-url.ts'

/** The log a command works on, and the arguments that remain. */
export interface ResolvedLog {
  /** The place of the log; empty when there is none. */
  readonly log: string
  readonly args: readonly string[]
  /** False when no log was named in any way. */
  readonly named: boolean
  /** True when it comes from `STARLING_DB` or the configuration. */
  readonly isDefaultLog: boolean
}

/** What was given on the command line. */
export interface GivenLog {
  /** The value of `--db`. */
  readonly db: string | undefined
  readonly positionals: readonly string[]
}

/**
 * Finds the log among the arguments.
 *
 * `--db` wins. Otherwise the log is the first argument, and may be left out
 * where `STARLING_DB` or the configuration names one: it counts as left out
 * when the arguments are too few to hold it, and, where that is open, when
 * the first of them neither exists nor is named like a log.
 */
export async function resolveLog(command: Command, given: GivenLog, io: CliIo): Promise<ResolvedLog> {
  const { db, positionals } = given
  if (db !== undefined) return { log: db, args: positionals, named: true, isDefaultLog: false }
  const [first, ...others] = positionals
  const most = command.args.at(-1)?.many === true ? Infinity : command.args.length
  if (first !== undefined && positionals.length > most)
    return { log: first, args: others, named: true, isDefaultLog: false }
  const fallback = await defaultLog(io)
  if (first === undefined) return { log: fallback ?? '', args: [], named: fallback !== undefined, isDefaultLog: true }
  const least = command.args.filter((argument) => argument.optional !== true).length
  const isSpare = positionals.length > least
  // Without a spare argument and with a log from elsewhere, even a goal such as "what is in x.db" is no path.
  const mayBeLog = isSpare || fallback === undefined
  const isLog = mayBeLog && ((isSpare && fallback === undefined) || isLogName(first) || (await io.store.exists(first)))
  if (isLog) return { log: first, args: others, named: true, isDefaultLog: false }
  return { log: fallback ?? '', args: positionals, named: fallback !== undefined, isDefaultLog: true }
}

async function defaultLog(io: CliIo): Promise<string | undefined> {
  const fromEnvironment = io.env['STARLING_DB'] ?? ''
  if (fromEnvironment !== '') return fromEnvironment
  const { loadConfig } = await import('./agent/load-config.ts')
  return (await loadConfig(io))?.db
}

function isLogName(argument: string): boolean {
  return /^\S+\.(?:db|sqlite3?)$/.test(argument) || (isLogUrl(argument) && !/\s/.test(argument))
}

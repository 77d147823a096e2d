import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DATA } from '../paths.ts'

/** The levels of the application log, the mildest first. */
export const LEVELS = ['INFO', 'WARN', 'ERROR'] as const

/** How serious a line of the log is. */
export type Level = (typeof LEVELS)[number]

/** One line of the application log. */
export interface LogEntry {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly level: Level
  readonly service: string
  readonly message: string
}

const LINE = /^(?<time>\S+Z) (?<level>INFO|WARN|ERROR) +(?<service>\S+) +(?<message>.+)$/

/** Reads the application log; a line of another shape is an error that names it. */
export async function readLog(path: string = join(DATA, 'application-log.txt')): Promise<readonly LogEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) => (line === '' ? [] : [parseLine(line, index + 1)]))
}

function parseLine(line: string, number: number): LogEntry {
  const { time, level, service, message } = LINE.exec(line)?.groups ?? {}
  const known = LEVELS.find((name) => name === level)
  if (time === undefined || known === undefined || service === undefined || message === undefined) {
    throw new Error(`line ${number} of the log is not "<time> <level> <service> <message>"`)
  }
  return { time, level: known, service, message }
}

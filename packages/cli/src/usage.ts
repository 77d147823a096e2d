import type { ArgumentSpec, Command, CommandEntry, FlagSpec } from './command.ts'
import { allFlags } from './common-flags.ts'

/** Returns the help of the whole program. */
export function programUsage(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    'Usage: starling <command> [flags] [arguments]',
    '',
    'Runs LLM agents, records every run as a tamper-evident log, and reads such logs.',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    "Every command takes --json, and explains itself: 'starling help <command>'.",
    'A log is a SQLite file, or is in Postgres: postgres://user@host/database, ?schema=name for one of several.',
    'STARLING_DB names the one to use when none is given.',
    'Exit codes: 0 ok, 1 failure, 2 usage, 3 diverged, 4 corrupt, 5 not found, 6 waiting for a decision,',
    '130 interrupted, 143 terminated.',
    '',
  ].join('\n')
}

/** Returns the one line that shows how a command is called. */
export function usageLine(name: string, command: Command): string {
  const log = { required: ['<db>'], optional: ['[db]'], none: [] }[command.log]
  return ['starling', name, '[flags]', ...log, ...command.args.map(argumentLabel)].join(' ')
}

/** Returns the help of one command. */
export function commandUsage(name: string, command: Command): string {
  const rows = Object.entries(allFlags(command)).map(
    ([flag, spec]) => [flagLabel(flag, spec), flagSummary(spec)] as const,
  )
  const args = command.args.map((argument) => [argumentLabel(argument), argument.summary] as const)
  const width = Math.max(...[...rows, ...args].map(([label]) => label.length))
  const lines = (entries: readonly (readonly [string, string])[]): string[] =>
    entries.map(([label, summary]) => `  ${label.padEnd(width)}  ${summary}`)
  return [
    `Usage: ${usageLine(name, command)}`,
    '',
    command.description,
    ...(args.length === 0 ? [] : ['', 'Arguments:', ...lines(args)]),
    '',
    'Flags:',
    ...lines(rows),
    ...(command.examples === undefined
      ? []
      : ['', 'Examples:', ...command.examples.map((line) => `  starling ${line}`)]),
    '',
  ].join('\n')
}

function argumentLabel(argument: ArgumentSpec): string {
  const label = `${argument.name}${argument.many === true ? '…' : ''}`
  return argument.optional === true ? `[${label}]` : `<${label}>`
}

function flagLabel(name: string, spec: FlagSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `
  return `${short}--${name}${spec.type === 'boolean' ? '' : ` <${spec.value}>`}`
}

function flagSummary(spec: FlagSpec): string {
  return spec.type === 'string' && spec.choices !== undefined
    ? `${spec.summary} (${spec.choices.join(', ')})`
    : spec.summary
}

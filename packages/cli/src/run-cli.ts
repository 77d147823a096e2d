import type { Command, CommandEntry, Invocation } from './command.ts'
import { COMMANDS, findCommand } from './command-table.ts'
import { allFlags } from './common-flags.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'
import { hidePasswords } from './log-url.ts'
import { createPrinter, toJson } from './output/printer.ts'
import { parseArguments } from './parse-arguments.ts'
import type { ResolvedLog } from './resolve-log.ts'
import { suggest } from './suggest.ts'
import { commandUsage, programUsage } from './usage.ts'

/**
 * Runs one command and resolves with what the process is to exit with.
 *
 * Never rejects: a failure is one line on stderr, or one JSON document with
 * `--json`. A reader that goes away (`| head`) ends the command quietly.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const argv = commandFirst(args)
  const [first, ...rest] = argv
  const json = hasFlag(argv, '--json')
  try {
    if (first === undefined) {
      await io.stderr.write(programUsage(COMMANDS))
      return EXIT.usage
    }
    const name = ALIASES.get(first) ?? first
    if (COMMON.test(first)) return await usageProblem('missing command', { io, json })
    const entry = findCommand(name)
    if (entry === undefined) return await unknownCommand(first, io, json)
    return await runCommand(entry, rest, { io, json })
  } catch (error) {
    const { reportFailure } = await import('./report-failure.ts')
    return await reportFailure(error, io, { json, debug: hasFlag(argv, '--debug') })
  }
}

const COMMON = /^--?(?:json|debug|db|db=.*)$/s

/** Flags that every command knows may stand before it; they are moved behind it. */
function commandFirst(argv: readonly string[]): readonly string[] {
  let at = 0
  while (COMMON.test(argv[at] ?? '')) at += /^--?db$/.test(argv[at] ?? '') ? 2 : 1
  const name = argv[at]
  return at === 0 || name === undefined ? argv : [name, ...argv.slice(0, at), ...argv.slice(at + 1)]
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['-h', 'help'],
  ['--help', 'help'],
  ['-v', 'version'],
  ['--version', 'version'],
])

interface CallContext {
  readonly io: CliIo
  readonly json: boolean
}

async function runCommand(entry: CommandEntry, argv: readonly string[], context: CallContext): Promise<ExitCode> {
  const { io, json } = context
  const command = await entry.load()
  if (hasFlag(argv, '--help') || hasFlag(argv, '-h')) {
    await io.stdout.write(commandUsage(entry.name, command))
    return EXIT.ok
  }
  const parsed = parseArguments(argv, allFlags(command))
  if ('problem' in parsed) return usageProblem(parsed.problem, context, entry.name)
  const log = await resolve(command, parsed, io)
  const problem = argumentProblem(command, log)
  if (problem !== undefined) return usageProblem(problem, context, entry.name)
  const named = nameLogs(command, { ...log, flags: parsed.flags }, io)
  const invocation: Invocation = { ...log, ...named, io, out: createPrinter(io, json), commands: COMMANDS }
  return withUsageHint(entry.name, async () => command.run(invocation))
}

async function resolve(
  command: Command,
  parsed: { readonly flags: Invocation['flags']; readonly positionals: readonly string[] },
  io: CliIo,
): Promise<ResolvedLog> {
  if (command.log === 'none') return { log: '', args: parsed.positionals, named: true, isDefaultLog: false }
  const { resolveLog } = await import('./resolve-log.ts')
  const db = parsed.flags['db']
  return resolveLog(command, { db: typeof db === 'string' ? db : undefined, positionals: parsed.positionals }, io)
}

/** Calls every log by its name: what a command does not know, it cannot show. */
function nameLogs(
  command: Command,
  { log, args, flags }: Pick<Invocation, 'log' | 'args' | 'flags'>,
  { store, env }: CliIo,
): Pick<Invocation, 'log' | 'args' | 'flags'> {
  // A command to type, copied from what was printed, finds the password there.
  const fallback = env['STARLING_DB'] ?? ''
  if (fallback !== '') store.nameOf(fallback)
  const isLog = (flag: string): boolean => {
    const spec = command.flags[flag]
    return spec?.type === 'string' && spec.isLog === true
  }
  return {
    log: log === '' ? log : store.nameOf(log),
    args: args.map((value, index) => (command.args[index]?.isLog === true ? store.nameOf(value) : value)),
    flags: Object.fromEntries(
      Object.entries(flags).map(([flag, value]) => [
        flag,
        typeof value === 'string' && isLog(flag) ? store.nameOf(value) : value,
      ]),
    ),
  }
}

function argumentProblem(
  command: Command,
  given: { readonly log: string; readonly args: readonly string[]; readonly named: boolean },
): string | undefined {
  if (command.log === 'required' && !given.named) return 'missing <db>: name a log, or set STARLING_DB'
  if (given.named && given.log === '' && command.log === 'required') return 'the path of the log is empty'
  const missing = command.args.find((argument, index) => argument.optional !== true && given.args[index] === undefined)
  if (missing !== undefined) return `missing <${missing.name}>`
  const most = command.args.at(-1)?.many === true ? Infinity : command.args.length
  const extra = given.args[most]
  return extra === undefined ? undefined : `unexpected argument ${JSON.stringify(extra)}`
}

async function unknownCommand(name: string, io: CliIo, json: boolean): Promise<ExitCode> {
  const nearest = suggest(
    name,
    COMMANDS.map((command) => command.name),
  )
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  const kind = name.startsWith('-') ? 'option' : 'command'
  return usageProblem(`unknown ${kind} ${JSON.stringify(name)}${meant}`, { io, json })
}

async function usageProblem(text: string, { io, json }: CallContext, name?: string): Promise<ExitCode> {
  const problem = hidePasswords(text)
  const help = name === undefined ? 'starling help' : `starling ${name} --help`
  if (json) await io.stderr.write(`${toJson({ error: { code: 'CLI_USAGE', message: problem } })}\n`)
  else await io.stderr.write(`starling: ${problem}\nRun '${help}' for usage.\n`)
  return EXIT.usage
}

/** Adds where to read on to a usage error that a command found itself. */
async function withUsageHint(name: string, run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Error && 'hint' in error && 'code' in error && error.code === 'CLI_USAGE') {
      error.hint ??= `Run 'starling ${name} --help' for usage.`
    }
    throw error
  }
}

function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes(flag)
}

import type { FlagSpec, FlagSpecs, FlagValue } from './command.ts'
import { suggest } from './suggest.ts'

/** The arguments of a command, taken apart. */
export interface ParsedArguments {
  readonly flags: Readonly<Record<string, FlagValue>>
  readonly positionals: readonly string[]
}

/** What is wrong with the arguments, in one line. */
export interface ArgumentProblem {
  readonly problem: string
}

/**
 * Takes arguments apart by the flags of a command.
 *
 * Flags may stand anywhere before `--`, as `--name value`, `--name=value`,
 * `-n value` or `-nvalue`; a long flag with a single dash is understood too.
 * Returns the first problem instead of throwing, so that the calling code
 * needs no error class to start up.
 */
export function parseArguments(argv: readonly string[], specs: FlagSpecs): ParsedArguments | ArgumentProblem {
  const { tokens } = process.getBuiltinModule('node:util').parseArgs({
    args: withDoubleDashes(argv, specs),
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        {
          type: spec.type === 'boolean' ? ('boolean' as const) : ('string' as const),
          ...(spec.short === undefined ? {} : { short: spec.short }),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const flags: Record<string, FlagValue> = {}
  for (const [name, spec] of Object.entries(specs)) flags[name] = absent(spec)
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) return { problem: unknownFlag(token.rawName, argv[token.index] ?? token.rawName, specs) }
    const value = flagValue(token, spec)
    if (typeof value === 'object' && 'problem' in value) return value
    const before = flags[token.name]
    flags[token.name] = Array.isArray(before) && typeof value === 'string' ? [...before, value] : value
  }
  return { flags, positionals }
}

function absent({ type }: FlagSpec): FlagValue {
  if (type === 'boolean') return false
  return type === 'strings' ? [] : undefined
}

interface OptionToken {
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function flagValue(token: OptionToken, spec: FlagSpec): FlagValue | ArgumentProblem {
  const { rawName, value, inlineValue } = token
  if (spec.type === 'boolean') {
    return value === undefined ? true : { problem: `${rawName} takes no value, got ${JSON.stringify(value)}` }
  }
  if (value === undefined || (inlineValue !== true && isFlagLike(value))) {
    return { problem: `${rawName} needs a value: ${rawName} <${spec.value}>` }
  }
  if (spec.type === 'integer') {
    const number = Number(value)
    if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
      return { problem: `${rawName} needs a whole number of 0 or more, got ${JSON.stringify(value)}` }
    }
    return number
  }
  if (spec.type === 'string' && spec.choices !== undefined && !spec.choices.includes(value)) {
    return { problem: `${rawName} must be one of ${spec.choices.join(', ')}; got ${JSON.stringify(value)}` }
  }
  return value
}

// A value that looks like a flag is more likely a forgotten value, unless it is a number such as -1h.
function isFlagLike(value: string): boolean {
  return value.length > 1 && value.startsWith('-') && !/^-\d/.test(value)
}

function unknownFlag(rawName: string, argument: string, specs: FlagSpecs): string {
  // Text that happens to start with a dash: the one letter the parser stumbled over would tell nobody anything.
  const isText = /\s/.test(argument) || (argument !== rawName && !argument.startsWith(`${rawName}=`))
  if (isText) return `unknown option ${JSON.stringify(argument)}; put -- before it if it is text, not an option`
  const nearest = suggest(rawName.replace(/^-+/, ''), Object.keys(specs))
  return `unknown option ${rawName}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`
}

/** Turns `-dry-run` into `--dry-run`, as programs with Go's flag parser accept it. */
function withDoubleDashes(argv: readonly string[], specs: FlagSpecs): string[] {
  const end = argv.indexOf('--')
  return argv.map((argument, index) => {
    if (end !== -1 && index > end) return argument
    const name = /^-([a-z][a-z-]+)(?:=|$)/s.exec(argument)?.[1]
    return name !== undefined && Object.hasOwn(specs, name) ? `-${argument}` : argument
  })
}

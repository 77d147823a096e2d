import type { ExitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'
import type { Printer } from './output/printer.ts'

/** A switch: present or not. */
export interface BooleanFlag {
  readonly type: 'boolean'
  readonly short?: string | undefined
  readonly summary: string
}

/** A flag with a text as its value. */
export interface StringFlag {
  readonly type: 'string'
  readonly short?: string | undefined
  /** How the value is called in the usage, such as `file`. */
  readonly value: string
  /** Texts to offer when it is completed, beside others that are allowed. Default: `choices`. */
  readonly complete?: readonly string[] | undefined
  /** The texts allowed. Default: any. */
  readonly choices?: readonly string[] | undefined
  /** Whether the value names a log. Default: `false`. */
  readonly isLog?: boolean | undefined
  readonly summary: string
}

/** A flag that may be repeated, with a text as its value each time. */
export interface StringsFlag {
  readonly type: 'strings'
  readonly short?: string | undefined
  /** How a value is called in the usage, such as `run`. */
  readonly value: string
  readonly summary: string
}

/** A flag with a whole number, 0 or more, as its value. */
export interface IntegerFlag {
  readonly type: 'integer'
  readonly short?: string | undefined
  /** How the value is called in the usage, such as `n`. */
  readonly value: string
  readonly summary: string
}

/** One flag of a command. */
export type FlagSpec = BooleanFlag | StringFlag | StringsFlag | IntegerFlag

/** The flags of a command, by name without dashes. */
export type FlagSpecs = Readonly<Record<string, FlagSpec>>

/** The value a flag has after parsing. */
export type FlagValue = boolean | string | readonly string[] | number | undefined

/** The parsed values of flags, typed by what they were declared as. */
export type FlagValues<Specs extends FlagSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends BooleanFlag
    ? boolean
    : Specs[Name] extends IntegerFlag
      ? number | undefined
      : Specs[Name] extends StringsFlag
        ? readonly string[]
        : string | undefined
}

/** A positional argument after the log. */
export interface ArgumentSpec {
  readonly name: string
  /** Default: `false`, it must be there. */
  readonly optional?: boolean | undefined
  /** It may be repeated; only for the last. Default: `false`. */
  readonly many?: boolean | undefined
  /** What to offer when it is completed: the names of the commands, or these texts. Default: files. */
  readonly complete?: 'commands' | readonly string[] | undefined
  /** Whether it names a log. Default: `false`. */
  readonly isLog?: boolean | undefined
  readonly summary: string
}

/** One call of a command, with its arguments taken apart. */
export interface Invocation {
  readonly flags: Readonly<Record<string, FlagValue>>
  /** The positional arguments without the log. */
  readonly args: readonly string[]
  /** The log to work on, by the name that the store knows it by; empty when the command takes none, or an optional one is absent. */
  readonly log: string
  /** True when the log comes from `STARLING_DB` or the configuration, not from the arguments. */
  readonly isDefaultLog: boolean
  readonly io: CliIo
  readonly out: Printer
  /** Every command there is, for those that speak about the others. */
  readonly commands: readonly CommandEntry[]
}

/** How a command is called and what it does. */
export interface Command {
  /** Whether the first positional argument is a log. */
  readonly log: 'required' | 'optional' | 'none'
  readonly args: readonly ArgumentSpec[]
  readonly flags: FlagSpecs
  /** What the command does, for its help: one or more whole sentences. */
  readonly description: string
  /** Calls to learn from, without the program name. */
  readonly examples?: readonly string[] | undefined
  run(invocation: Invocation): Promise<ExitCode>
}

/** A {@link Command} whose flags are typed by their declaration. */
export interface CommandDefinition<Specs extends FlagSpecs> extends Omit<Command, 'flags' | 'run'> {
  readonly flags: Specs
  run(invocation: Omit<Invocation, 'flags'> & { readonly flags: FlagValues<Specs> }): Promise<ExitCode>
}

/** Returns a command; the flags that `run` sees have the types they were declared with. */
export function defineCommand<const Specs extends FlagSpecs>(definition: CommandDefinition<Specs>): Command {
  return {
    ...definition,
    // The parser fills the flags from these very specs, so the types hold by construction.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    run: (invocation) => definition.run({ ...invocation, flags: invocation.flags as FlagValues<Specs> }),
  }
}

/** A command in the table: what can be said without loading it, and how to load it. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<Command>
}

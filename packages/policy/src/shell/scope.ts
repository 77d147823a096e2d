import type { ScriptNotes } from './script-notes.ts'
import type { ShellCommand, ShellWord } from './shell-command.ts'

/** What a program reads from its standard input, as far as the script says. */
export interface ShellInput {
  readonly text: string
  /** Whether it is this text and no other. */
  readonly known: boolean
  /** Whether that goes by the name of the command that writes it, which a function could stand in for. */
  readonly named?: boolean
}

/** What holds around a command. */
export interface Frame {
  /** The text that the positions of the syntax tree are about. */
  readonly source: string
  readonly sets: readonly string[]
  readonly reads: readonly ShellWord[]
  readonly writes: readonly ShellWord[]
  readonly stdin?: ShellInput | undefined
  /** Whether it is bash that reads the script, and no other shell. */
  readonly bash: boolean
  /** The functions of the shell that reads the script, as far as they are defined by now for sure. */
  readonly functions: Set<string>
  /** How many scripts this one is within. */
  readonly depth: number
}

/** One program with its arguments, about to be looked into. */
export interface Invocation {
  /** The name of the program, without its folder. */
  readonly name: string
  readonly args: readonly ShellWord[]
  readonly text: string
  readonly frame: Frame
}

/** What was found out about an invocation. */
export interface Finding {
  /** Whether it only runs commands that were read on their own. */
  readonly carrier?: boolean
  /** Whether it does nothing that anyone has to allow. */
  readonly harmless?: boolean
  /** Why it may do more than is written. */
  readonly hidden?: string
}

/** Where commands are read into. */
export interface Scope {
  /** What matters in other places of the script too. */
  readonly notes: ScriptNotes
  /** Reads a program with its arguments. */
  run(words: readonly ShellWord[], frame: Frame): void
  /** Reads a script. */
  runScript(script: string, frame: Frame): void
  /** Notes that something may run of which nothing is known. */
  hide(reason: string, text: string, frame: Frame): void
  /** Notes a variable that the script sets for everything that follows. Default: not to a number. */
  set(name: string, isNumber?: boolean): void
  /** Looks at what a variable is given, for one command or for all; `undefined` when it is not known. */
  assign(name: string, value: string | undefined, at: Pick<Invocation, 'text' | 'frame'>): void
  /** Notes that the current folder may be another one from here on. */
  move(): void
  /** Notes a command. */
  add(command: ShellCommand): void
}

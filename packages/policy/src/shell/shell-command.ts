/** A word of a command as far as it is known before the command runs. */
export interface ShellWord {
  /** What it is when `known`; otherwise what stands in the script, without its quotes. */
  readonly text: string
  /** Whether it is this text, whatever happens. */
  readonly known: boolean
  /** Whether it may become any number of words, or none. */
  readonly many: boolean
  /** Of a word that is not known, the text that it ends with in any case. Default: none. */
  readonly tail?: string
  /** Whether only bash reads it this way: other shells take the quotes, or the braces, for something else. */
  readonly bashOnly?: boolean
  /** Whether it gives a variable a list, in parentheses. */
  readonly list?: boolean
}

/** One command that a script may run. */
export interface ShellCommand {
  readonly program: ShellWord
  readonly args: readonly ShellWord[]
  /** The variables that are set for it alone. */
  readonly sets: readonly string[]
  /** The files that its redirections read. */
  readonly reads: readonly ShellWord[]
  /** The files that its redirections write. */
  readonly writes: readonly ShellWord[]
  /** The command as it is written, cut short. */
  readonly text: string
  /**
   * Whether it only runs other commands, which are judged for themselves, or
   * nothing at all: it needs no permission of its own.
   */
  readonly carrier: boolean
  /** Why it may do more than its program and arguments say. */
  readonly hidden?: string | undefined
}

/** Everything that a script may run. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[]
  /** The variables that are set for more than one command. */
  readonly sets: readonly string[]
  /** Whether it changes the current folder: what a relative path means is not known then. */
  readonly moves: boolean
}

/** A word that is exactly this text. */
export function literal(text: string): ShellWord {
  return { text, known: true, many: false }
}

/** A word that nothing is known of but how it is written. */
export function unknownWord(text: string, many = true): ShellWord {
  return { text, known: false, many }
}

/** The name of a program without its folder: of `$HOME/bin/ls` it is known too. */
export function programName({ text, known, tail = '' }: ShellWord): string | undefined {
  if (known) return baseName(text)
  return tail.includes('/') ? baseName(tail) : undefined
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Writes words as one text, cut short. */
export function joinWords(words: readonly ShellWord[]): string {
  return words.map((word) => word.text).join(' ')
}

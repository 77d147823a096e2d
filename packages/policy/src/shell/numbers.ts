import type { Word } from 'unbash'

/** Names that neither shells nor programs set: those in lower case. */
const OWN_NAME = /^[a-z][a-z0-9_]*$/

/** A variable as arithmetic and tests have it: `i`, `$i`, `${i}` and `"$i"`. */
const VARIABLE = /^(?:"\$(?:(\w+)|\{(\w+)\})"|\$?(\w+)|\$\{(\w+)\})$/

/** Numbers without an end: for a shell, an empty text is 0. */
const NUMBER = /^-?\d*$/

/** What counts something: `$#`, `$?`, `${#x}`, and any arithmetic, which is judged for itself. */
const COUNT = /^"?\$(?:[#?]|\{#\w*\})"?$/

/** A list that bash writes out, and that is no number to other shells. */
const RANGE = /^\{-?\d+\.\.-?\d+(?:\.\.-?\d+)?\}$/

/**
 * The variables of a script that hold a number whatever happens: arithmetic on
 * them runs nothing that they could hold.
 *
 * A variable counts from where it is first set to a number, and no more as
 * soon as anything else may be in it, be it later: a loop may come back.
 */
export class Numbers {
  readonly #holds = new Map<string, boolean>()
  readonly #trusted = new Set<string>()

  /** Notes what a variable is set to. */
  note(name: string, isNumber: boolean): void {
    this.#holds.set(name, isNumber && this.#holds.get(name) !== false)
  }

  /** Reports whether a text is the name or the value of such a variable; the script then counts on it. */
  isNumber(text: string): boolean {
    const name = VARIABLE.exec(text)
      ?.slice(1)
      .find((part) => part !== undefined)
    if (name === undefined || !OWN_NAME.test(name) || this.#holds.get(name) !== true) return false
    this.#trusted.add(name)
    return true
  }

  /** Whether something was set after all that is no number, and was taken for one before. */
  get failed(): boolean {
    return Array.from(this.#trusted).some((name) => this.#holds.get(name) !== true)
  }
}

/** Reports whether a word is a number in every shell. */
export function isNumeric({ value, text, parts }: Word): boolean {
  if (parts === undefined) return NUMBER.test(value)
  if (NUMBER.test(text.replace(/^(["'])(.*)\1$/, '$2'))) return true
  if (COUNT.test(text)) return true
  const [only, ...others] = parts
  return others.length === 0 && only?.type === 'ArithmeticExpansion'
}

/** Reports whether all the words of a loop are numbers. */
export function areNumeric(words: readonly Word[] | undefined): boolean {
  return words !== undefined && words.every((word) => isNumeric(word) || RANGE.test(word.text))
}

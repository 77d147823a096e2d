import { Numbers } from './numbers.ts'
import { isActiveVariable } from './variables.ts'

/**
 * What a script says in one place that matters in another, earlier or later:
 * a loop may come back, and a function may be called from anywhere.
 */
export class ScriptNotes {
  /** The variables that are set for more than one command. */
  readonly sets: Set<string> = new Set()
  /** The variables that hold numbers. */
  readonly numbers: Numbers = new Numbers()
  /** Names that a declaration gives a value that is not known. */
  readonly unknownValues: Set<string> = new Set()
  /** The variables that are lists. */
  readonly lists: Set<string> = new Set()
  /** Whether a name may stand for a function or an alias. */
  defines: boolean = false
  /** The functions of the script that it calls. */
  readonly calledFunctions: Set<string> = new Set()
  /** What the script takes away again: variables, and functions. */
  readonly unset: Set<string> = new Set()
  /** Whether a shell was taken to read what a command writes, going by the name of that command. */
  trustsNames: boolean = false
  /** Whether a variable is set with which the shell runs code. */
  activates: boolean = false

  /** Notes the names of variables that are set, for one command or for all. */
  see(names: readonly string[]): void {
    this.activates ||= names.some((name) => isActiveVariable(name))
  }

  /** Tells why the script as a whole may run more than its commands. */
  problems(): readonly string[] {
    const problems: string[] = []
    if (this.activates) problems.push('a variable that it sets makes shells run code')
    if (this.numbers.failed) problems.push('arithmetic may run code that a variable holds')
    if (Array.from(this.calledFunctions).some((name) => this.unset.has(name)))
      problems.push('a function that it calls may be gone')
    if (this.defines && this.trustsNames) problems.push('a function may write what a shell reads')
    // bash evaluates ($(…)) when it becomes the value of a list.
    if (Array.from(this.unknownValues).some((name) => this.lists.has(name))) {
      problems.push('the value of a list may run code')
    }
    return problems
  }
}

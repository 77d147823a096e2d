import {
  forEachChild,
  parse,
  type Assignment,
  type Command,
  type Function as FunctionNode,
  type ParsedScript,
  type Pipeline,
  type SyntaxNode,
} from 'unbash'

import { foldName } from '../fold-name.ts'
import { disagreement, evaluates } from './hazards.ts'
import { isKnownProgram, readProgram } from './read-program.ts'
import { outputOf, redirected } from './redirections.ts'
import { areNumeric, isNumeric } from './numbers.ts'
import type { Frame, Invocation, Scope } from './scope.ts'
import { ScriptNotes } from './script-notes.ts'
import {
  joinWords,
  literal,
  programName,
  unknownWord,
  type ShellCommand,
  type ShellScript,
  type ShellWord,
} from './shell-command.ts'
import { commandOfVariable } from './variables.ts'
import { toWords, wordsOf } from './words.ts'

/** Longer scripts are not read: nobody who asks before running one would read it either. */
const MAX_SCRIPT = 64 * 1024

/** How much text is read for one call, with every script in a script counted again. */
const MAX_TEXT = 4 * MAX_SCRIPT

/** How deep scripts may be in scripts, and parts of the syntax in parts. */
const MAX_DEPTH = 32
const MAX_NESTING = 150

/** How many commands are read for one call. */
const MAX_COMMANDS = 5000

/** A document that begins within the script costs the parser a search; this many are enough. */
const MAX_HEREDOCS = 500

/** How many words, files and variables are looked at for all commands together: those of a group count for each in it. */
const MAX_NOTED = 100_000

/** How much of a command is shown. */
const MAX_SHOWN = 200

/** A word that goes on in the next line, and with it an operator or a `$`, which the parser takes for two. */
const SPLIT_WORD = /(?:[^\s\\]|\\\\)\\\n\S/

const EMPTY: Omit<Frame, 'source' | 'functions'> = { sets: [], reads: [], writes: [], bash: false, depth: 0 }

/** Reads everything that a script of the shell may run. Never throws: what cannot be read is hidden. */
export function readScript(script: string): ShellScript {
  const reader = new ScriptReader()
  reader.runScript(script, { ...EMPTY, source: script, functions: new Set() })
  return reader.finish()
}

/** Reads everything that a program may run when it is started with these arguments, by no shell. */
export function readCommand(program: string, args: readonly string[]): ShellScript {
  const reader = new ScriptReader()
  reader.run([program, ...args].map(literal), { ...EMPTY, source: '', functions: new Set() })
  return reader.finish()
}

/** A script of which nothing is known but why. */
export function opaqueScript(reason: string): ShellScript {
  return { commands: [unknownCommand(reason, '', EMPTY)], sets: [], moves: true }
}

class ScriptReader implements Scope {
  readonly notes = new ScriptNotes()
  readonly #commands: ShellCommand[] = []
  #noted = 0
  #moves = false
  #text = 0
  #nesting = 0
  #exhausted = false
  /** The functions that a script defines whatever happens. */
  readonly #defined = new Set<FunctionNode>()
  /** The scripts that are being read in the way of shells without `$'`, or have been. */
  readonly #readPlain = new Set<string>()
  #isPlain = false

  finish(): ShellScript {
    for (const problem of this.notes.problems()) this.#commands.push(unknownCommand(problem, '', EMPTY))
    return { commands: this.#commands, sets: Array.from(this.notes.sets), moves: this.#moves }
  }

  set(name: string, isNumber = false): void {
    this.notes.sets.add(name)
    this.notes.see([name])
    this.notes.numbers.note(name, isNumber)
  }

  assign(name: string, value: string | undefined, { text, frame }: Pick<Invocation, 'text' | 'frame'>): void {
    const command = commandOfVariable(name, value ?? '')
    if (command === undefined) return
    if (value === undefined) this.hide('what a variable makes programs run is not known', text, frame)
    else this.runScript(command, { ...frame, stdin: undefined })
  }

  move(): void {
    this.#moves = true
  }

  add(command: ShellCommand): void {
    if (this.#exhausted) return
    this.#commands.push(command)
    this.notes.see(command.sets)
    this.#noted += command.sets.length + command.reads.length + command.writes.length
    if (this.#commands.length >= MAX_COMMANDS || this.#noted >= MAX_NOTED) this.#exhaust()
  }

  #exhaust(): void {
    this.#exhausted = true
    this.#commands.push(unknownCommand('the script has too many commands', '', EMPTY))
  }

  hide(reason: string, text: string, frame: Frame): void {
    this.add(unknownCommand(reason, shorten(text), frame))
  }

  runScript(script: string, outer: Frame): void {
    const problem = this.#refuse(script, outer)
    if (problem !== undefined) return this.hide(problem, script, outer)
    this.#text += script.length
    if (SPLIT_WORD.test(script)) this.hide('a word goes on in the next line', script, outer)
    const frame = { ...outer, source: script, depth: outer.depth + 1, functions: new Set<string>() }
    const nesting = this.#nesting
    try {
      this.#readAll(parse(script), frame)
    } catch {
      // The parser and the walk give up on some scripts that nest absurdly.
      this.#nesting = nesting
      this.hide('the script cannot be read', script, outer)
    }
  }

  run(words: readonly ShellWord[], frame: Frame): void {
    // What another program runs is no function of the shell.
    this.#run(words, { ...frame, functions: new Set() }, joinWords(words))
  }

  #run(words: readonly ShellWord[], frame: Frame, text: string): void {
    if (this.#exhausted) return
    this.#noted += words.length
    if (this.#noted >= MAX_NOTED) return this.#exhaust()
    const shown = shorten(text)
    const [program, ...args] = words
    if (program === undefined) return
    const base = programName(program)
    if (!program.known || program.text === '') {
      const unknown = unknownCommand('its program is not known before it runs', shown, frame)
      this.add({ ...unknown, program, args })
    }
    if (base === undefined || base === '') return
    if (frame.depth > MAX_DEPTH) return this.hide('the script nests too deep', shown, frame)
    // What lies there may be any program, by whatever name.
    if (/(^|\/)(proc|dev)\//.test(program.text)) this.hide('its program may be any other', shown, frame)
    const before = this.#commands.length
    const inner = { ...frame, depth: frame.depth + 1 }
    const name = foldName(base).replace(/\.(exe|cmd|bat|com)$/, '')
    const finding = this.#isFunction(program, frame)
      ? { harmless: true }
      : readProgram({ name, args, text: shown, frame: inner }, this)
    if (!program.known) return
    const { sets, reads, writes } = frame
    const harmless = finding.harmless === true && reads.length === 0 && writes.length === 0
    const carries = finding.carrier === true && this.#commands.length > before
    const carrier = finding.hidden === undefined && (harmless || carries) && isSystemPath(program.text)
    this.add({ program, args, sets, reads, writes, text: shown, carrier, hidden: finding.hidden })
  }

  /** A function that is defined has been read, so a call of it does nothing new; what is set for it, or read by it, may. */
  #isFunction({ text, known }: ShellWord, { functions, sets }: Frame): boolean {
    const isOne = known && sets.length === 0 && functions.has(text)
    if (isOne) this.notes.calledFunctions.add(text)
    return isOne
  }

  /** Where there is no `$'`, a quote may be left open: such a shell runs nothing then. */
  #isHarmless(error: string): boolean {
    return this.#isPlain && error === 'unterminated single quote'
  }

  #refuse(script: string, frame: Frame): string | undefined {
    if (script.length > MAX_SCRIPT) return `the script is longer than ${MAX_SCRIPT} characters`
    if (this.#text + script.length > MAX_TEXT || this.#exhausted) return 'the script has too much text in it'
    if (frame.depth > MAX_DEPTH) return 'the script nests too deep'
    if (script.includes('\0')) return 'the script has a NUL in it'
    if (script.split('<<', MAX_HEREDOCS + 1).length > MAX_HEREDOCS) return 'the script has too many documents in it'
    return undefined
  }

  /** Reads a whole script; what its own statements define is there for those that follow. */
  #readAll(script: ParsedScript, frame: Frame): void {
    for (const { command, background } of script.commands) {
      // A name that means something to every shell may mean it whatever is defined.
      if (command.type !== 'Function' || background === true || !isOwnName(command.name.text)) continue
      // Where `function` is no word of the grammar, it is a program.
      if (frame.bash || !this.#textOf(command, frame).startsWith('function')) this.#defined.add(command)
    }
    this.#visit(script, frame)
  }

  #visit(node: SyntaxNode, frame: Frame): void {
    if (this.#exhausted) return
    this.#nesting += 1
    if (this.#nesting > MAX_NESTING) this.hide('the script nests too deep', '', frame)
    else this.#visitNode(node, frame)
    this.#nesting -= 1
  }

  #visitNode(node: SyntaxNode, frame: Frame): void {
    const reason = evaluates(node, this.notes.numbers) ?? disagreement(node, frame.bash)
    if (reason !== undefined) this.hide(reason, this.#textOf(node, frame), frame)
    switch (node.type) {
      case 'Script': {
        const [error] = node.errors ?? []
        const inner = { ...shared(frame), source: node.source ?? frame.source }
        if (error !== undefined && !this.#isHarmless(error.message)) {
          this.hide(`the script does not parse: ${error.message}`, inner.source, frame)
        }
        return this.#visitChildren(node, inner)
      }
      case 'Word':
        // Most words have nothing in them, and finding that out costs more than this look.
        return /[$`<>()]/.test(node.text) ? this.#visitChildren(node, frame) : undefined
      case 'Command':
        return this.#readCommand(node, frame)
      case 'Redirected': {
        for (const redirect of node.redirects) this.#visit(redirect, frame)
        return this.#visit(node.command, shared(redirected(frame, node.redirects)))
      }
      case 'Pipeline':
        return this.#readPipeline(node, frame)
      case 'For':
        this.set(node.name.value, areNumeric(node.wordlist))
        return this.#visitChildren(node, frame)
      case 'Select':
        this.set(node.name.value)
        return this.#visitChildren(node, frame)
      case 'ArithmeticBinary':
        // The value of arithmetic is a number, whatever it took to get there.
        if (node.operator === '=' && node.left.type === 'ArithmeticWord') this.set(node.left.value, true)
        return this.#visitChildren(node, frame)
      case 'AnsiCQuoted':
        if (!frame.bash && node.text.includes(String.raw`\'`)) this.#readWithoutAnsi(node.text, frame)
        return undefined
      case 'ArithmeticCommand':
        // Shells without arithmetic see commands in two parentheses.
        if (!frame.bash) this.runScript(`(${node.body})`, frame)
        return this.#visitChildren(node, frame)
      case 'TestCommand':
        // Shells without [[ see a program of that name, and operators between commands.
        if (!frame.bash && isCompound(node.expression.type, this.#textOf(node, frame))) {
          this.runScript(`\\${this.#textOf(node, frame)}`, frame)
        }
        return this.#visitChildren(node, frame)
      case 'FileDescriptorVariable':
        return this.set(node.name)
      case 'Function':
        return this.#readFunction(node, frame)
      case 'ParameterExpansion':
        if (node.operation?.type === 'Default' && node.operation.operator.endsWith('=')) this.set(node.parameter)
        return this.#visitChildren(node, frame)
      default:
        return this.#visitChildren(node, frame)
    }
  }

  #visitChildren(node: SyntaxNode, frame: Frame): void {
    forEachChild(node, (child) => this.#visit(child, frame))
  }

  #readFunction(node: FunctionNode, frame: Frame): void {
    this.notes.defines = true
    if (this.#defined.has(node)) frame.functions.add(node.name.value)
    this.#visitChildren(node, shared(frame))
  }

  /** Reads a script once more as those shells do that know no `$'`: a `$`, and quotes without escapes. */
  #readWithoutAnsi(text: string, frame: Frame): void {
    const { source } = frame
    if (this.#readPlain.has(source)) return
    this.#readPlain.add(source)
    if (/\\\$'/.test(source)) return this.hide('shells do not agree on where the quotes end', text, frame)
    this.#isPlain = true
    this.runScript(
      source.replaceAll("$'", () => String.raw`\$'`),
      frame,
    )
    this.#isPlain = false
  }

  #readPipeline({ commands, prefixes, operators }: Pipeline, frame: Frame): void {
    const [first] = commands
    // Shells without a word for it run the program, which takes options of its own.
    if (!frame.bash && first?.type === 'Command' && prefixes.some((prefix) => prefix.type === 'Time')) {
      this.run([literal('time'), ...wordsOf(first, frame.bash)], frame)
    }
    let inner = frame
    for (const [at, command] of commands.entries()) {
      this.#visit(command, command.type === 'Command' ? inner : shared(inner))
      inner = { ...frame, stdin: outputOf(command, operators[at], inner) }
    }
  }

  #readCommand(node: Command, outer: Frame): void {
    this.#visitChildren(node, outer)
    const assignments = node.prefix.flatMap((part) => (part.type === 'Assignment' ? [part] : []))
    const words = wordsOf(node, outer.bash)
    // How read splits a line is nothing that another program sees.
    const names = assignments.map(({ name }) => name).filter((name) => name !== 'IFS' || words[0]?.text !== 'read')
    const own = names.length === 0 ? outer : { ...outer, sets: [...outer.sets, ...names] }
    const frame = redirected(own, node.redirects)
    const text = this.#textOf(node, outer)
    for (const assignment of assignments) this.#readAssignment(assignment, { text: shorten(text), frame: outer })
    // Without a program, the variables are set for all that follows and the files are opened all the same.
    if (keepsAssignments(words[0])) names.forEach((name) => this.notes.sets.add(name))
    this.notes.see(names)
    this.#run(words.length > 0 ? words : [literal(':')], frame, text)
  }

  #readAssignment({ name, value }: Assignment, at: Pick<Invocation, 'text' | 'frame'>): void {
    this.notes.numbers.note(name, value.type === 'Word' && isNumeric(value))
    if (value.type === 'ArrayValue') this.notes.lists.add(name)
    const [word, ...more] = value.type === 'Word' ? toWords(value, at.frame.bash) : []
    this.assign(name, word?.known === true && more.length === 0 ? word.text : undefined, at)
  }

  #textOf(node: SyntaxNode, frame: Frame): string {
    return frame.source.slice(node.pos, node.end)
  }
}

/** The special builtins, in front of which an assignment stays (POSIX, 2.14). */
const SPECIAL_BUILTIN =
  /^(:|\.|source|eval|exec|export|readonly|return|set|shift|trap|unset|break|continue|times|exit)$/

function keepsAssignments(program: ShellWord | undefined): boolean {
  return program === undefined || !program.known || SPECIAL_BUILTIN.test(program.text)
}

/** Reports whether a function of this name is what a shell runs by it: no word of the grammar, and no builtin. */
function isOwnName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !isKnownProgram(name)
}

/** Reports whether a test has something in it that is an operator to shells without one. */
function isCompound(type: string, text: string): boolean {
  if (type === 'TestUnary') return /[|&;<>\n]/.test(text)
  return type !== 'TestBinary' || /[()|&;<>`\n]/.test(text)
}

/** Reports whether a program is named in a way that finds the one of the system, as far as `PATH` does. */
export function isSystemPath(path: string): boolean {
  return (
    !/[/\\]/.test(path) || /^\/(usr\/(local\/)?)?s?bin\/[^/]+$/.test(path) || /^\/opt\/homebrew\/bin\/[^/]+$/.test(path)
  )
}

function unknownCommand(reason: string, text: string, frame: Omit<Frame, 'source' | 'functions'>): ShellCommand {
  const { sets, reads, writes } = frame
  return { program: unknownWord(''), args: [], sets, reads, writes, text, carrier: false, hidden: reason }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** A frame for more than one command: each may take a part of the input, and nobody knows what is left of it. */
function shared(frame: Frame): Frame {
  return frame.stdin?.known === true ? { ...frame, stdin: { ...frame.stdin, known: false } } : frame
}

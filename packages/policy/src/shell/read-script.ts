import { forEachChild, parse, type Command, type Pipeline, type SyntaxNode } from 'unbash'

import { disagreement, evaluates } from './hazards.ts'
import { readProgram } from './read-program.ts'
import { outputOf, redirected } from './redirections.ts'
import type { Frame, Scope } from './scope.ts'
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
import { wordsOf } from './words.ts'

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

const EMPTY: Omit<Frame, 'source'> = { sets: [], reads: [], writes: [], bash: false, depth: 0 }

/** Reads everything that a script of the shell may run. Never throws: what cannot be read is hidden. */
export function readScript(script: string): ShellScript {
  const reader = new ScriptReader()
  reader.runScript(script, { ...EMPTY, source: script })
  return reader.finish()
}

/** Reads everything that a program may run when it is started with these arguments, by no shell. */
export function readCommand(program: string, args: readonly string[]): ShellScript {
  const reader = new ScriptReader()
  reader.run([program, ...args].map(literal), { ...EMPTY, source: '' })
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

  finish(): ShellScript {
    for (const problem of this.notes.problems()) this.#commands.push(unknownCommand(problem, '', EMPTY))
    return { commands: this.#commands, sets: Array.from(this.notes.sets), moves: this.#moves }
  }

  set(name: string): void {
    this.notes.sets.add(name)
    this.notes.see([name])
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
    const frame = { ...outer, source: script, depth: outer.depth + 1 }
    const nesting = this.#nesting
    try {
      this.#visit(parse(script), frame)
    } catch {
      // The parser and the walk give up on some scripts that nest absurdly.
      this.#nesting = nesting
      this.hide('the script cannot be read', script, outer)
    }
  }

  run(words: readonly ShellWord[], frame: Frame, text: string = joinWords(words)): void {
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
    const name = base.toLowerCase().replace(/\.(exe|cmd|bat|com)$/, '')
    const finding = readProgram({ name, args, text: shown, frame: inner }, this)
    if (!program.known) return
    const { sets, reads, writes } = frame
    const harmless = finding.harmless === true && reads.length === 0 && writes.length === 0
    const carries = finding.carrier === true && this.#commands.length > before
    const carrier = finding.hidden === undefined && (harmless || carries) && isSystemPath(program.text)
    this.add({ program, args, sets, reads, writes, text: shown, carrier, hidden: finding.hidden })
  }

  #refuse(script: string, frame: Frame): string | undefined {
    if (script.length > MAX_SCRIPT) return `the script is longer than ${MAX_SCRIPT} characters`
    if (this.#text + script.length > MAX_TEXT || this.#exhausted) return 'the script has too much text in it'
    if (frame.depth > MAX_DEPTH) return 'the script nests too deep'
    if (script.includes('\0')) return 'the script has a NUL in it'
    if (script.split('<<', MAX_HEREDOCS + 1).length > MAX_HEREDOCS) return 'the script has too many documents in it'
    return undefined
  }

  #visit(node: SyntaxNode, frame: Frame): void {
    if (this.#exhausted) return
    this.#nesting += 1
    if (this.#nesting > MAX_NESTING) this.hide('the script nests too deep', '', frame)
    else this.#visitNode(node, frame)
    this.#nesting -= 1
  }

  #visitNode(node: SyntaxNode, frame: Frame): void {
    const reason = evaluates(node) ?? disagreement(node, frame.bash)
    if (reason !== undefined) this.hide(reason, this.#textOf(node, frame), frame)
    switch (node.type) {
      case 'Script': {
        const [error] = node.errors ?? []
        const inner = { ...shared(frame), source: node.source ?? frame.source }
        if (error !== undefined) this.hide(`the script does not parse: ${error.message}`, inner.source, frame)
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
      case 'Select':
        this.set(node.name.value)
        return this.#visitChildren(node, frame)
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
        this.notes.defines = true
        return this.#visitChildren(node, frame)
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
    for (const { name, value } of assignments) if (value.type === 'ArrayValue') this.notes.lists.add(name)
    const own = names.length === 0 ? outer : { ...outer, sets: [...outer.sets, ...names] }
    const frame = redirected(own, node.redirects)
    if (words.length > 0) {
      if (names.length > 0 && keepsAssignments(words[0])) names.forEach((name) => this.set(name))
      return this.run(words, frame, this.#textOf(node, outer))
    }
    // Without a program, the variables are set for all that follows and the files are opened all the same.
    names.forEach((name) => this.set(name))
    this.run([literal(':')], frame, this.#textOf(node, outer))
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

function unknownCommand(reason: string, text: string, frame: Omit<Frame, 'source'>): ShellCommand {
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

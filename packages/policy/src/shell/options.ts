import { literal, type ShellWord } from './shell-command.ts'
import type { Wrapper } from './wrappers.ts'

/** An option that was read, by its name without dashes. */
export interface TakenOption {
  readonly name: string
  readonly value?: ShellWord | undefined
}

/** What stands in front of a command in the arguments of the program that runs it. */
export interface TakenOptions {
  readonly taken: readonly TakenOption[]
  /** Whether every option is a known one: otherwise it is not sure where they end. */
  readonly understood: boolean
  /** What follows the options. */
  readonly rest: readonly ShellWord[]
}

/** Reads the options of a program by the conventions of POSIX and GNU. */
export function takeOptions(words: readonly ShellWord[], wrapper: Wrapper): TakenOptions {
  const taken: TakenOption[] = []
  let understood = true
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]
    if (word === undefined || !word.text.startsWith('-')) break
    if (!isCertain(word)) understood = false
    if (word.text === '--') {
      at += 1
      break
    }
    const option = word.text.startsWith('--') ? longOption(word.text, wrapper) : shortOptions(word.text, wrapper)
    understood &&= option.understood
    taken.push(...option.taken)
    if (option.wantsValue !== undefined) {
      at += 1
      const value = words[at]
      // What may be several words, or none, leaves it open where the options end.
      if (value?.many === true || value?.bashOnly === true) understood = false
      taken.push({ name: option.wantsValue, value })
    }
    // What is taken apart stands in front of the words that follow, which are read with it.
    if (wrapper.splits === true && taken.some(({ name }) => isSplit(name))) {
      at += 1
      break
    }
  }
  return { taken, understood, rest: words.slice(at) }
}

/** Reports whether an option is the one with which `env` takes a text apart. */
export function isSplit(name: string): boolean {
  return name === 'S' || name === 'split-string'
}

function isCertain(word: ShellWord): boolean {
  return word.known && word.bashOnly !== true
}

interface Option {
  readonly taken: readonly TakenOption[]
  readonly understood: boolean
  /** The option whose value is the next word. */
  readonly wantsValue?: string
}

function longOption(text: string, wrapper: Wrapper): Option {
  const equals = text.indexOf('=')
  const given = text.slice(2, equals < 0 ? undefined : equals)
  const names = [...(wrapper.long ?? []), ...(wrapper.longValued ?? [])]
  // A long option may be cut short as long as it can be one only.
  const candidates = names.includes(given) ? [given] : names.filter((name) => name.startsWith(given))
  const [name = given] = candidates
  const understood = candidates.length === 1
  if (equals >= 0) return { taken: [{ name, value: literal(text.slice(equals + 1)) }], understood }
  if (wrapper.longValued?.includes(name) === true) return { taken: [], understood, wantsValue: name }
  return { taken: [{ name }], understood }
}

function shortOptions(text: string, wrapper: Wrapper): Option {
  const taken: TakenOption[] = []
  let understood = true
  for (let at = 1; at < text.length; at++) {
    const name = text[at] ?? ''
    if (wrapper.valued?.includes(name) === true) {
      if (at + 1 === text.length) return { taken, understood, wantsValue: name }
      taken.push({ name, value: literal(text.slice(at + 1)) })
      break
    }
    // The value of such an option may only be attached: -i{}.
    if ('eil'.includes(name) && wrapper.appends === true && at + 1 < text.length) {
      taken.push({ name, value: literal(text.slice(at + 1)) })
      break
    }
    taken.push({ name })
    if (wrapper.flags?.includes(name) !== true) understood = false
  }
  return { taken, understood }
}

import { relative } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'

/** The widest line of the demo, in columns. */
const WIDTH = 100

type Style = 'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow'

/** Colours `text` when standard output is a terminal and `NO_COLOR` is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** Prints one line, indented under the title of its step. */
export function say(text = ''): void {
  console.log(text === '' ? '' : `   ${text}`)
}

/** Prints a paragraph, broken into lines. */
export function sayWrapped(text: string): void {
  const wrapper = createWrapper((piece) => void process.stdout.write(piece))
  wrapper.write(text)
  wrapper.end()
}

/** Prints what a step has proved. */
export function sayProved(text: string): void {
  sayWrapped(`${paint('green', '✓')} ${text}`)
}

/** Prints the title of a step. */
export function sayTitle(number: number, title: string): void {
  console.log(`\n${paint('bold', `${number}. ${title}`)}`)
}

/** Makes foreign text fit for a line of a terminal, at most `width` columns of it. */
export function fit(text: string, width: number): string {
  const line = clean(text).replaceAll(/\s+/g, ' ').trim()
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`
}

/** Breaks text that arrives in pieces into indented lines. */
export interface Wrapper {
  write(piece: string): void
  /** Ends the line that is open, if one is. */
  end(): void
}

/** Makes a {@link Wrapper} that hands what it made to `write`, every word as soon as it is whole. */
export function createWrapper(write: (text: string) => void): Wrapper {
  const indent = '   '
  let column = 0
  let pending = ''
  const putWord = (word: string): void => {
    const width = stripVTControlCharacters(word).length
    if (column > 0 && column + 1 + width > WIDTH - indent.length) endLine()
    write(column === 0 ? `${indent}${word}` : ` ${word}`)
    column += width + (column === 0 ? 0 : 1)
  }
  const endLine = (): void => {
    if (column > 0) write('\n')
    column = 0
  }
  return {
    write(piece) {
      const tokens = (pending + piece).split(/(\s+)/)
      pending = tokens.pop() ?? ''
      for (const token of tokens) {
        if (token.includes('\n')) endLine()
        else if (token.trim() !== '') putWord(token)
      }
    },
    end() {
      if (pending !== '') putWord(pending)
      pending = ''
      endLine()
    },
  }
}

/** Removes what would steer the terminal: for texts that a model or a file wrote. */
export function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

/** A path as seen from where the person called npm, which changes folders itself; absolute when it is elsewhere. */
export function shortPath(path: string): string {
  const inside = relative(process.env['INIT_CWD'] ?? process.cwd(), path)
  return inside.startsWith('..') ? path : inside
}

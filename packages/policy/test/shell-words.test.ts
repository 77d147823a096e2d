import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { readScript } from '../src/shell/read-script.ts'

// A rule compares words: what is taken for known has to be what every shell makes of it.

const shells = ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path))
const root = mkdtempSync(join(tmpdir(), 'starling-words-'))

afterAll(() => rmSync(root, { recursive: true, force: true }))

const LETTERS = 'a b 1 { } , .. ~ # ! = + - / % @ ^ : ( ) & | ; $ $# ${x- <<<'.split(' ')
const QUOTES = [
  ' ',
  "'",
  '"',
  '\\',
  '\\\\',
  '\n',
  '\t',
  '\\\n',
  "$'",
  '$"',
  '\u00a0',
  '\r',
  '\v',
  '<<E\n',
  '\nE\n',
  'é',
]
const ESCAPES =
  String.raw`a 4 1 0 } [ @ é \x41 \x4 \x{ \101 \0 \u0041 \u41 \U00000041 \n \ca \c \' \" \\ \e \q \?`.split(' ')

const words = fc.oneof(
  fc.array(fc.constantFrom(...LETTERS, ...QUOTES), { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join('')),
  fc.array(fc.constantFrom(...ESCAPES), { maxLength: 8 }).map((pieces) => `$'${pieces.join('')}'`),
)

test('words that are known are what shells make of them', { timeout: 60_000 }, async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(words, async (text) => {
      const line = `printf '<%s>' ${text}`
      const known = knownOutput(line)
      fc.pre(known !== undefined)
      compared += 1
      for (const shell of shellsFor(known)) {
        const printed = await outputOf(shell, line)
        // A shell that cannot read it runs nothing.
        expect({ text, shell, printed: printed ?? known?.output }).toEqual({ text, shell, printed: known?.output })
      }
    }),
    { numRuns: 80, interruptAfterTimeLimit: 20_000 },
  )
  expect(compared).toBeGreaterThan(0)
})

test.for<[string, string]>([
  [`a'b'"c"\\d`, '<abcd>'],
  [String.raw`$'\x41\u0042\103' "a\b\$"`, String.raw`<ABC><a\b$>`],
  ['{a,b}c d{e,{f,g}}', '<ac><bc><de><df><dg>'],
  ['a\\\n  b', '<a><b>'],
  ["'a \\\n b' a#b #c", '<a \\\n b><a#b>'],
  ["\"\" '' $''", '<><><>'],
])('%j is known to be %j', async ([text, output]) => {
  const line = `printf '<%s>' ${text}`
  expect(knownOutput(line)?.output).toBe(output)
  expect(await outputOf('/bin/bash', line)).toBe(output)
})

test.for([String.raw`$'\x{41}'`, String.raw`$'\cé'`, '$\\\nx', 'a\\\nb', '$x', '*', '"$@"', '`a`', '~-', 'a{1..3}'])(
  '%j is not relied upon',
  (text) => {
    expect(knownOutput(`printf '<%s>' ${text}`)).toBeUndefined()
  },
)

interface Known {
  readonly output: string
  /** Whether only bash reads it this way. */
  readonly bashOnly: boolean
}

/** What is printed when nothing in a line is hidden or left open; `undefined` otherwise. */
function knownOutput(line: string): Known | undefined {
  const [command, ...others] = readScript(line).commands
  if (command === undefined || others.length > 0 || command.hidden !== undefined) return undefined
  const given = command.args.slice(1)
  // Where the home is, nobody says.
  if (given.some((word) => !word.known || /^~|[:=]~/.test(word.text))) return undefined
  if (command.program.text !== 'printf') return undefined
  const output = given.length === 0 ? '<>' : given.map((word) => `<${word.text}>`).join('')
  return { output, bashOnly: given.some((word) => word.bashOnly === true) }
}

function shellsFor(known: Known | undefined): readonly string[] {
  return known?.bashOnly === true ? shells.filter((shell) => shell.endsWith('bash')) : shells
}

/** What a line prints; `undefined` when it fails. */
function outputOf(shell: string, line: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: root, LC_ALL: 'C.UTF-8' }, timeout: 3000 }
    const child = execFile(shell, ['-c', line], options, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    )
    child.stdin?.end()
  })
}

import { parse, type Word } from 'unbash'
import { expect, test } from 'vitest'

import { areNumeric, isNumeric, Numbers } from '../src/shell/numbers.ts'

/** The words of a loop over a text. */
function wordsIn(text: string): readonly Word[] {
  const [statement] = parse(`for x in ${text}; do a; done`).commands
  if (statement?.command.type !== 'For') throw new TypeError(`expected a loop over ${text}`)
  return statement.command.wordlist ?? []
}

test.for([
  '0',
  '12',
  '-3',
  '""',
  "''",
  '"7"',
  "'-7'",
  '08',
  '$#',
  '$?',
  '"$?"',
  '${#}',
  '${#x}',
  '"${#x}"',
  '$((1 + 2))',
  '$((x))',
])('%s is a number to every shell', (text) => {
  expect(wordsIn(text).map((word) => isNumeric(word))).toEqual([true])
})

test.for([
  'x',
  '1x',
  '1.5',
  '+1',
  '--1',
  '0x10',
  '$x',
  '"$x"',
  '$1',
  '${x}',
  '${x:-1}',
  '$(echo 1)',
  '`echo 1`',
  '$((1))$x',
  '1$x',
  '"1$x"',
  '"a[$(b)]"',
  "'a[$(b)]'",
  '1*',
  '[1]',
])('%s may be something else', (text) => {
  expect(wordsIn(text).map((word) => isNumeric(word))).toEqual([false])
})

test.for<[string, boolean]>([
  ['1 2 3', true],
  ['{1..3}', true],
  ['{-3..3..2} 9', true],
  ['{a..c}', false],
  ['{1..$n}', false],
  ['{1,x}', false],
  ['1 x', false],
  ['*', false],
  ['$(seq 3)', false],
])('a loop over %s is one over numbers: %s', ([text, holds]) => {
  expect(areNumeric(wordsIn(text))).toBe(holds)
})

test('a loop over the arguments is one over anything', () => {
  expect(areNumeric(undefined)).toBe(false)
})

test('a variable counts from where it is set to a number', () => {
  const numbers = new Numbers()
  expect(numbers.isNumber('i')).toBe(false)
  numbers.note('i', true)
  expect(['i', '$i', '${i}', '"$i"', '"${i}"'].map((text) => numbers.isNumber(text))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(
    ['j', '$j', 'i[0]', '$i$j', '${i', '"$i', '${i}}', 'i+1', '', '$', '"i"'].some((text) => numbers.isNumber(text)),
  ).toBe(false)
  expect(numbers.failed).toBe(false)
})

test('it counts no more once anything else may be in it, before or after', () => {
  const numbers = new Numbers()
  numbers.note('i', true)
  numbers.note('i', false)
  numbers.note('i', true)
  expect(numbers.isNumber('i')).toBe(false)
  // Nobody has relied upon it so far.
  expect(numbers.failed).toBe(false)
  numbers.note('j', true)
  expect(numbers.isNumber('$j')).toBe(true)
  numbers.note('j', false)
  expect(numbers.failed).toBe(true)
})

test.for(['I', 'OPTIND', 'Path', '_', '_i', '1', '#', '?'])('%s is never one that a script counts with', (name) => {
  const numbers = new Numbers()
  numbers.note(name, true)
  expect(numbers.isNumber(name)).toBe(false)
  expect(numbers.isNumber(`$${name}`)).toBe(false)
})

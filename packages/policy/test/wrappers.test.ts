import { expect, test } from 'vitest'

import { takeOptions } from '../src/shell/options.ts'
import { literal, unknownWord } from '../src/shell/shell-command.ts'
import { WRAPPERS, type Wrapper } from '../src/shell/wrappers.ts'
import { decide } from './shell-policy.ts'

const SOME: Wrapper = { flags: 'ab', valued: 'nu', long: ['all', 'bare', 'big'], longValued: ['name', 'user'] }

test.for<[string, readonly (readonly [string, (string | undefined)?])[], string]>([
  ['x y', [], 'x y'],
  ['-a x', [['a']], 'x'],
  ['-ab x', [['a'], ['b']], 'x'],
  ['-n 1 x', [['n', '1']], 'x'],
  ['-n1 x', [['n', '1']], 'x'],
  ['-an1 x', [['a'], ['n', '1']], 'x'],
  ['-an 1 x', [['a'], ['n', '1']], 'x'],
  ['-n -a x', [['n', '-a']], 'x'],
  ['-a -- -b x', [['a']], '-b x'],
  ['- x', [], 'x'],
  ['--all x', [['all']], 'x'],
  ['--all=1 x', [['all', '1']], 'x'],
  ['--name 1 x', [['name', '1']], 'x'],
  ['--name=1 x', [['name', '1']], 'x'],
  ['--name= x', [['name', '']], 'x'],
  ['--na 1 x', [['name', '1']], 'x'],
  ['--us=1 x', [['user', '1']], 'x'],
  ['-a x -b', [['a']], 'x -b'],
  ['-n', [['n', undefined]], ''],
])('the options in %j are %j, and %j follows', ([text, expected, rest]) => {
  const options = takeOptions(text.split(' ').map(literal), SOME)
  expect(options.understood).toBe(true)
  expect(options.taken.map(({ name, value }) => (value === undefined ? [name] : [name, value.text]))).toEqual(
    expected.map((option) => option.filter((part) => part !== undefined)),
  )
  expect(options.rest.map((word) => word.text).join(' ')).toBe(rest)
})

test.for(['-z x', '-az x', '--other x', '--b x', '--bi --other=1 x'])('%j has an option that is not known', (text) => {
  expect(takeOptions(text.split(' ').map(literal), SOME).understood).toBe(false)
})

test('an option that is known in part is not understood', () => {
  expect(takeOptions([unknownWord('-a$x'), literal('y')], SOME).understood).toBe(false)
  expect(takeOptions([literal('-n'), unknownWord('$x', false), literal('y')], SOME).understood).toBe(true)
  expect(takeOptions([literal('-n'), unknownWord('$x'), literal('y')], SOME).understood).toBe(false)
  expect(takeOptions([{ ...literal('-a'), bashOnly: true }, literal('y')], SOME).understood).toBe(false)
})

/** The names of those that a test can put in front of a command just like that. */
const NAMES = Array.from(WRAPPERS.keys())

test('there are programs that run others', () => {
  expect(NAMES.length).toBeGreaterThan(45)
})

test.for(NAMES)('%s does not hide what it runs', (name) => {
  const operands = ' operand'.repeat(WRAPPERS.get(name)?.operands ?? 0)
  expect(decide(`${name}${operands} rm x`)).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
  expect(decide(`/usr/bin/${name}${operands} /bin/rm x`)).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
  expect(decide(`ls | ${name}${operands} bash -c 'ls; rm x'`)).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
})

test.for(NAMES)('%s is not allowed out of another folder', (name) => {
  const operands = ' operand'.repeat(WRAPPERS.get(name)?.operands ?? 0)
  expect(decide(`./${name}${operands} ls`).effect).toBe('ask')
})

test.for(NAMES.filter((name) => WRAPPERS.get(name)?.grants === true))('%s needs permission of its own', (name) => {
  const operands = ' operand'.repeat(WRAPPERS.get(name)?.operands ?? 0)
  expect(decide(`${name}${operands} ls`).effect).toBe('ask')
})

test.for(NAMES)('%s with an option that nobody knows is asked about', (name) => {
  const operands = ' operand'.repeat(WRAPPERS.get(name)?.operands ?? 0)
  expect(decide(`${name} --no-such-option${operands} ls`).effect).toBe('ask')
  expect(decide(`${name} "$OPTION"${operands} ls`).effect).toBe('ask')
})

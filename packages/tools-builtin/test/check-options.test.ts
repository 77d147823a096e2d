import { describe, expect, test } from 'vitest'

import {
  aFunction,
  aPolicy,
  checkOptions,
  milliseconds,
  oneOf,
  overridePolicy,
  someText,
  texts,
  textsByName,
  wholeNumber,
  type OptionCheck,
} from '../src/check-options.ts'

const CHECKS: Readonly<Record<string, OptionCheck>> = {
  aFunction,
  aPolicy,
  milliseconds,
  choice: oneOf('a', true),
  someText,
  texts,
  textsByName,
  number: wholeNumber(2, 4),
}

describe('what a check takes', () => {
  test.for([
    ['aFunction', [() => 1], [1, 'f', {}]],
    ['aPolicy', [{}, { approval: true }], ['x', null, [], 1]],
    ['milliseconds', [1, 2 ** 31 - 1], [0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n]],
    ['choice', ['a', true], ['b', false, 1, null]],
    ['someText', ['a', ' '], ['', 1, null, ['a']]],
    ['texts', [[], ['a']], ['a', [''], [1], { 0: 'a' }]],
    ['textsByName', [{}, { a: '' }], [['a'], { a: 1 }, 'a', null]],
    ['number', [2, 4], [1, 5, 2.5, '2', Number.NaN]],
  ] as const)('%s', ([name, good, bad]) => {
    const check = CHECKS[name]
    expect(good.map((value: unknown) => check?.(value))).toEqual(good.map(() => undefined))
    expect(bad.map((value: unknown) => typeof check?.(value))).toEqual(bad.map(() => 'string'))
  })
})

interface Options {
  readonly count?: number | undefined
  readonly label?: string | undefined
}

const OPTION_CHECKS = { count: wholeNumber(1, 9), label: someText }

test('what is undefined counts as not given', () => {
  expect(() => checkOptions<Options>('t', { count: undefined }, OPTION_CHECKS)).not.toThrow()
})

test('a name that nearly exists gets the one that does, others get all', () => {
  const near = { lable: 'x' } as unknown as Options
  const far = { zzzzzzzz: 1 } as unknown as Options
  expect(() => checkOptions('t', near, OPTION_CHECKS)).toThrow('tool t: unknown option "lable": did you mean "label"?')
  expect(() => checkOptions('t', far, OPTION_CHECKS)).toThrow(
    'tool t: unknown option "zzzzzzzz": known are count, label',
  )
})

test.for([
  [{ count: 0 }, 'tool t: option count is 0, expected a whole number from 1 to 9'],
  [{ label: () => 1 }, 'tool t: option label is a function, expected text'],
  [{ label: null }, 'tool t: option label is null, expected text'],
  [{ count: 1n }, 'tool t: option count is a bigint, expected a whole number from 1 to 9'],
  [{ label: Symbol('s') }, 'tool t: option label is Symbol(s), expected text'],
] as const)('a value that does not fit is shown, %#', ([options, message]) => {
  expect(() => checkOptions('t', options as unknown as Options, OPTION_CHECKS)).toThrow(message)
})

test('a policy that was given goes over the own, where it says something', () => {
  const own = { idempotent: true, maxAttempts: 2, timeoutMs: 5 }
  expect(overridePolicy(own, { maxAttempts: 1, timeoutMs: undefined, approval: true })).toEqual({
    idempotent: true,
    maxAttempts: 1,
    timeoutMs: 5,
    approval: true,
  })
  expect(overridePolicy(own, undefined)).toEqual(own)
})

test('policies that contradict each other together are refused', () => {
  const own = { idempotent: true, maxAttempts: 2 }
  expect(() => overridePolicy(own, { idempotent: false })).toThrow('maxAttempts 2, which needs idempotent true')
})

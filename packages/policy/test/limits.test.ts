import { expect, test } from 'vitest'

import { decide } from './shell-policy.ts'

/** Far more than a decision takes, and far less than one that grows with the square of the text. */
const DEADLINE_MS = 3000

const UNITS: readonly string[] = [
  '(',
  '{ ',
  '((',
  '$(',
  '"$(',
  '$((',
  '${a:-',
  '${x:-$(',
  '`',
  '\\`',
  '<(',
  '@(',
  '[[ ( ',
  '$[ ',
  'if ',
  'case x in ',
  'f() ',
  'function ',
  'select ',
  'coproc ',
  'time ',
  '! ',
  'do ',
  '}',
  ')',
  ';;',
  '&',
  '<<a ',
  'cat <<A\n$(cat <<B\n',
  '>a ',
  'a=1 ',
  'a;',
  'a|',
  'a&&',
  'a\n',
  '#\n',
  "'",
  '"',
  '$',
  '{a,',
  'rm{a,b}',
  'a{1..9}',
  '$y ',
  '*',
  '~',
  '\0',
  'é',
  '1+',
  '((1+',
  '[[ a && ',
  '$(a)',
  '"$(a)"',
  '`a` ',
  'bash -c ',
  'env ',
  'sudo ',
  'eval ',
  'find -exec ',
  'alias x=',
  'trap a b;',
  'echo a|sh|',
  'bash<<<a;',
  'xargs ',
]

test.for(UNITS)('a script of %j over and over ends soon, and is not allowed', (unit) => {
  for (const length of [2_000, 30_000, 100_000]) {
    const script = unit.repeat(length / unit.length)
    const begin = performance.now()
    const { effect } = decide(`rma;${script}`)
    expect(performance.now() - begin).toBeLessThan(DEADLINE_MS)
    expect(effect).toBe('ask')
  }
})

test('a script that is too long is not read, whatever is in it', () => {
  expect(decide(`ls ${'a'.repeat(65_000)}`).effect).toBe('allow')
  const decision = decide(`ls ${'a'.repeat(66_000)}`)
  expect(decision).toMatchObject({ effect: 'ask', rules: ['no-rm'] })
  expect(decision.reason).toContain('because the script is longer than 65536 characters')
})

test('commands that nest too deep are hidden, and none before', () => {
  const nested = (depth: number): string => `${'env '.repeat(depth)}ls`
  expect(decide(nested(10)).effect).toBe('allow')
  expect(decide(nested(60)).effect).toBe('ask')
})

test('a script within a script counts as text again', () => {
  const body = `ls ${'a'.repeat(50_000)}`
  expect(decide(`bash -c '${body}'`).effect).toBe('allow')
  expect(decide(`bash -c 'eval eval eval eval eval ${body}'`).effect).toBe('ask')
})

test('more commands than are read are not allowed', () => {
  expect(decide('ls;'.repeat(4_000)).effect).toBe('allow')
  expect(decide('ls;'.repeat(6_000))).toMatchObject({ effect: 'ask' })
})

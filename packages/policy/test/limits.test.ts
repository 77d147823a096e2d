import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessPolicy, type NormalCommandMatch } from '../src/index.ts'
import { readScript } from '../src/shell/read-script.ts'
import { MAX_WORK, workOf } from '../src/work.ts'
import { callOf, decide } from './shell-policy.ts'

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

const SETS = `${Array.from({ length: 4000 }, (_, at) => `a${at}=1;`).join('')}${'ls;'.repeat(900)}`
const FILES = ' >/a/b'.repeat(4000)

test.for([
  ['commands', 'ls a b c;'.repeat(4900), 1000, 'ask'],
  ['short commands', 'ls;'.repeat(4900), 1000, 'ask'],
  ['words', 'ls '.repeat(21_000), 1000, 'ask'],
  ['long words', `ls ${'a'.repeat(64_000)}`, 1000, 'ask'],
  ['variables', SETS, 10, 'allow'],
  ['redirections of a group', `{ ${'ls;'.repeat(4900)}}${FILES}`, 2, 'ask'],
  ['redirections in a group', `{ ${'ls >a;'.repeat(4900)}}${FILES}`, 2, 'ask'],
  ['commands of find', `find . ${'-exec ls '.repeat(7000)}`, 2, 'ask'],
] as const)('a script with many %s is judged in bounds, or not at all', ([, script, count, effect]) => {
  const { policy, matches } = manyRules(count)
  const work = workOf(matches, readScript(script))
  const begin = performance.now()
  const decision = evaluateCall(policy, callOf(script))
  expect(performance.now() - begin).toBeLessThan(DEADLINE_MS)
  const isJudged = work <= MAX_WORK || /too much in the script to be judged|has too many/.test(decision.reason)
  expect(isJudged).toBe(true)
  expect(decision.effect).toBe(effect)
})

test('the work grows with the commands and with the rules, and what people write is far below the bound', () => {
  const { matches } = manyRules(200)
  const line = 'git log --oneline | grep -v "fix" > /dev/null && ls -la src\n'
  const few = workOf(matches, readScript(line.repeat(10)))
  const many = workOf(matches, readScript(line.repeat(100)))
  expect(many).toBeGreaterThan(few * 9)
  expect(many).toBeLessThan(few * 11)
  expect(many).toBeLessThan(MAX_WORK / 2)
  expect(workOf(matches.slice(0, 100), readScript(line))).toBeLessThan(workOf(matches, readScript(line)))
})

function manyRules(count: number): { policy: AccessPolicy; matches: readonly NormalCommandMatch[] } {
  const policy = createAccessPolicy({
    version: 1,
    rules: Array.from({ length: count }, (_, at) => ({
      effect: at % 2 === 0 ? ('allow' as const) : ('deny' as const),
      tool: 'bash',
      command: { at: '/command', program: [at === 0 ? 'ls' : `p${at}`, `*q*${at}`], not: [`--a*b${at}`] },
    })),
  })
  return { policy, matches: policy.rules.flatMap(({ command }) => command ?? []) }
}

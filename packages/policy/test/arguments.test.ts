import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessRuleData } from '../src/index.ts'

function judge(rule: Omit<AccessRuleData, 'tool'>, input: unknown): string {
  const policy = createAccessPolicy({
    version: 1,
    default: rule.effect === 'allow' ? 'ask' : 'allow',
    rules: [{ tool: 't', ...rule }],
  })
  return evaluateCall(policy, { tool: 't', input: JSON.stringify(input) }).effect
}

test('allow wants every element to have the value', () => {
  const rule = { effect: 'allow', when: { '/files/*/path': { under: 'src' } } } as const
  expect(judge(rule, { files: [{ path: 'src/a' }, { file: '/etc/passwd' }] })).toBe('ask')
  expect(judge(rule, { files: [{ path: 'src/a' }, { path: 'src/b' }] })).toBe('allow')
  expect(judge({ effect: 'allow', when: { '/a/*/*': { prefix: 'x' } } }, { a: [[], ['x']] })).toBe('allow')
  expect(judge({ effect: 'allow', when: { '/a/*/*': { prefix: 'x' } } }, { a: ['y', ['x']] })).toBe('ask')
  expect(judge({ effect: 'allow', when: { '/a/*': { prefix: 'x' } } }, { a: { '*': 'x', b: 'y' } })).toBe('ask')
})

test('hosts are compared in one spelling', () => {
  expect(judge({ effect: 'deny', when: { '/url': { host: 'evil.com' } } }, { url: 'ssh://EVIL.com/x' })).not.toBe(
    'allow',
  )
  expect(judge({ effect: 'deny', when: { '/url': { host: 'evil.com' } } }, { url: 'git+ssh://ev%69l.com/x' })).not.toBe(
    'allow',
  )
  expect(judge({ effect: 'deny', when: { '/url': { host: 'bücher.de' } } }, { url: 'https://bücher.de' })).not.toBe(
    'allow',
  )
  expect(judge({ effect: 'deny', when: { '/url': { host: 'evil.com.' } } }, { url: 'https://evil.com' })).not.toBe(
    'allow',
  )
})

test('a backslash may separate folders', () => {
  expect(judge({ effect: 'allow', when: { '/path': { under: 'src' } } }, { path: 'src\\..\\..\\b' })).toBe('ask')
  expect(judge({ effect: 'allow', when: { '/path': { under: 'src' } } }, { path: 'src/a\\..\\..\\..\\b' })).toBe('ask')
  expect(judge({ effect: 'deny', when: { '/path': { under: 'keys' } } }, { path: 'keys\\a' })).not.toBe('allow')
  expect(judge({ effect: 'deny', command: { program: 'rm' } }, { program: 'C:\\bin\\rm.exe' })).not.toBe('allow')
})

test('a value of another type may still be what a rule refuses', () => {
  expect(judge({ effect: 'deny', when: { '/url': { host: 'evil.com' } } }, { url: ['https://evil.com'] })).not.toBe(
    'allow',
  )
  expect(judge({ effect: 'deny', when: { '/n': { atLeast: 10 } } }, { n: '11' })).not.toBe('allow')
  expect(judge({ effect: 'deny', when: { '/n': { equals: 1 } } }, { n: '1' })).toBe('ask')
  expect(judge({ effect: 'deny', when: { '/n': { oneOf: ['a', 'b'] } } }, { n: ['a'] })).toBe('ask')
  expect(judge({ effect: 'deny', when: { '/n': { equals: 'a' } } }, { n: 'b' })).toBe('allow')
  expect(judge({ effect: 'deny', when: { '/n': { prefix: 'a' } } }, { n: null })).toBe('allow')
})

test('a rule that refuses what is not there refuses an element without it', () => {
  const rule = { effect: 'deny', when: { '/files/*/path': { exists: false } } } as const
  expect(judge(rule, { files: [{ path: 'a' }, {}] })).toBe('deny')
  expect(judge(rule, { files: [{ path: 'a' }] })).toBe('allow')
  expect(judge({ ...rule, effect: 'allow' }, { files: [{ path: 'a' }, {}] })).toBe('ask')
})

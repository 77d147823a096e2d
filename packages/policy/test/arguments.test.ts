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

test('of a key that is there twice, the last counts, as it does for whoever parses the call', () => {
  const policy = createAccessPolicy({
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 't', when: { '/n': { equals: 1 } } }],
  })
  const effects = ['{"n":1,"n":2}', '{"n":2,"n":1}', String.raw`{"n":2,"\u006e":1}`].map(
    (input) => evaluateCall(policy, { tool: 't', input }).effect,
  )
  expect(effects).toEqual(['allow', 'deny', 'deny'])
})

test.for(['1', '1.0', '1e0', '10E-1', '0.1e1', '1.00000000000000000001'])('the number %s is 1', (text) => {
  const policy = createAccessPolicy({
    version: 1,
    rules: [{ effect: 'deny', tool: 't', when: { '/n': { equals: 1, atMost: 1, atLeast: 1 } } }],
  })
  expect(evaluateCall(policy, { tool: 't', input: `{"n":${text}}` }).effect).toBe('deny')
})

test('a number beyond all others is above every bound', () => {
  expect(judge({ effect: 'allow', when: { '/n': { atMost: 5 } } }, { n: 1e308 })).toBe('ask')
  const policy = createAccessPolicy({
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 't', when: { '/n': { atLeast: 5 } } }],
  })
  expect(evaluateCall(policy, { tool: 't', input: '{"n":1e999}' }).effect).toBe('deny')
})

test.for(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'the key %s is one like any other: it is there when the call has it',
  (key) => {
    const policy = createAccessPolicy({
      version: 1,
      rules: [
        { effect: 'allow', tool: 't', when: { [`/${key}`]: { equals: 'x' }, [`/a/${key}/b`]: { exists: false } } },
      ],
    })
    const effectOf = (input: string) => evaluateCall(policy, { tool: 't', input }).effect
    expect(effectOf(`{"${key}":"x","a":{}}`)).toBe('allow')
    expect(effectOf('{"a":{}}')).toBe('ask')
    expect(effectOf(`{"${key}":"x","a":{"${key}":{"b":1}}}`)).toBe('ask')
    expect(effectOf(`{"__proto__":{"${key}":"x"},"a":{}}`)).toBe('ask')
  },
)

test('a call without any text has no arguments', () => {
  const policy = createAccessPolicy({
    version: 1,
    rules: [
      { effect: 'deny', tool: 't', when: { '/path': { exists: false } } },
      { effect: 'allow', tool: 'u', when: { '/path': { exists: false } } },
    ],
  })
  const effects = ['t', 'u', 'v'].map((tool) => evaluateCall(policy, { tool, input: '' }).effect)
  expect(effects).toEqual(['deny', 'allow', 'ask'])
})

test.for([[['ls; rm x']], [['rm x']], [['$(rm)', 'a']], [['ls|rm']]])(
  'a list whose program is a script, %j, is not relied upon',
  ([command]) => {
    const policy = createAccessPolicy({
      version: 1,
      default: 'allow',
      rules: [{ effect: 'deny', tool: 't', command: { at: '/command', program: 'rm' } }],
    })
    expect(evaluateCall(policy, { tool: 't', input: JSON.stringify({ command }) }).effect).toBe('ask')
    expect(evaluateCall(policy, { tool: 't', input: '{"command":["ls","; rm x"]}' }).effect).toBe('allow')
    expect(evaluateCall(policy, { tool: 't', input: '{"command":["rm","x"]}' }).effect).toBe('deny')
  },
)

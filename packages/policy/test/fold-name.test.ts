import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessEffect, type ArgumentCondition } from '../src/index.ts'
import { foldName } from '../src/fold-name.ts'
import { callOf, decide } from './shell-policy.ts'

test.for([
  ['README', 'readme'],
  ['caf\u00e9', 'cafe\u0301'],
  ['CAFE\u0301', 'caf\u00e9'],
  ['\u212aey', 'key'],
  ['\u017fudo', 'sudo'],
  ['stra\u00dfe', 'STRASSE'],
  ['\u03c2', '\u03c3'],
  ['.g\u200cit', '.git'],
  ['r\u00adm', 'rm'],
  ['\ufeffetc', 'etc'],
] as const)('%j and %j are one name', ([one, other]) => {
  expect(foldName(one)).toBe(foldName(other))
})

test.for([
  ['a', 'b'],
  ['caf\u00e9', 'cafe'],
  ['a b', 'ab'],
  ['a.', 'a'],
  ['a-b', 'a_b'],
] as const)('%j and %j are two names', ([one, other]) => {
  expect(foldName(one)).not.toBe(foldName(other))
})

test('a folded name stays as it is, and so does what has no capital letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(foldName(foldName(text))).toBe(foldName(text))
    }),
  )
  expect(foldName('src/a_b-1.ts')).toBe('src/a_b-1.ts')
})

function effectOf(effect: 'allow' | 'deny', condition: ArgumentCondition, path: string): AccessEffect {
  const policy = createAccessPolicy({
    version: 1,
    default: effect === 'deny' ? 'allow' : 'ask',
    rules: [{ effect, tool: 't', when: { '/path': condition } }],
  })
  return evaluateCall(policy, { tool: 't', input: JSON.stringify({ path }) }).effect
}

test.for(['caf\u00e9/a', 'cafe\u0301/a', 'CAFE\u0301/a', 'x/../Caf\u00c9/a', 'ca\u200df\u00e9/a'])(
  'a rule that refuses a folder refuses it as %j',
  (path) => {
    expect(effectOf('deny', { under: 'caf\u00e9' }, path)).toBe('deny')
  },
)

test.for(['cafe\u0301/a', 'CAF\u00c9/a'])('a rule that allows a folder does not allow %j', (path) => {
  expect(effectOf('allow', { under: 'caf\u00e9' }, 'caf\u00e9/a')).toBe('allow')
  expect(effectOf('allow', { under: 'caf\u00e9' }, path)).toBe('ask')
})

test.for(['key.pem', 'a/b/key.pem', 'KEY.PEM', 'key.pem/', 'key.pem/.', './key.pem', 'a/../key.pem', 'key.pem/x/..'])(
  'a file is refused by its ending as %j',
  (path) => {
    expect(effectOf('deny', { under: '**/*.pem' }, path)).toBe('deny')
  },
)

test('programs and files of redirections are refused in any spelling', () => {
  expect(decide('r\u00adm x')).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
  const writes = createAccessPolicy({
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 'bash', command: { at: '/command', writes: '/etc/**' } }],
  })
  const effects = ['echo > /etc/a', 'echo > /ETC/a', 'echo > //Etc/./a', 'echo > /tmp/a'].map(
    (script) => evaluateCall(writes, callOf(script)).effect,
  )
  expect(effects).toEqual(['deny', 'deny', 'deny', 'allow'])
})

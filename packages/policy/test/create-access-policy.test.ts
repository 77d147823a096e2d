import { expect, test } from 'vitest'

import { accessPolicyText, createAccessPolicy, hashAccessPolicy, type AccessPolicyData } from '../src/index.ts'

const FULL: AccessPolicyData = {
  version: 1,
  name: 'production',
  default: 'deny',
  rules: [
    {
      id: 'everything',
      effect: 'allow',
      tool: ['shell', 'mcp_*'],
      when: {
        '/url': { host: ['example.com', '*.example.org:8080'], prefix: 'https://', glob: '*', exists: true },
        '/list/*/a~1b': { equals: null },
        '/n': { atMost: 5, atLeast: -1.5, oneOf: [1, 2.5] },
        '/path': { under: ['src', '/tmp'] },
      },
      command: {
        at: '/command',
        program: 'git',
        args: ['push', '**', ''],
        has: ['-f', ['-a', '--all']],
        not: ['--force'],
        sets: 'A',
        reads: 'a/*',
        writes: ['b/**'],
        maySet: 'C',
        mayRead: 'd',
        mayWrite: 'e',
      },
      reason: 'because',
    },
    { effect: 'deny', tool: '*', command: {} },
  ],
}

test('a policy that says everything is filled in and frozen', () => {
  const policy = createAccessPolicy(FULL)
  expect(policy).toMatchObject({ version: 1, name: 'production', default: 'deny' })
  expect(policy.rules[0]).toMatchObject({
    id: 'everything',
    tool: ['shell', 'mcp_*'],
    when: { '/url': { prefix: ['https://'] }, '/n': { atMost: 5, atLeast: -1.5, oneOf: [1, 2.5] } },
    command: { has: [['-f'], ['-a', '--all']], not: ['--force'], maySet: ['C'] },
  })
  expect(policy.rules[1]).toEqual({
    id: '#1',
    effect: 'deny',
    tool: ['*'],
    command: { at: { program: '/program', args: '/args' } },
  })
  expect(Object.isFrozen(policy.rules[0]?.when?.['/url']?.host)).toBe(true)
})

test('a policy without rules leaves everything to its default, which is to ask', () => {
  expect(createAccessPolicy({ version: 1, rules: [] })).toEqual({ version: 1, default: 'ask', rules: [] })
})

test('the data that is given stays as it was', () => {
  const data = { version: 1, rules: [{ effect: 'allow', tool: 'a', when: { '/a': { oneOf: [1] } } }] } as const
  createAccessPolicy(data)
  expect(Object.isFrozen(data.rules[0].when['/a'].oneOf)).toBe(false)
})

test('fields that are undefined are left out', () => {
  const policy = createAccessPolicy({
    version: 1,
    name: undefined,
    rules: [{ effect: 'allow', tool: 'a', when: undefined, command: undefined, reason: undefined }],
  })
  expect(policy).toEqual({ version: 1, default: 'ask', rules: [{ id: '#0', effect: 'allow', tool: ['a'] }] })
})

test('a policy in its normal form is data for the same policy', () => {
  const policy = createAccessPolicy(FULL)
  const again = createAccessPolicy(JSON.parse(accessPolicyText(policy)))
  expect(again).toEqual(policy)
  expect(hashAccessPolicy(again)).toEqual(hashAccessPolicy(policy))
})

test('the order of keys and the way a pattern is written do not change the hash', () => {
  const one = createAccessPolicy({ version: 1, rules: [{ effect: 'deny', tool: 'a', when: { '/x': { glob: 'b' } } }] })
  const other = createAccessPolicy({
    rules: [{ when: { '/x': { glob: ['b'] } }, tool: ['a'], effect: 'deny', id: '#0' }],
    default: 'ask',
    version: 1,
  })
  expect(accessPolicyText(other)).toBe(accessPolicyText(one))
  expect(hashAccessPolicy(other)).toEqual(hashAccessPolicy(one))
})

test('the hash of a policy is 32 bytes and stays what it is', () => {
  const policy = createAccessPolicy({
    version: 1,
    rules: [{ effect: 'deny', tool: 'shell', command: { program: 'rm' } }],
  })
  expect(accessPolicyText(policy)).toBe(
    '{"default":"ask","rules":[{"command":{"at":{"args":"/args","program":"/program"},"program":["rm"]},"effect":"deny","id":"#0","tool":["shell"]}],"version":1}',
  )
  expect(Buffer.from(hashAccessPolicy(policy)).toString('hex')).toMatchInlineSnapshot(
    `"bdeef02001031b3f32de802e3c9073716e08c89d917ca746283a04f3eac09f2d"`,
  )
})

test('another effect, another pattern and another order of rules give another hash', () => {
  const a = { effect: 'deny', tool: 'a', id: 'a' } as const
  const b = { effect: 'deny', tool: 'b', id: 'b' } as const
  const hashes = [[a, b], [b, a], [a], [{ ...a, effect: 'ask' as const }], [{ ...a, tool: 'a*' }]].map((rules) =>
    Buffer.from(hashAccessPolicy(createAccessPolicy({ version: 1, rules }))).toString('hex'),
  )
  expect(new Set(hashes).size).toBe(hashes.length)
})

const RULE = { effect: 'allow', tool: 'a' }
const inRule = (fields: object): object => ({ version: 1, rules: [{ ...RULE, ...fields }] })

test.for<[unknown, string]>([
  [undefined, 'policy data is undefined, expected an object'],
  [null, 'policy data is null, expected an object'],
  [[], 'policy data is a list, expected an object'],
  ['{}', 'policy data is "{}", expected an object'],
  [{}, 'policy version is undefined, expected 1'],
  [{ version: 2, rules: [] }, 'policy version is 2, expected 1'],
  [{ version: 1 }, 'policy rules is undefined, expected a list'],
  [{ version: 1, rules: {} }, 'policy rules is an object, expected a list'],
  [{ version: 1, rules: [], rulse: 1 }, 'policy rulse does not exist; did you mean rules?'],
  [
    { version: 1, rules: [], everything: 1 },
    'policy everything does not exist; there are version, name, default, rules',
  ],
  [{ version: 1, rules: [], default: 'no' }, 'policy default is "no", expected allow or ask or deny'],
  [{ version: 1, rules: [], name: 5 }, 'policy name is 5, expected a text'],
  [{ version: 1, rules: [1] }, 'policy rules[0] is 1, expected an object'],
  [{ version: 1, rules: [RULE, { tool: 'a' }] }, 'policy rules[1].effect is undefined, expected allow or ask or deny'],
  [inRule({ effect: 'alow' }), 'policy rules[0].effect is "alow", expected allow or ask or deny'],
  [inRule({ tool: undefined }), 'policy rules[0].tool is undefined, expected a list'],
  [inRule({ tool: [] }), 'policy rules[0].tool is an empty list, expected at least one element'],
  [inRule({ tool: ['a', ''] }), 'policy rules[0].tool[1] is "", expected a text'],
  [inRule({ tools: 'a' }), 'policy rules[0].tools does not exist; did you mean tool?'],
  [inRule({ tool: 'a'.repeat(1025) }), 'policy rules[0].tool is 1025 characters long, expected at most 1024'],
  [inRule({ id: '' }), 'policy rules[0].id is "", expected a text'],
  [{ version: 1, rules: [RULE, { ...RULE, id: '#0' }] }, 'policy rules[1].id is "#0", which rules[0] has already'],
  [inRule({ when: {} }), 'policy rules[0].when is empty, expected a condition'],
  [inRule({ when: { url: {} } }), 'policy rules[0].when.url is "url", expected a JSON pointer such as /url'],
  [inRule({ when: { '/a~2': {} } }), 'policy rules[0].when["/a~2"] is "/a~2", expected a JSON pointer such as /url'],
  [inRule({ when: { '/a': {} } }), 'policy rules[0].when["/a"] is empty, expected a condition'],
  [inRule({ when: { '/a': 'b' } }), 'policy rules[0].when["/a"] is "b", expected an object'],
  [
    inRule({ when: { '/a': { matches: '.*' } } }),
    'policy rules[0].when["/a"].matches does not exist; there are equals, oneOf, prefix, glob, under, host, atMost, atLeast, exists',
  ],
  [inRule({ when: { '/a': { atmost: 1 } } }), 'policy rules[0].when["/a"].atmost does not exist; did you mean atMost?'],
  [
    inRule({ when: { '/a': { equals: {} } } }),
    'policy rules[0].when["/a"].equals is an object, expected a text, a number, true, false or null',
  ],
  [inRule({ when: { '/a': { atMost: Number.NaN } } }), 'policy rules[0].when["/a"].atMost is NaN, expected a number'],
  [inRule({ when: { '/a': { exists: 1 } } }), 'policy rules[0].when["/a"].exists is 1, expected true or false'],
  [
    inRule({ when: { '/a': { exists: false, equals: 1 } } }),
    'policy rules[0].when["/a"].exists is false, which no other condition can go with',
  ],
  [inRule({ command: 'rm' }), 'policy rules[0].command is "rm", expected an object'],
  [inRule({ command: { progam: 'rm' } }), 'policy rules[0].command.progam does not exist; did you mean program?'],
  [inRule({ command: { at: 'a' } }), 'policy rules[0].command.at is "a", expected a JSON pointer such as /url'],
  [inRule({ command: { at: '/a/*' } }), 'policy rules[0].command.at is "/a/*", expected a pointer without *'],
  [inRule({ command: { at: { program: '/a' } } }), 'policy rules[0].command.at.args is undefined, expected a text'],
  [
    inRule({ command: { at: { program: '/a', arg: '/b' } } }),
    'policy rules[0].command.at.arg does not exist; did you mean args?',
  ],
  [inRule({ command: { args: 'a' } }), 'policy rules[0].command.args is "a", expected a list'],
  [inRule({ command: { args: [1] } }), 'policy rules[0].command.args[0] is 1, expected a text'],
  [
    inRule({ command: { has: [[]] } }),
    'policy rules[0].command.has[0] is an empty list, expected at least one element',
  ],
  [
    inRule({ effect: 'deny', command: { mayWrite: 'a' } }),
    'policy rules[0].command.mayWrite belongs to allow, not to deny',
  ],
  [inRule({ effect: 'ask', command: { maySet: 'a' } }), 'policy rules[0].command.maySet belongs to allow, not to ask'],
  [
    { version: 1, rules: Array.from({ length: 1001 }, () => RULE) },
    'policy rules has 1001 rules, expected at most 1000',
  ],
])('%j is refused', ([data, message]) => {
  expect(() => createAccessPolicy(data as AccessPolicyData)).toThrow(
    expect.objectContaining({ code: 'POLICY_INVALID', message }),
  )
})

test('a command without arguments is a list of none', () => {
  const policy = createAccessPolicy(inRule({ command: { args: [] } }) as AccessPolicyData)
  expect(policy.rules[0]?.command?.args).toEqual([])
})

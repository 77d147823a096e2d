import { expect, test } from 'vitest'

import {
  createAccessPolicy,
  evaluateCall,
  type AccessEffect,
  type AccessPolicyData,
  type AccessRuleData,
  type ArgumentCondition,
  type CommandMatch,
} from '../src/index.ts'

test('of all the rules that fit the most restrictive wins, wherever it stands', () => {
  const rules: readonly AccessRuleData[] = [
    { id: 'a', effect: 'allow', tool: '*' },
    { id: 'b', effect: 'deny', tool: 'write_*', reason: 'read only' },
    { id: 'c', effect: 'ask', tool: 'write_file' },
    { id: 'd', effect: 'deny', tool: '*_file', when: { '/path': { prefix: '/etc' } } },
  ]
  const expected = {
    effect: 'deny',
    reason: 'rule b has deny for this call: read only',
    rules: ['b', 'd'],
  }
  for (const order of [rules, rules.toReversed()]) {
    const decision = decide({ version: 1, rules: order }, 'write_file', { path: '/etc/passwd' })
    expect({ ...decision, rules: decision.rules.toSorted() }).toMatchObject({ effect: 'deny', rules: expected.rules })
  }
  expect(decide({ version: 1, rules }, 'write_file', { path: 'a' })).toEqual({ ...expected, rules: ['b'] })
  expect(decide({ version: 1, rules }, 'read_file', {})).toEqual({
    effect: 'allow',
    reason: 'rule a has allow for this call',
    rules: ['a'],
  })
})

test.for<[AccessEffect | undefined, AccessEffect]>([
  [undefined, 'ask'],
  ['allow', 'allow'],
  ['ask', 'ask'],
  ['deny', 'deny'],
])('a call that no rule is about becomes the default: %s', ([given, effect]) => {
  const data: AccessPolicyData = { version: 1, default: given, rules: [{ effect: 'allow', tool: 'a' }] }
  expect(decide(data, 'b', {})).toEqual({
    effect,
    reason: `no rule is about this call of b: the policy has ${effect} for that`,
    rules: [],
  })
})

test('of several policies the most restrictive answer counts', () => {
  const own = createAccessPolicy({ version: 1, name: 'own', rules: [{ effect: 'allow', tool: '*' }] })
  const company = createAccessPolicy({
    version: 1,
    name: 'company',
    default: 'allow',
    rules: [{ id: 'no-mail', effect: 'deny', tool: 'send_mail' }],
  })
  const call = { tool: 'send_mail', input: '{}' }
  expect(evaluateCall([own, company], call)).toMatchObject({ effect: 'deny', rules: ['no-mail'] })
  expect(evaluateCall([company, own], call)).toMatchObject({ effect: 'deny', rules: ['no-mail'] })
  expect(evaluateCall([own, company], { tool: 'x', input: '{}' })).toMatchObject({ effect: 'allow', rules: ['#0'] })
  expect(evaluateCall([], call)).toEqual({ effect: 'ask', reason: 'there is no policy', rules: [] })
})

test.for<[ArgumentCondition, unknown, boolean]>([
  [{ equals: 1 }, 1, true],
  [{ equals: 1 }, '1', false],
  [{ equals: null }, null, true],
  [{ equals: 'a' }, undefined, false],
  [{ oneOf: ['a', 2, true] }, 2, true],
  [{ oneOf: ['a', 2, true] }, false, false],
  [{ prefix: ['a', 'b'] }, 'bc', true],
  [{ prefix: 'a' }, 'ba', false],
  [{ prefix: '1' }, 12, false],
  [{ glob: 'a*c?' }, 'abbcd', true],
  [{ glob: 'a*c?' }, 'abbc', false],
  [{ glob: '*' }, '', true],
  [{ glob: 'a/*' }, 'a/b/c', true],
  [{ glob: String.raw`a\*` }, 'a*', true],
  [{ glob: String.raw`a\*` }, 'ab', false],
  [{ glob: ['x', '*y*'] }, 'ayb', true],
  [{ atMost: 5 }, 5, true],
  [{ atMost: 5 }, 5.1, false],
  [{ atMost: 5 }, '5', false],
  [{ atLeast: 1, atMost: 5 }, 3, true],
  [{ atLeast: 1, atMost: 5 }, 0, false],
  [{ exists: true }, null, true],
  [{ exists: true }, undefined, false],
  [{ exists: false }, undefined, true],
  [{ exists: false }, 1, false],
  [{ under: 'src' }, 'src/a.ts', true],
  [{ under: 'src' }, 'src', true],
  [{ under: './src/' }, 'src//a/./b', true],
  [{ under: 'src' }, 'src/../a', false],
  [{ under: 'src' }, 'srca', false],
  [{ under: 'src' }, '../src/a', false],
  [{ under: 'src' }, '/src/a', false],
  [{ under: '/src' }, '/src/a', true],
  [{ under: '/src' }, '/a/../src/b', true],
  [{ under: '/src' }, '/../../src/b', true],
  [{ under: '/src' }, '/src/../etc', false],
  [{ under: '/' }, '/anything', true],
  [{ under: '.' }, 'a/b', true],
  [{ under: '.' }, '../b', false],
  [{ under: 'packages/*/src' }, 'packages/a/src/b', true],
  [{ under: 'packages/*/src' }, 'packages/a/b/src/c', false],
  [{ under: '**/src' }, 'a/b/src/c', true],
  [{ under: '~/work' }, '~/work/a', true],
  [{ under: 'src' }, 'SRC/a', false],
  [{ under: 'src' }, 5, false],
  [{ under: 'src' }, 'src/a\0b', false],
  [{ host: 'example.com' }, 'https://example.com/a', true],
  [{ host: 'example.com' }, 'https://EXAMPLE.com./a', true],
  [{ host: 'example.com' }, 'https://example.com:8080', true],
  [{ host: 'example.com:443' }, 'https://example.com', true],
  [{ host: 'example.com:443' }, 'https://example.com:8080', false],
  [{ host: '*.example.com' }, 'https://a.b.example.com', true],
  [{ host: '*.example.com' }, 'https://example.com', false],
  [{ host: '*.example.com' }, 'https://evil-example.com', false],
  [{ host: 'example.com' }, 'https://example.com@evil.com/', false],
  [{ host: 'example.com' }, 'https://evil.com/example.com', false],
  [{ host: 'example.com' }, 'https://evil.com#@example.com', false],
  [{ host: 'example.com' }, String.raw`https://evil.com\@example.com`, false],
  [{ host: 'example.com' }, 'https://ex\tample.com', false],
  [{ host: 'example.com' }, ' https://example.com', false],
  [{ host: 'example.com' }, 'https:example.com', false],
  [{ host: 'example.com' }, String.raw`https:\\example.com`, false],
  [{ host: 'example.com' }, String.raw`https://example.com\@evil.com/`, false],
  [{ host: 'example.com' }, 'https://a@evil.com@example.com/', false],
  [{ host: 'example.com' }, 'https://a@example.com/b@c d', true],
  [{ host: '127.0.0.1' }, 'http://[::ffff:7f00:1]/', true],
  [{ host: '127.0.0.1' }, 'http://[::ffff:127.0.0.1]:80/', true],
  [{ host: '127.0.0.1' }, 'http://[::7f00:1]/', false],
  [{ host: '127.0.0.1' }, 'http://0x7f.1/', true],
  [{ host: 'xn--bcher-kva.example' }, 'https://bücher.example', true],
  [{ host: 'example.com' }, 'example.com', false],
  [{ host: 'example.com' }, 'mailto:a@example.com', false],
  [{ host: '*' }, 'not a url', false],
  [{ host: 'example.com' }, 5, false],
  [{ prefix: 'https://', host: 'a.b' }, 'http://a.b', false],
])('an allow with %j for %j: %s', ([condition, value, holds]) => {
  const data: AccessPolicyData = {
    version: 1,
    default: 'deny',
    rules: [{ effect: 'allow', tool: 't', when: { '/x': condition } }],
  }
  expect(decide(data, 't', { x: value }).effect).toBe(holds ? 'allow' : 'deny')
})

test.for<[ArgumentCondition, unknown, AccessEffect]>([
  [{ under: '/etc' }, '/ETC/passwd', 'deny'],
  [{ under: '/etc' }, '../../etc/passwd', 'ask'],
  [{ under: '/etc' }, '~/x', 'ask'],
  [{ under: '/etc' }, '', 'ask'],
  [{ under: '/etc' }, 'src/a', 'allow'],
  [{ under: '.git' }, 'a/../.GIT/config', 'deny'],
  [{ under: '.git' }, '/srv/.git/config', 'ask'],
  [{ under: '.git' }, 'src/.git', 'allow'],
  [{ host: 'evil.com' }, 'https://evil.com./', 'deny'],
  [{ host: 'evil.com' }, '//evil.com/', 'ask'],
  [{ host: 'evil.com' }, 'https://good.com/', 'allow'],
])('a deny with %j for %j comes to %s', ([condition, value, effect]) => {
  const data: AccessPolicyData = {
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 't', when: { '/x': condition } }],
  }
  expect(decide(data, 't', { x: value }).effect).toBe(effect)
})

test('an allow wants every element of a list to fit, a deny one', () => {
  const when = { '/paths/*': { under: 'src' } }
  const allow: AccessPolicyData = { version: 1, default: 'ask', rules: [{ effect: 'allow', tool: 't', when }] }
  const deny: AccessPolicyData = { version: 1, default: 'allow', rules: [{ effect: 'deny', tool: 't', when }] }
  const both = { paths: ['src/a', 'lib/b'] }
  expect(decide(allow, 't', both).effect).toBe('ask')
  expect(decide(allow, 't', { paths: ['src/a', 'src/b'] }).effect).toBe('allow')
  expect(decide(allow, 't', { paths: [] }).effect).toBe('ask')
  expect(decide(deny, 't', both).effect).toBe('deny')
  expect(decide(deny, 't', { paths: ['lib/b'] }).effect).toBe('allow')
})

test('pointers lead through objects, lists and keys with slashes, and to nothing of a prototype', () => {
  const at = (pointer: string, input: unknown): AccessEffect =>
    decide({ version: 1, rules: [{ effect: 'allow', tool: 't', when: { [pointer]: { exists: true } } }] }, 't', input)
      .effect
  expect(at('/a/0/b', { a: [{ b: 1 }] })).toBe('allow')
  expect(at('/a/1/b', { a: [{ b: 1 }] })).toBe('ask')
  expect(at('/a/00/b', { a: [{ b: 1 }] })).toBe('ask')
  expect(at('/a~1b/~0', { 'a/b': { '~': 1 } })).toBe('allow')
  expect(at('/', { '': 1 })).toBe('allow')
  expect(at('/constructor', {})).toBe('ask')
  expect(at('/a/length', { a: 'text' })).toBe('ask')
  expect(at('/a/length', { a: [] })).toBe('ask')
})

test('arguments that are no JSON fit no allow, and may fit everything else', () => {
  const rules: readonly AccessRuleData[] = [
    { effect: 'allow', tool: '*' },
    { id: 'd', effect: 'deny', tool: 'fetch', when: { '/url': { host: 'evil.com' } } },
    { id: 'c', effect: 'deny', tool: 'bash', command: { at: '/command', program: 'rm' } },
  ]
  const policy = createAccessPolicy({ version: 1, rules })
  expect(evaluateCall(policy, { tool: 'fetch', input: '{' })).toMatchObject({ effect: 'ask', rules: ['d'] })
  expect(evaluateCall(policy, { tool: 'bash', input: 'rm' })).toMatchObject({ effect: 'ask', rules: ['c'] })
  // A call without arguments may be written like that.
  expect(evaluateCall(policy, { tool: 'bash', input: '' })).toMatchObject({ effect: 'allow' })
  expect(evaluateCall(policy, { tool: 'x', input: '{' })).toMatchObject({ effect: 'allow' })
  const strict = createAccessPolicy({
    version: 1,
    rules: [{ effect: 'allow', tool: 'fetch', when: { '/url': { glob: '*' } } }],
  })
  expect(evaluateCall(strict, { tool: 'fetch', input: '{' }).effect).toBe('ask')
})

test('a program and its arguments are found where the built-in shell has them', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [
      { id: 'git', effect: 'allow', tool: 'shell', command: { program: 'git', args: ['status', '**'] } },
      { id: 'push', effect: 'deny', tool: 'shell', command: { program: 'git', has: ['push'] } },
    ],
  }
  expect(decide(data, 'shell', { program: 'git', args: ['status', '-s'] })).toMatchObject({ effect: 'allow' })
  expect(decide(data, 'shell', { program: 'git', args: ['log'] })).toMatchObject({ effect: 'ask', rules: [] })
  expect(decide(data, 'shell', { program: 'git', args: ['push'] })).toMatchObject({ effect: 'deny' })
  expect(decide(data, 'shell', { program: 'sh', args: ['-c', 'ls; git push'] })).toMatchObject({
    effect: 'deny',
    command: 'git push',
    rules: ['push'],
  })
  expect(decide(data, 'shell', { program: 'env', args: ['A=1', 'git', 'push'] })).toMatchObject({ effect: 'deny' })
  // No shell takes these apart: a dollar is a dollar.
  expect(decide(data, 'shell', { program: 'git', args: ['status', '$(x)', '*'] })).toMatchObject({ effect: 'allow' })
  expect(decide(data, 'shell', { program: 'git' })).toMatchObject({ effect: 'ask', rules: [] })
  expect(decide(data, 'shell', { program: 'git', args: 'push' })).toMatchObject({ effect: 'ask', rules: ['push'] })
  expect(decide(data, 'shell', { program: 5 })).toMatchObject({ effect: 'ask', rules: ['push'] })
  expect(decide(data, 'shell', {})).toMatchObject({ effect: 'ask', rules: [] })
})

test('a list of words at one place is a program and its arguments', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [{ id: 'no', effect: 'deny', tool: 'exec', command: { at: '/argv', program: 'rm' } }],
  }
  expect(decide(data, 'exec', { argv: ['sudo', 'rm', 'x'] })).toMatchObject({ effect: 'deny', command: 'rm x' })
  expect(decide(data, 'exec', { argv: [] })).toMatchObject({ effect: 'ask', rules: [] })
  expect(decide(data, 'exec', { argv: [1] })).toMatchObject({ effect: 'ask', rules: ['no'] })
})

test.for<[CommandMatch, string, AccessEffect]>([
  [{ program: 'g*' }, 'git x', 'deny'],
  [{ program: ['a', 'git'] }, 'git x', 'deny'],
  [{ program: '/usr/bin/git' }, '/usr/bin/git x', 'deny'],
  [{ program: '/usr/bin/git' }, '/usr/bin/../bin/git x', 'deny'],
  [{ program: '/usr/bin/git' }, 'git x', 'ask'],
  [{ program: '/usr/bin/git' }, './git x', 'ask'],
  [{ program: '/usr/bin/git' }, '/bin/git x', 'allow'],
  [{ program: './run.sh' }, './run.sh', 'deny'],
  [{ program: './run.sh' }, 'cd a; ./run.sh', 'ask'],
  [{ program: 'git', args: ['push', '**'] }, 'git push origin main', 'deny'],
  [{ program: 'git', args: ['push', '**'] }, 'git push', 'deny'],
  [{ program: 'git', args: ['push', '*'] }, 'git push', 'allow'],
  [{ program: 'git', args: ['push', '*'] }, 'git push "$X"', 'deny'],
  [{ program: 'git', args: ['push', '*'] }, 'git push $X', 'ask'],
  [{ program: 'git', args: ['push'] }, 'git $X', 'ask'],
  [{ program: 'git', args: ['push', 'a'] }, 'git $X', 'ask'],
  [{ program: 'git', args: ['a', 'b', 'c'] }, 'git a $X c', 'ask'],
  [{ program: 'git', args: ['a', 'b', 'c'] }, 'git a $X d', 'allow'],
  [{ program: 'git', args: [] }, 'git', 'deny'],
  [{ program: 'git', args: [] }, 'git $X', 'ask'],
  [{ program: 'git', args: [] }, 'git "$X"', 'ask'],
  [{ program: 'ls', args: [] }, 'ls "$X"', 'allow'],
  [{ program: 'git', args: ['**', 'push', '**'] }, 'git -C x push', 'deny'],
  [{ program: 'git', args: ['**', '--*'] }, 'git a --b', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push -f', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push -uf', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push --force', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push --force=yes', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push --for', 'deny'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push --follow', 'allow'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push -- f', 'allow'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push', 'allow'],
  [{ program: 'git', has: ['push', ['-f', '--force']] }, 'git push "$X"', 'ask'],
  [{ program: 'git', has: ['push'], not: ['--dry-run'] }, 'git push', 'deny'],
  [{ program: 'git', has: ['push'], not: ['--dry-run'] }, 'git push --dry-run', 'allow'],
  [{ program: 'git', has: ['push'], not: ['--dry-run'] }, 'git push $X', 'ask'],
  [{ sets: 'LD_*' }, 'LD_PRELOAD=a ls', 'deny'],
  [{ sets: 'LD_*' }, 'export LD_PRELOAD=a; ls', 'deny'],
  [{ sets: 'LD_*' }, 'env LD_PRELOAD=a ls', 'deny'],
  [{ sets: 'LD_*' }, 'A=1 ls', 'allow'],
  [{ writes: '/etc/**' }, 'echo a > /etc/x/y', 'deny'],
  [{ writes: '/etc/**' }, 'echo a > /tmp/../etc/x', 'deny'],
  [{ writes: '/etc/**' }, 'echo a > a', 'allow'],
  [{ writes: '/etc/**' }, 'echo a > "$X"', 'ask'],
  [{ writes: '/etc/**' }, 'echo a > ../../etc/x', 'ask'],
  [{ writes: '/etc/**' }, 'cat < /etc/x', 'allow'],
  [{ writes: 'a' }, 'cd x; echo > a', 'ask'],
  [{ writes: 'a' }, 'echo > /srv/a', 'ask'],
  [{ reads: '/etc/*' }, 'cat < /etc/x', 'deny'],
  [{ reads: '/etc/*' }, 'cat < /etc/x/y', 'allow'],
  [{ reads: '/etc/*' }, 'cat <<E\n/etc/x\nE', 'allow'],
  [{}, 'ls', 'deny'],
])('a deny with %j for %j comes to %s', ([command, script, effect]) => {
  const data: AccessPolicyData = {
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 't', command: { at: '/command', ...command } }],
  }
  expect(decide(data, 't', { command: script }).effect).toBe(effect)
})

test.for<[CommandMatch, string, boolean]>([
  [{ program: 'git' }, 'git x', true],
  [{ program: 'git' }, '/usr/bin/git x', true],
  [{ program: 'git' }, '/usr/local/bin/git x', true],
  [{ program: 'git' }, '/opt/homebrew/bin/git x', true],
  [{ program: 'git' }, '/usr/bin/../../tmp/git x', false],
  [{ program: 'git' }, 'GIT x', false],
  [{ program: '*' }, 'anything x', true],
  [{ program: '*' }, 'python -c 1', false],
  [{ program: 'p*' }, 'python -c 1', false],
  [{ program: 'python' }, 'python -c 1', true],
  [{ program: 'python', args: ['-c', '**'] }, 'python -c 1', true],
  [{ program: 'python' }, "bash -c 'python -c 1'", true],
  [{}, 'python -c 1', false],
  [{}, 'ls', true],
  [{ program: 'bash' }, 'bash script.sh', true],
  [{ program: 'bash' }, "bash -c 'ls'", false],
  [{ program: ['sudo', 'ls'] }, 'sudo ls', true],
  [{ program: './build.sh' }, './build.sh', true],
  [{ program: './build.sh' }, 'a/../build.sh', true],
  [{ program: './build.sh' }, 'cd a; ./build.sh', false],
  [{ program: './*.sh' }, './a.sh', true],
  [{ program: './*.sh' }, './a/b.sh', false],
  [{ program: 'git', args: ['log', '**'] }, 'git log $X', true],
  [{ program: 'git', args: ['log', '*'] }, 'git log $X', false],
  [{ program: 'git', args: ['log', '*'] }, 'git log "$X"', true],
  [{ program: 'git', not: ['--output'] }, 'git log', true],
  [{ program: 'git', not: ['--output'] }, 'git log --output=a', false],
  [{ program: 'git', not: ['--output'] }, 'git log --outp a', false],
  [{ program: 'git', not: ['--output'] }, 'git log "$X"', false],
  [{ program: 'ls', maySet: 'LC_*' }, 'LC_ALL=C ls', true],
  [{ program: 'ls', maySet: 'LC_*' }, 'LC_ALL=C PATH=a ls', false],
  [{ program: 'ls', mayWrite: 'out/**' }, 'ls > out/a/b', true],
  [{ program: 'ls', mayWrite: 'out/**' }, 'ls > out/../b', false],
  [{ program: 'ls', mayWrite: 'out/**' }, 'ls > out/"$X"', false],
  [{ program: 'ls', mayWrite: 'out/**' }, 'ls < out/a', false],
  [{ program: ['ls', 'cd'], mayWrite: 'out/**' }, 'cd a; ls > out/b', false],
  [{ program: 'ls', mayWrite: '**' }, 'ls > a > b', true],
  [{ program: 'ls', mayRead: 'in' }, 'ls < in', true],
  [{ program: 'ls', mayRead: 'in' }, 'ls <> in', false],
  [{ program: 'ls', mayWrite: '/dev/tcp/**' }, 'ls > /dev/tcp/a/1', true],
])('an allow with %j for %j: %s', ([command, script, holds]) => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [{ effect: 'allow', tool: 't', command: { at: '/command', ...command } }],
  }
  expect(decide(data, 't', { command: script }).effect).toBe(holds ? 'allow' : 'ask')
})

test('every command has to be allowed, and each may be by another rule', () => {
  const allow = (program: string): AccessRuleData => ({
    id: program,
    effect: 'allow',
    tool: 't',
    command: { at: '/command', program },
  })
  const data: AccessPolicyData = { version: 1, default: 'deny', rules: [allow('git'), allow('ls')] }
  expect(decide(data, 't', { command: 'git log | ls' })).toMatchObject({ effect: 'allow', rules: ['git', 'ls'] })
  expect(decide(data, 't', { command: 'git log | ls | wc -l' })).toEqual({
    effect: 'deny',
    reason: 'no rule is about the command "wc -l": the policy has deny for that',
    rules: [],
    command: 'wc -l',
  })
})

test('a rule for the whole call is about every command in it', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [
      { id: 'all', effect: 'allow', tool: 't' },
      { id: 'rm', effect: 'deny', tool: 't', command: { at: '/command', program: 'rm' }, reason: 'ask a person' },
    ],
  }
  expect(decide(data, 't', { command: 'make; python -c 1 > f' })).toMatchObject({ effect: 'ask', rules: ['rm'] })
  expect(decide(data, 't', { command: 'make > f' })).toMatchObject({ effect: 'allow', rules: ['all'] })
  expect(decide(data, 't', { command: 'make; env rm -r x' })).toEqual({
    effect: 'deny',
    reason: 'rule rm has deny for the command "rm -r x": ask a person',
    rules: ['rm'],
    command: 'rm -r x',
  })
  expect(decide(data, 't', { command: '$X a' })).toEqual({
    effect: 'ask',
    reason:
      'rule rm, which has deny, may be about the command "$X a", because its program is not known before it runs: ask a person',
    rules: ['rm'],
    command: '$X a',
  })
  expect(decide({ version: 1, rules: data.rules.slice(0, 1) }, 't', { command: '$X a' }).effect).toBe('allow')
})

test('the rule that decides names itself where another call only falls back', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [{ id: 'rm', effect: 'ask', tool: 't', command: { at: '/command', program: 'rm' } }],
  }
  expect(decide(data, 't', { command: 'ls; rm x' })).toMatchObject({
    reason: 'rule rm has ask for the command "rm x"',
    command: 'rm x',
  })
})

test('commands at several places are judged by the rules for each', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [
      { effect: 'allow', tool: 't', command: { at: '/before', program: 'ls' } },
      { effect: 'allow', tool: 't', command: { at: '/after', program: 'git' } },
    ],
  }
  expect(decide(data, 't', { before: 'ls', after: 'git log' }).effect).toBe('allow')
  expect(decide(data, 't', { before: 'git log', after: 'ls' }).effect).toBe('ask')
  expect(decide(data, 't', { before: 'ls' }).effect).toBe('allow')
})

test('a rule about commands counts only where its conditions hold', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [
      {
        effect: 'allow',
        tool: 't',
        when: { '/cwd': { under: '/srv' } },
        command: { at: '/command', program: 'make' },
      },
    ],
  }
  expect(decide(data, 't', { command: 'make', cwd: '/srv/a' }).effect).toBe('allow')
  expect(decide(data, 't', { command: 'make', cwd: '/tmp' }).effect).toBe('ask')
  expect(decide(data, 't', { command: 'make' }).effect).toBe('ask')
})

test('a long command is shown in part', () => {
  const data: AccessPolicyData = {
    version: 1,
    rules: [{ effect: 'deny', tool: 't', command: { at: '/command', program: 'rm' } }],
  }
  const { command = '' } = decide(data, 't', { command: `rm ${'a'.repeat(1000)}` })
  expect(command).toBe(`rm ${'a'.repeat(197)}…`)
})

function decide(data: AccessPolicyData, tool: string, input: unknown): ReturnType<typeof evaluateCall> {
  return evaluateCall(createAccessPolicy(data), { tool, input: JSON.stringify(input) })
}

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createAccessPolicy, createCallPolicy, evaluateCall, type AccessPolicyData } from '../src/index.ts'
import { callOf, SHELL_POLICY } from './shell-policy.ts'

const call = (tool: string) => ({ tool, input: '{}' })

test('the most restrictive of several policies counts', () => {
  const policy = createCallPolicy(
    { version: 1, default: 'allow', rules: [{ effect: 'ask', tool: 'write' }] },
    { version: 1, default: 'allow', rules: [{ effect: 'deny', tool: 'drop', reason: 'never' }] },
  )
  const effects = ['read', 'write', 'drop'].map((tool) => policy.evaluate(call(tool)).effect)
  expect(effects).toEqual(['allow', 'ask', 'deny'])
  expect(policy.evaluate(call('drop')).reason).toContain('never')
})

test('its data is the same however the rules were abbreviated', () => {
  const short = { version: 1, rules: [{ effect: 'deny', tool: 'drop' }] } as const
  const long = { rules: [{ tool: ['drop'], id: '#0', effect: 'deny' }], default: 'ask', version: 1 } as const
  expect(createCallPolicy(short).data).toEqual(createCallPolicy(long).data)
  expect(createCallPolicy(short).data).toEqual([createAccessPolicy(short)])
})

test('data that is no policy is refused when it is made, not when a call comes', () => {
  expect(() => createCallPolicy(JSON.parse('{"version":2,"rules":[]}'))).toThrow(
    expect.objectContaining({ code: 'POLICY_INVALID' }),
  )
})

test('the same call asked for again is not judged again, and gets what nobody can change', () => {
  const policy = createCallPolicy(SHELL_POLICY)
  const first = policy.evaluate(callOf('ls; rm x'))
  expect(policy.evaluate(callOf('ls; rm x'))).toBe(first)
  expect(first).toMatchObject({ effect: 'deny', rules: ['no-rm'], command: 'rm x' })
  expect([Object.isFrozen(first), Object.isFrozen(first.rules)]).toEqual([true, true])
})

test('a decision is that of the call, whatever was asked for before', () => {
  const rules: AccessPolicyData['rules'] = [
    ...SHELL_POLICY.rules,
    { effect: 'deny', tool: 'b', when: { '/a': { equals: 1 } } },
    { effect: 'allow', tool: 'a' },
  ]
  const data: AccessPolicyData = { version: 1, rules }
  const policy = createCallPolicy(data)
  const tool = fc.constantFrom('a', 'b', 'bash', 'a"', 'a","{')
  const input = fc.oneof(
    fc.constantFrom('{}', '', '{"a":1}', '{"a":2}', ',"{}', '{"command":"ls"}', '{"command":"rm"}'),
    fc.nat(60).map((at) => JSON.stringify({ command: `ls ${at}; ${at % 2 === 0 ? 'rm' : 'cat'} x` })),
  )
  fc.assert(
    fc.property(fc.array(fc.record({ tool, input }), { maxLength: 60 }), (calls) => {
      for (const one of calls) expect(policy.evaluate(one)).toEqual(evaluateCall(policy.data, one))
    }),
  )
})

test('long arguments are judged as short ones are, and not kept', () => {
  const policy = createCallPolicy(SHELL_POLICY)
  const long = callOf(`ls ${'a'.repeat(20_000)}`)
  const first = policy.evaluate(long)
  expect(first.effect).toBe('allow')
  expect(policy.evaluate(long)).toEqual(first)
  expect(policy.evaluate(long)).not.toBe(first)
})

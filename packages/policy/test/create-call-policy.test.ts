import { expect, test } from 'vitest'
import { createAccessPolicy, createCallPolicy } from '../src/index.ts'

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

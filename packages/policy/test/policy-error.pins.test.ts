import { expect, test } from 'vitest'

import { createAccessPolicy, PolicyError, type AccessPolicyData, type PolicyErrorCode } from '../src/index.ts'

test('the codes stay what they are', () => {
  const codes: Record<PolicyErrorCode, true> = { POLICY_INVALID: true }
  expect(Object.keys(codes)).toEqual(['POLICY_INVALID'])
})

test('a refused policy is an error with a code, and not worth another try', () => {
  const make = (): unknown => createAccessPolicy({ version: 2 } as unknown as AccessPolicyData)
  expect(make).toThrow(PolicyError)
  expect(make).toThrow(expect.objectContaining({ code: 'POLICY_INVALID', name: 'PolicyError', retryable: false }))
})

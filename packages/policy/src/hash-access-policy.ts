import { blake3, cborToJson, encodeValue } from '@starling/event'

import type { AccessPolicy } from './access-policy.ts'

/** Writes a policy as canonical JSON: everything filled in, keys in one order. The same policy is the same text. */
export function accessPolicyText(policy: AccessPolicy): string {
  return cborToJson(encodeValue(policy))
}

/** The BLAKE3 hash of a policy, 32 bytes, over its canonical CBOR: the same however the data was ordered or abbreviated. */
export function hashAccessPolicy(policy: AccessPolicy): Uint8Array {
  return blake3(encodeValue(policy))
}

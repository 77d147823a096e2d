import { CborReader } from './cbor-reader.ts'
import { withWriter } from './cbor-writer.ts'
import { EventError } from './event-error.ts'
import { KIND, kindName } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { readMap } from './payload-decode.ts'
import { writeMap } from './payload-encode.ts'
import { payloadFields } from './payload-fields.ts'
import { planMap } from './payload-plan.ts'
import type { MapPlan } from './payload-plan.ts'
import type { PayloadByKind } from './payloads.ts'

const PLANS: ReadonlyMap<number, MapPlan> = new Map(
  Object.values(KIND).map((kind) => [kind, planMap(kindName(kind), payloadFields(kind) ?? [])]),
)

/**
 * Encodes a typed payload as one canonical CBOR map.
 *
 * Every key is present except those that are left out when empty. Integers
 * are the numbers they are, also beyond `Number.MAX_SAFE_INTEGER`.
 *
 * @throws {@link EventError} `EVENT_ENCODE` for a value of the wrong type or
 * range, or an embedded item that is not well-formed CBOR.
 */
export function encodePayload<K extends Kind>(kind: K, payload: PayloadByKind[K]): Uint8Array {
  const plan = planOf(kind, 'EVENT_ENCODE')
  return withWriter((writer) => {
    writeMap(writer, plan, payload)
    return writer.toBytes()
  })
}

/**
 * Decodes the payload of an event of `kind`.
 *
 * Strict about the bytes (one item, definite lengths, valid UTF-8, no key
 * twice, 32 levels), tolerant about what they say: unknown keys are ignored,
 * a missing key or a null leaves the field at zero, empty or `null`, and the
 * order of keys is free. An embedded item keeps its bytes, also those of null.
 * An integer beyond `Number.MAX_SAFE_INTEGER` becomes the nearest double; read
 * the bytes with {@link decodeCbor} where the last digits matter.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export function decodePayload<K extends Kind>(kind: K, bytes: Uint8Array): PayloadByKind[K] {
  const plan = planOf(kind, 'EVENT_DECODE')
  const reader = new CborReader(bytes)
  const draft: unknown = readMap(reader, plan, 1)
  reader.expectEnd()
  // The plan of a kind yields exactly the properties of its interface: payload-fields.ts holds the two together.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return draft as PayloadByKind[K]
}

function planOf(kind: number, code: 'EVENT_DECODE' | 'EVENT_ENCODE'): MapPlan {
  const plan = PLANS.get(kind)
  if (plan === undefined) throw new EventError(code, `no payload is known for ${kindName(kind)}`)
  return plan
}

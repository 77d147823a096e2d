import {
  CborFloat,
  CborRaw,
  CborTag,
  decodePayload,
  encodeCbor,
  encodePayload,
  KIND,
  payloadFields,
  utf8Decode,
} from '@starling/event'
import type { CborValue } from '@starling/event'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { scanFieldsOf, scanPayload } from '../src/payload-scan.ts'
import { StepReader } from '../src/read-step.ts'
import type { Step, StepKind } from '../src/read-step.ts'
import { readGoldenRuns } from './fixtures.ts'

const STEP_KINDS: readonly StepKind[] = [
  KIND.TurnStarted,
  KIND.AssistantMessageCompleted,
  KIND.ToolCallScheduled,
  KIND.ToolCallCompleted,
  KIND.ToolCallFailed,
  KIND.BudgetExceeded,
]
const RECORDED = readGoldenRuns()
  .flatMap((run) => run.events)
  .flatMap(({ kind, payload }) => (isStepKind(kind) ? [{ kind, payload }] : []))
const MESSAGE = {
  turnId: 't1',
  text: 'Grüße ✓',
  toolUses: [
    {
      callId: 'inner',
      tool: 'a',
      args: encodeCbor({ list: [1, -1, null, true, new CborFloat(0.1), [], {}], text: 'é' }),
    },
    { callId: 'other', tool: 'b', args: encodeCbor(2n ** 40n) },
  ],
  stopReason: 'stop',
  inputTokens: 70_000,
  outputTokens: 2 ** 32 - 1,
  costUsd: 0.25,
  rawResponseHash: null,
  rate: { input: 1.5, output: 3 },
}

describe('the scan', () => {
  test('accepts what the reference recorded, except what the decoder refuses', () => {
    const refused = RECORDED.filter(({ kind, payload }) => !scan(kind, payload).accepted)
    expect(RECORDED.length).toBeGreaterThan(400)
    expect(refused.filter(({ kind, payload }) => decoded(kind, payload) !== undefined)).toEqual([])
    expect(refused).toHaveLength(1)
  })

  test('picks out what the decoder finds', () => {
    for (const { kind, payload } of RECORDED) {
      const { accepted, step } = scan(kind, payload)
      expect(accepted ? step : undefined).toEqual(decoded(kind, payload))
    }
  })

  test('accepts what this runtime writes, with every optional field', () => {
    const { accepted, step } = scan(5, encodePayload(KIND.AssistantMessageCompleted, MESSAGE))
    expect(accepted).toBe(true)
    expect(step).toEqual({ turnId: 't1', callId: '', attempt: 0 })
  })

  test.each(['x'.repeat(5000), 'é'.repeat(2500), `${'x'.repeat(511)}é`, ''])('accepts texts of any length', (text) => {
    expect(scan(5, encodePayload(KIND.AssistantMessageCompleted, { ...MESSAGE, text })).accepted).toBe(true)
  })

  test('never accepts what the decoder refuses, and agrees with it, however bytes are changed', () => {
    fc.assert(
      fc.property(anyDamagedPayload(), ({ kind, payload }) => {
        const { accepted, step } = scan(kind, payload)
        expect(accepted ? step : decoded(kind, payload)).toEqual(decoded(kind, payload))
      }),
      { numRuns: 6000 },
    )
  })

  test('never accepts what the decoder refuses, whatever a field holds', () => {
    fc.assert(
      fc.property(anyOddPayload(), ({ kind, payload }) => {
        const { accepted, step } = scan(kind, payload)
        expect(accepted ? step : decoded(kind, payload)).toEqual(decoded(kind, payload))
      }),
      { numRuns: 5000 },
    )
  })

  test('allows arguments as deep as the decoder does', () => {
    const depths = Array.from({ length: 40 }, (_, depth) => depth)
    const limits = [KIND.ToolCallScheduled, KIND.AssistantMessageCompleted].map((kind) => {
      const accepted = depths.filter((depth) => scan(kind, nested(kind, depth)).accepted)
      expect(accepted).toEqual(depths.filter((depth) => decoded(kind, nested(kind, depth)) !== undefined))
      return Math.max(...accepted)
    })
    expect(limits).toEqual([31, 29])
  })
})

describe('StepReader', () => {
  test('reads what the decoder finds, event after event', () => {
    const steps = new StepReader()
    for (const { kind, payload } of RECORDED.filter((each) => decoded(each.kind, each.payload) !== undefined)) {
      expect(steps.read(kind, payload)).toEqual(decoded(kind, payload))
    }
  })

  test('tells ids apart that differ in one byte, or in length', () => {
    const steps = new StepReader()
    const ids = ['c1', 'c1', 'c2', 'c', '', 'c1', 'd1', 'é1', 'é2', 'c1']
    const read = ids.map((callId) => {
      const payload = encodePayload(KIND.ToolCallCompleted, {
        callId,
        result: encodeCbor(1),
        durationMs: 0,
        attempt: 1,
      })
      return steps.read(KIND.ToolCallCompleted, payload).callId
    })
    expect(read).toEqual(ids)
  })

  test('reads payloads that the scan leaves to the decoder', () => {
    const unsorted = encodeCbor(
      new Map<string, CborValue>([
        ['unknown', 1],
        ['call_id', 'c'],
        ['attempt', 7],
      ]),
    )
    expect(scan(KIND.ToolCallScheduled, unsorted).accepted).toBe(false)
    expect(new StepReader().read(KIND.ToolCallScheduled, unsorted)).toEqual({ turnId: '', callId: 'c', attempt: 7 })
  })

  test('refuses a payload for a damaged field that nobody asked for', () => {
    const payload = encodeCbor({ turn_id: 't1', cost_usd: 'much' })
    expect(() => new StepReader().read(KIND.AssistantMessageCompleted, payload)).toThrow(
      expect.objectContaining({ code: 'EVENT_DECODE' }),
    )
  })
})

function scan(kind: number, payload: Uint8Array): { accepted: boolean; step: Step } {
  const found = scanPayload(payload, scanFieldsOf(kind))
  const text = (start = 0, end = 0): string => utf8Decode(payload, start, end)
  return {
    accepted: found !== undefined,
    step: {
      turnId: text(found?.turnStart, found?.turnEnd),
      callId: text(found?.callStart, found?.callEnd),
      attempt: found?.attempt ?? 0,
    },
  }
}

function decoded(kind: number, payload: Uint8Array): Step | undefined {
  try {
    const fields = decodePayload(kind as StepKind, payload) as unknown as Partial<Step>
    return { turnId: fields.turnId ?? '', callId: fields.callId ?? '', attempt: fields.attempt ?? 0 }
  } catch {
    return undefined
  }
}

function isStepKind(kind: number): kind is StepKind {
  return STEP_KINDS.some((each) => each === kind)
}

/** Recorded payloads with a few bytes changed, inserted or cut off. */
function anyDamagedPayload(): fc.Arbitrary<{ kind: number; payload: Uint8Array }> {
  const samples = [
    ...STEP_KINDS.flatMap((kind) => RECORDED.filter((each) => each.kind === kind).slice(0, 4)),
    { kind: KIND.AssistantMessageCompleted, payload: encodePayload(KIND.AssistantMessageCompleted, MESSAGE) },
  ]
  const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), op: fc.nat(5) }), { minLength: 1, maxLength: 3 })
  return fc.record({ sample: fc.constantFrom(...samples), edits }).map(({ sample, edits: list }) => {
    const bytes = [...sample.payload]
    for (const { at, byte, op } of list) {
      const index = at % bytes.length
      if (op === 0) bytes.splice(index, 1)
      else if (op === 1) bytes.splice(index, 0, byte)
      else bytes[index] = byte
    }
    return { kind: sample.kind, payload: Uint8Array.from(bytes) }
  })
}

/** Maps with the right keys and values of any type. */
function anyOddPayload(): fc.Arbitrary<{ kind: number; payload: Uint8Array }> {
  const value: fc.Arbitrary<CborValue> = fc.oneof(
    fc.constantFrom<CborValue>(null, undefined, true, false, '', 't1', [], {}, new CborFloat(1.5), new CborFloat(2)),
    fc.constantFrom<CborValue>(0, 1, -1, 2 ** 32 - 1, 2 ** 32, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n),
    fc.constantFrom<CborValue>(new CborTag(1, 5), [{ call_id: 'x', tool: 'y', args: 1 }], { input: new CborFloat(1) }),
    fc.constantFrom<CborValue>(new CborRaw(Uint8Array.of(0x61, 0xff)), new CborRaw(Uint8Array.of(0xf8, 0x20))),
    fc.uint8Array({ maxLength: 4 }),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  )
  return fc.constantFrom(...STEP_KINDS).chain((kind) => {
    const keys = (payloadFields(kind) ?? []).map((field) => field.key)
    return fc
      .uniqueArray(fc.tuple(fc.constantFrom(...keys, 'unknown', 'Call_id', ''), value), { selector: ([key]) => key })
      .map((entries) => ({ kind, payload: encodeCbor(Object.fromEntries(entries)) }))
  })
}

/** A payload whose arguments are arrays in arrays. */
function nested(kind: number, depth: number): Uint8Array {
  const bytes = new Uint8Array(depth + 1).fill(0x81)
  bytes[depth] = 0x01
  const args = new CborRaw(bytes)
  return encodeCbor(kind === KIND.ToolCallScheduled ? { args } : { tool_uses: [{ args }] })
}

import { describe, expect, test } from 'vitest'

import { createBlake3 } from '../src/blake3.ts'
import { fromHex, toHex, utf8Encode } from '../src/bytes.ts'
import { encodeCbor } from '../src/cbor-encode.ts'
import { CborFloat, CborRaw } from '../src/cbor.ts'
import type { CborObject } from '../src/cbor.ts'
import type { Event } from '../src/event.ts'
import { KIND } from '../src/kinds.ts'
import { encodePayload } from '../src/payload-codec.ts'
import { payloadFields } from '../src/payload-fields.ts'
import { REFERENCE_KEYS } from '../src/projection-reference-keys.ts'
import { referenceJson, referencePayloadJson } from '../src/projection-reference.ts'
import { eventWith, readFixture, readRecordedRun, recordedRunNames } from './json-fixtures.ts'

interface Exported {
  readonly lines: string[]
  readonly error: string | undefined
}

/** Exports like the reference: up to the first event that has no line. */
function exportEvents(events: readonly Event[]): Exported {
  const lines: string[] = []
  try {
    for (const event of events) lines.push(referenceJson(event))
    return { lines, error: undefined }
  } catch (error) {
    return { lines, error: error instanceof Error ? error.message : String(error) }
  }
}

const payloadJson = (kind: number, payload: CborObject): string =>
  referencePayloadJson({ kind, payload: encodeCbor(payload) })

describe('an export', () => {
  test('was recorded of 74 runs', () => {
    expect(recordedRunNames).toHaveLength(74)
  })

  test.each(recordedRunNames)('of %s has the lines of the reference, byte for byte', (name) => {
    const { run, events } = readRecordedRun(name)
    const { lines, error } = exportEvents(events)
    expect(error).toBe(run.ndjson_export_error)
    const hash = createBlake3()
    for (const line of lines) hash.update(utf8Encode(`${line}\n`))
    const recorded = run.ndjson_export_blake3_hex ?? run.ndjson_export
    expect(run.ndjson_export_blake3_hex === undefined ? lines : toHex(hash.digest())).toEqual(recorded)
  })
})

describe('a line', () => {
  interface ExportVectors {
    readonly lines: readonly { readonly name: string; readonly line: string }[]
  }
  const { lines }: ExportVectors = JSON.parse(readFixture('vectors/export-ndjson.json'))
  const lineOf = (name: string): string | undefined => lines.find((vector) => vector.name === name)?.line

  test.each(lines)('of the specification, $name, comes from its own parts', ({ line }) => {
    expect(referenceJson(eventOfLine(line))).toBe(line)
  })

  test('keeps the HTML characters of the run id, and escapes those of the payload', () => {
    const event = eventWith({
      runId: 'r<1>',
      seq: 2,
      ts: 7n,
      kind: KIND.UserMessageAppended,
      prevHash: new Uint8Array(32),
      payload: encodeCbor({ content: 'a<b>&c' }),
    })
    expect(referenceJson(event)).toBe(lineOf('html-characters-stay-escaped-in-payload'))
  })

  test('escapes the line separators everywhere', () => {
    const line = referenceJson(eventWith({ runId: '\u2028"\n\ud800', payload: encodeCbor({ content: '\u2029' }) }))
    expect(line).toBe(
      `{"run_id":"${String.raw`\u2028\"\n`}\ufffd","seq":1,"ts":0,"kind":"UserMessageAppended","prev_hash":null,"payload":{"content":"${String.raw`\u2029`}"}}`,
    )
  })

  test('has every digit of the time, and an empty previous hash as an empty text', () => {
    const line = referenceJson(eventWith({ ts: 9223372036854775807n, prevHash: new Uint8Array(0) }))
    expect(line).toContain('"ts":9223372036854775807,')
    expect(line).toContain('"prev_hash":"",')
  })
})

describe('a payload', () => {
  test('of CBOR null has every key that is never left out', () => {
    const payload = Uint8Array.of(0xf6)
    expect(referencePayloadJson({ kind: KIND.RunStarted, payload })).toBe(
      '{"schema_version":0,"goal":"","provider_id":"","model_id":"","api_version":"","params_hash":null,"params":null,' +
        '"system_prompt_hash":null,"system_prompt":"","tool_registry_hash":null,"tool_schemas":null}',
    )
    expect(referencePayloadJson({ kind: KIND.ToolCallCompleted, payload })).toBe(
      '{"call_id":"","result":null,"duration_ms":0,"attempt":0}',
    )
    expect(referencePayloadJson({ kind: KIND.RunResumed, payload })).toBe(
      '{"at_seq":0,"reissue_tools":false,"pending_calls":0}',
    )
  })

  test('has embedded CBOR in base64 of the bytes as they are, also where they are not canonical', () => {
    const payload = { call_id: 'c', result: new CborRaw(fromHex('a1616118ff')), duration_ms: 1, attempt: 1 }
    expect(payloadJson(KIND.ToolCallCompleted, payload)).toContain('"result":"oWFhGP8="')
    expect(payloadJson(KIND.ToolCallCompleted, { ...payload, result: new CborRaw(fromHex('1801')) })).toContain(
      '"result":"GAE="',
    )
    expect(payloadJson(KIND.ToolCallCompleted, { ...payload, result: null })).toContain('"result":"9g=="')
  })

  test('has integers beyond the safe ones with every digit', () => {
    expect(payloadJson(KIND.RunResumed, { at_seq: 2n ** 64n - 1n, reissue_tools: true, pending_calls: 0 })).toBe(
      '{"at_seq":18446744073709551615,"reissue_tools":true,"pending_calls":0}',
    )
    expect(
      payloadJson(KIND.RunStarted, { budget: { max_usd: new CborFloat(1), max_output_tokens: 2n ** 63n - 1n } }),
    ).toContain('"budget":{"max_output_tokens":9223372036854775807,"max_usd":1}')
    expect(payloadJson(KIND.RunFailed, { DURATION_MS: -(2n ** 63n), error: 'e', unknown: [1, { a: 2 }] })).toContain(
      '"duration_ms":-9223372036854775808',
    )
  })

  test('has floats in the form of the reference', () => {
    const cost = (value: number): string =>
      payloadJson(KIND.BudgetExceeded, { cap: new CborFloat(value), actual: new CborFloat(0.1) })
    expect(cost(2000)).toContain('"cap":2000,"actual":0.1')
    expect(cost(-0)).toContain('"cap":-0,')
    expect(cost(1e21)).toContain('"cap":1e+21,')
    expect(cost(0.000001)).toContain('"cap":0.000001,')
    expect(cost(1e-7)).toContain('"cap":1e-7,')
    expect(payloadJson(KIND.BudgetExceeded, { cap: 7, actual: -1 })).toContain('"cap":7,"actual":-1')
  })

  test('leaves out what is empty and marked so, but not an all-zero budget', () => {
    expect(payloadJson(KIND.RunStarted, { budget: {}, app_version: '', tool_schemas: [] })).toMatch(
      /"tool_schemas":\[\],"budget":\{\}\}$/,
    )
    expect(payloadJson(KIND.AssistantMessageCompleted, { tool_uses: [], cache_read_tokens: 0 })).not.toMatch(
      /tool_uses|cache_read_tokens/,
    )
  })

  test('never has the additions of this runtime', () => {
    const started = encodePayload(KIND.RunStarted, {
      schemaVersion: 1,
      goal: '',
      providerId: '',
      modelId: '',
      apiVersion: '',
      paramsHash: null,
      params: null,
      systemPromptHash: null,
      systemPrompt: '',
      toolRegistryHash: null,
      toolSchemas: [],
      budget: { maxUsd: 1, maxTotalTokens: 5, maxToolCalls: 6 },
      engine: 1,
      parentRunId: 'p',
      parentRoot: new Uint8Array(32),
    })
    const text = referencePayloadJson({ kind: KIND.RunStarted, payload: started })
    expect(text).toMatch(/"budget":\{"max_usd":1\}\}$/)
    expect(payloadJson(KIND.SideEffectRecorded, { name: 'n', value: 1, call_id: 'c', attempt: 2, error: 'e' })).toBe(
      '{"name":"n","value":"AQ=="}',
    )
    expect(
      payloadJson(KIND.AssistantMessageCompleted, {
        tool_uses: [{ call_id: 'c', tool: 't', args: {}, args_error: 'x' }],
      }),
    ).toContain('"tool_uses":[{"call_id":"c","tool":"t","args":"oA=="}]')
  })

  test('knows the keys of every kind that the reference knows', () => {
    expect(Array.from(REFERENCE_KEYS.keys())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    for (const [kind, keys] of REFERENCE_KEYS) {
      const fields = payloadFields(kind) ?? []
      const known = new Set([...fields, ...fields.flatMap((field) => field.fields)].map((field) => field.key))
      expect(Array.from(keys).filter((key) => !known.has(key))).toEqual([])
    }
  })
})

describe('what the reference cannot export', () => {
  test('is a kind that it does not know', () => {
    const failed = eventWith({ seq: 3, kind: KIND.TurnFailed })
    expect(() => referenceJson(failed)).toThrow('encode payload (seq=3 kind=Kind(16)): event: unknown kind 16')
    expect(() => referencePayloadJson(eventWith({ kind: 99 }))).toThrow(
      expect.objectContaining({ code: 'EVENT_DECODE', message: 'event: unknown kind 99' }),
    )
  })

  test.each(['', 'ff', 'a0a0', 'a167636f6e74656e7401', '80'])('is a payload that does not decode: %s', (hex) => {
    expect(() => referenceJson(eventWith({ payload: fromHex(hex) }))).toThrow(
      /^encode payload \(seq=1 kind=UserMessageAppended\): event: decode UserMessageAppended payload: /,
    )
  })

  test('is a float without a JSON form', () => {
    const payload = { cap: new CborFloat(Infinity), actual: new CborFloat(0) }
    expect(() => payloadJson(KIND.BudgetExceeded, payload)).toThrow(
      expect.objectContaining({ code: 'EVENT_JSON', message: 'json: unsupported value: +Inf' }),
    )
    const event = eventWith({ kind: KIND.BudgetExceeded, payload: encodeCbor({ cap: new CborFloat(Number.NaN) }) })
    expect(() => referenceJson(event)).toThrow(
      expect.objectContaining({
        code: 'EVENT_JSON',
        message: 'encode payload (seq=1 kind=BudgetExceeded): json: unsupported value: NaN',
      }),
    )
  })
})

/** Rebuilds the event of an export line: the fields that are embedded CBOR or bytes are base64 in it. */
function eventOfLine(line: string): Event {
  const parsed: Record<string, unknown> = JSON.parse(line)
  const name = Object.entries(KIND).find(([known]) => known === parsed['kind'])
  const kind = name?.[1] ?? 0
  const ts = /"ts":(\d+)/.exec(line)?.[1] ?? '0'
  return {
    runId: String(parsed['run_id']),
    seq: Number(parsed['seq']),
    ts: BigInt(ts),
    kind,
    prevHash: typeof parsed['prev_hash'] === 'string' ? Buffer.from(parsed['prev_hash'], 'base64') : null,
    payload: encodeCbor(cborOf(payloadFields(kind) ?? [], { ...Object(parsed['payload']) })),
  }
}

function cborOf(fields: ReturnType<typeof payloadFields> & object, values: Record<string, unknown>): CborObject {
  const entries = fields.map((field) => {
    const value = values[field.key]
    if (typeof value === 'string' && field.type === 'bytes') return [field.key, Buffer.from(value, 'base64')] as const
    if (typeof value === 'string' && field.type === 'raw')
      return [field.key, new CborRaw(Buffer.from(value, 'base64'))] as const
    if (typeof value === 'number' && field.type === 'float') return [field.key, new CborFloat(value)] as const
    if (Array.isArray(value)) return [field.key, value.map((element) => cborOf(field.fields, element))] as const
    if (typeof value === 'object' && value !== null) return [field.key, cborOf(field.fields, { ...value })] as const
    return [
      field.key,
      typeof value === 'string' || typeof value === 'number' ? value : value === null ? null : undefined,
    ] as const
  })
  return Object.fromEntries(entries)
}

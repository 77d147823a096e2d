import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { toHex } from '../src/bytes.ts'
import { encodeCbor } from '../src/cbor-encode.ts'
import { CborFloat, CborRaw, CborTag } from '../src/cbor.ts'
import type { CborObject, CborValue } from '../src/cbor.ts'
import { encodeJson, jsonToCbor } from '../src/json-to-cbor.ts'
import { KIND, kindName } from '../src/kinds.ts'
import { encodePayload } from '../src/payload-codec.ts'
import { readableEvent, readableJson } from '../src/projection-readable.ts'
import type { ReadableValue } from '../src/projection-readable.ts'
import { eventWith, jsonValues, readRecordedRun, recordedRunNames } from './json-fixtures.ts'

const HASH = new Uint8Array(32).fill(0xab)
const HASH_HEX = 'ab'.repeat(32)

const payloadOf = (kind: number, payload: CborObject): ReadableValue =>
  readableEvent(eventWith({ kind, payload: encodeCbor(payload) })).payload

const payloadText = (kind: number, payload: CborObject): string =>
  readableJson(eventWith({ kind, payload: encodeCbor(payload) })).replace(/^.*?"payload":(.*)\}$/, '$1')

const valueText = (value: CborValue): string =>
  payloadText(KIND.SideEffectRecorded, { value }).replace(/^\{"value":(.*)\}$/, '$1')

const valueData = (value: CborValue): ReadableValue | undefined => {
  const payload = payloadOf(KIND.SideEffectRecorded, { value })
  return Object.entries(payload ?? {}).find(([key]) => key === 'value')?.[1]
}

describe('the envelope', () => {
  test('has the hash in hexadecimal, and the time in digits and in ISO 8601', () => {
    const event = eventWith({ runId: 'ns/1', seq: 7, ts: 1795256960795436425n, kind: KIND.TurnStarted, prevHash: HASH })
    expect(readableEvent(event)).toStrictEqual({
      run_id: 'ns/1',
      seq: 7,
      ts: '1795256960795436425',
      time: '2026-11-21T10:29:20.795436425Z',
      kind: 'TurnStarted',
      prev_hash: HASH_HEX,
      payload: {},
    })
    expect(readableJson(event)).toBe(
      `{"run_id":"ns/1","seq":7,"ts":"1795256960795436425","time":"2026-11-21T10:29:20.795436425Z","kind":"TurnStarted","prev_hash":"${HASH_HEX}","payload":{}}`,
    )
  })

  test.each<[bigint, string | null]>([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [999_999_999n, '1970-01-01T00:00:00.999999999Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59.000000000Z'],
    [2n ** 63n - 1n, '2262-04-11T23:47:16.854775807Z'],
    [-(2n ** 63n), '1677-09-21T00:12:43.145224192Z'],
    [10n ** 24n, null],
    [-(10n ** 24n), null],
  ])('has for %d the time %s', (ts, time) => {
    expect(readableEvent(eventWith({ ts })).time).toBe(time)
    expect(JSON.parse(readableJson(eventWith({ ts })))).toHaveProperty('time', time)
  })

  test('numbers only a kind that it has no name for', () => {
    expect(readableEvent(eventWith({ kind: 200 }))).toMatchObject({ kind: 'Kind(200)', kind_number: 200 })
    expect(readableJson(eventWith({ kind: 200 }))).toContain('"kind":"Kind(200)","kind_number":200,')
    expect(readableEvent(eventWith({ kind: 16 }))).not.toHaveProperty('kind_number')
    expect(readableJson(eventWith({ kind: 16 }))).not.toContain('kind_number')
  })

  test('is one line whatever the run id is', () => {
    const line = readableJson(eventWith({ runId: '<a>\n\u2028"\ud800' }))
    expect(line).not.toMatch(/[\n\u2028]/)
    expect(JSON.parse(line)).toHaveProperty('run_id', '<a>\n\u2028"\ufffd')
  })
})

describe('the payload', () => {
  test('has its keys in declaration order, and embedded CBOR as real JSON', () => {
    const payload = encodePayload(KIND.AssistantMessageCompleted, {
      turnId: 't1',
      text: 'hi <b>',
      toolUses: [
        { callId: 'c1', tool: 'search', args: jsonToCbor('{"q":"x","deep":{"n":[1,2.0,{"z":null}]}}') },
        { callId: 'c2', tool: 'bad', args: jsonToCbor('"{oops"'), argsError: 'unexpected EOF' },
      ],
      stopReason: 'tool_use',
      inputTokens: 10,
      outputTokens: 3,
      costUsd: 2,
      rawResponseHash: HASH,
      finishReason: 'tool-calls',
      rate: { input: 2.5 },
    })
    const event = eventWith({ kind: KIND.AssistantMessageCompleted, payload })
    expect(readableEvent(event).payload).toStrictEqual({
      turn_id: 't1',
      text: 'hi <b>',
      tool_uses: [
        { call_id: 'c1', tool: 'search', args: { deep: { n: [1, 2, { z: null }] }, q: 'x' } },
        { call_id: 'c2', tool: 'bad', args: '{oops', args_error: 'unexpected EOF' },
      ],
      stop_reason: 'tool_use',
      input_tokens: 10,
      output_tokens: 3,
      cost_usd: 2,
      raw_response_hash: HASH_HEX,
      finish_reason: 'tool-calls',
      rate: { input: 2.5 },
    })
    expect(readableJson(event)).toContain(
      '"payload":{"turn_id":"t1","text":"hi <b>","tool_uses":[{"call_id":"c1","tool":"search",' +
        '"args":{"deep":{"n":[1,2.0,{"z":null}]},"q":"x"}},{"call_id":"c2","tool":"bad","args":"{oops","args_error":"unexpected EOF"}],' +
        '"stop_reason":"tool_use","input_tokens":10,"output_tokens":3,"cost_usd":2,' +
        `"raw_response_hash":"${HASH_HEX}","finish_reason":"tool-calls","rate":{"input":2.5}}`,
    )
  })

  test('has parameters as JSON, and bytes of nested maps in hexadecimal', () => {
    expect(
      payloadOf(KIND.RunStarted, {
        params: { temperature: new CborFloat(0), stop: ['x'] },
        tool_schemas: [{ name: 'a', schema_hash: HASH }],
        params_hash: null,
        budget: {},
      }),
    ).toStrictEqual({
      params_hash: null,
      params: { temperature: 0, stop: ['x'] },
      tool_schemas: [{ name: 'a', schema_hash: HASH_HEX }],
      budget: {},
    })
  })

  test('keeps keys that it does not know behind the others', () => {
    expect(
      payloadText(KIND.UserMessageAppended, { zz: 1, content: 'c', a: Uint8Array.of(1), b: [{ d: [2], cc: 3 }] }),
    ).toBe('{"content":"c","a":"01","b":[{"cc":3,"d":[2]}],"zz":1}')
    expect(payloadText(99, { b: 1, aa: Uint8Array.of(255) })).toBe('{"b":1,"aa":"ff"}')
  })

  test('shows a field of an unexpected type as it is', () => {
    expect(payloadOf(KIND.UserMessageAppended, { content: 5 })).toEqual({ content: 5 })
    expect(payloadOf(KIND.RunStarted, { tool_schemas: 'x', budget: [1], params_hash: 'h' })).toEqual({
      params_hash: 'h',
      tool_schemas: 'x',
      budget: [1],
    })
  })

  test('that is no map is shown as it is, and no payload as null', () => {
    expect(readableEvent(eventWith({ payload: encodeCbor([1, Uint8Array.of(2)]) })).payload).toEqual([1, '02'])
    expect(readableEvent(eventWith({ payload: new Uint8Array(0) })).payload).toBeNull()
  })

  test.each<[string, number[], string]>([
    ['malformed', [0xff], 'indefinite length'],
    ['cut off', [0xa1, 0x61], 'input ends inside an item'],
    ['followed by more', [0xa0, 0x00], 'after the end of the item'],
    ['with a key twice', [0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2], 'duplicate key a'],
    ['with a map as a key', [0xa1, 0xa0, 1], 'a map key that is a container'],
  ])('%s is shown as the bytes and the reason', (_what, bytes, error) => {
    const payload = Uint8Array.from(bytes)
    const shown = { $cbor: toHex(payload), $error: expect.stringContaining(error) }
    expect(readableEvent(eventWith({ payload })).payload).toEqual(shown)
    expect(JSON.parse(readableJson(eventWith({ payload })))).toHaveProperty('payload', shown)
  })

  test('deeper than the log format can decode is shown all the same', () => {
    const { events } = readRecordedRun('args-nesting-30')
    const lines = events.map(readableJson)
    expect(lines.find((line) => line.includes('AssistantMessageCompleted'))).toContain(`"args":{"a":${'['.repeat(29)}`)
    const deep = encodeCbor({ value: new CborRaw(jsonToCbor('['.repeat(5000) + ']'.repeat(5000))) })
    expect(readableJson(eventWith({ kind: KIND.SideEffectRecorded, payload: deep }))).toContain('[[[[]]]]')
  })
})

describe('a recorded value', () => {
  test('that is bytes is tagged as base64, at any depth', () => {
    expect(valueText([Uint8Array.of(0, 255), { b: new Uint8Array(0) }])).toBe('[{"$bytes":"AP8="},{"b":{"$bytes":""}}]')
    expect(valueData(Uint8Array.of(0, 255))).toEqual({ $bytes: 'AP8=' })
  })

  test('that is a big integer has all its digits: as a number in text, as a string in data', () => {
    const integers = [2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 64n - 1n, -(2n ** 70n)]
    expect(valueText(integers)).toBe(
      '[9007199254740991,9007199254740992,-9007199254740992,18446744073709551615,-1180591620717411303424]',
    )
    expect(valueData(integers)).toEqual([
      9007199254740991,
      '9007199254740992',
      '-9007199254740992',
      '18446744073709551615',
      '-1180591620717411303424',
    ])
  })

  test('that is a float keeps a fraction in text', () => {
    const floats = [1, -0, 1e21, 0.5].map((value) => new CborFloat(value))
    expect(valueText(floats)).toBe('[1.0,-0.0,1e+21,0.5]')
    expect(valueData(floats)).toEqual([1, -0, 1e21, 0.5])
  })

  test('that is no number is tagged', () => {
    const odd = [Infinity, -Infinity, Number.NaN].map((value) => new CborFloat(value))
    const shown = [{ $float: 'Infinity' }, { $float: '-Infinity' }, { $float: 'NaN' }]
    expect(valueData(odd)).toEqual(shown)
    expect(JSON.parse(valueText(odd))).toEqual(shown)
  })

  test('that is tagged shows its content, and a key that is no text is one', () => {
    expect(valueText(new CborTag(0, '2026-11-21'))).toBe('"2026-11-21"')
    expect(valueText(new Map([[2n ** 60n, 1]]))).toBe('{"1152921504606846976":1}')
    expect(valueData(new Map([[2n ** 60n, 1]]))).toEqual({ '1152921504606846976': 1 })
  })

  test('that came from JSON is the same data again, but for the integers that JSON.parse rounds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const expected: unknown = JSON.parse(text, (_key, element: unknown) =>
          Number.isInteger(element) && !Number.isSafeInteger(element) && Math.abs(Number(element)) < 2 ** 63
            ? String(element)
            : element,
        )
        expect(valueData(new CborRaw(jsonToCbor(text)))).toStrictEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})

describe('every event', () => {
  test.each(recordedRunNames)('of the recorded run %s is the same as data and as text', (name) => {
    for (const event of readRecordedRun(name).events) {
      const data = readableEvent(event)
      expect(data.kind).toBe(kindName(event.kind))
      const text = readableJson(event)
      expect(JSON.parse(text)).toEqual(asParsed(data))
    }
  })

  test('of any JSON value survives JSON.stringify', () => {
    fc.assert(
      fc.property(jsonValues, fc.integer({ min: 0, max: 20 }), (value, kind) => {
        const payload = encodeJson(
          new Map([
            ['args', value],
            ['content', value],
          ]),
        )
        const data = readableEvent(eventWith({ kind, payload }))
        expect(JSON.parse(JSON.stringify(data))).toEqual(withoutMinusZero(data))
      }),
    )
  })
})

/** Data as the text reads when parsed: integers that are strings in the one are numbers in the other. */
function asParsed(value: unknown): unknown {
  return mapScalars(value, (scalar, key) =>
    typeof scalar === 'string' && key !== 'ts' && /^-?\d{16,}$/.test(scalar) ? Number(scalar) : scalar,
  )
}

function withoutMinusZero(value: unknown): unknown {
  return mapScalars(value, (scalar) => (Object.is(scalar, -0) ? 0 : scalar))
}

function mapScalars(value: unknown, map: (scalar: unknown, key: string) => unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((element) => mapScalars(element, map))
  if (typeof value !== 'object' || value === null) return map(value, key)
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, mapScalars(element, map, name)]))
}

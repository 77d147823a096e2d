import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { cborToJson } from '../src/cbor-to-json.ts'
import { CborFloat } from '../src/cbor.ts'
import { parseJson } from '../src/json-scan.ts'
import { jsonToCbor } from '../src/json-to-cbor.ts'
import { readableJson } from '../src/projection-readable.ts'
import { isStarlingError } from '../src/starling-error.ts'
import { eventWith, inputOf, jsonCborCases, jsonTexts, readRecordedRun } from './json-fixtures.ts'

/** What `convert` came to: a result, or the code of the one kind of error that it may throw. */
function outcomeOf(convert: () => unknown): string {
  try {
    convert()
    return 'accepted'
  } catch (error) {
    return isStarlingError(error) ? error.code : `another error: ${String(error)}`
  }
}

/** Some edits of a text: characters removed, doubled, replaced, or swapped for one that JSON uses. */
function mutated(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(text.length),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.oneof(
      fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '-', '.', 'e', '0', '1', ' ', '\n', 'u', 'true'),
      fc.string({ unit: 'binary', maxLength: 2 }),
      fc.constantFrom('\ud800', String.raw`\ud83d`, '\0'),
    ),
  })
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce((result, { at, remove, insert }) => result.slice(0, at) + insert + result.slice(at + remove), text),
    )
}

const recordedTexts = jsonCborCases.map(inputOf).filter((input) => typeof input === 'string')
const mutatedTexts = fc.oneof(fc.constantFrom(...recordedTexts), jsonTexts).chain(mutated)

describe('the scanner', () => {
  test('either reads random characters or refuses them as JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(outcomeOf(() => jsonToCbor(text))).toMatch(/^(accepted|EVENT_JSON)$/)
      }),
      { numRuns: 1000 },
    )
  })

  test('either reads random bytes or refuses them as JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(outcomeOf(() => jsonToCbor(bytes))).toMatch(/^(accepted|EVENT_JSON)$/)
      }),
      { numRuns: 1000 },
    )
  })

  test('accepts of damaged JSON what JSON.parse accepts, and what ends in front of a stray bracket', () => {
    fc.assert(
      fc.property(mutatedTexts, (text) => {
        const outcome = outcomeOf(() => parseJson(text))
        expect(outcome).toBe(isJson(text) || endsBeforeBracket(text) ? 'accepted' : 'EVENT_JSON')
      }),
      { numRuns: 2000 },
    )
  })

  test.each<[string, string, string]>([
    ['digits', '1'.repeat(1_000_000), 'accepted'],
    ['fraction digits', `0.${'1'.repeat(1_000_000)}`, 'accepted'],
    ['escapes', `"${String.raw`\u0041`.repeat(200_000)}"`, 'accepted'],
    ['backslashes', `"${'\\'.repeat(1_000_001)}`, 'EVENT_JSON'],
    ['open brackets', '['.repeat(1_000_000), 'EVENT_JSON'],
    ['white space', ' '.repeat(1_000_000), 'EVENT_JSON'],
    ['trailing values', '1 '.repeat(500_000), 'EVENT_JSON'],
    ['elements', `[${'0,'.repeat(300_000)}0]`, 'accepted'],
    ['equal keys', `{${'"a":1,'.repeat(100_000)}"a":2}`, 'accepted'],
    ['members', `{${Array.from({ length: 50_000 }, (_, at) => `"${at}":0`).join(',')}}`, 'accepted'],
  ])('is done soon with a million %s', (_what, text, outcome) => {
    expect(outcomeOf(() => cborToJson(jsonToCbor(text)))).toBe(outcome)
  })

  test('reads a million digits as what they come to', () => {
    expect(parseJson('1'.repeat(1_000_000))).toStrictEqual(new CborFloat(Infinity))
  })
})

describe('the way back', () => {
  const payloads = readRecordedRun('unicode-everywhere').events.map((event) => event.payload)
  const damaged = fc
    .tuple(fc.constantFrom(...payloads), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([payload, edits]) => {
      const bytes = payload.slice()
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte
      return bytes
    })
  const anyCbor = fc.oneof(fc.uint8Array({ maxLength: 40 }), damaged)

  test('either reads bytes or refuses them', () => {
    fc.assert(
      fc.property(anyCbor, fc.boolean(), (bytes, reference) => {
        expect(outcomeOf(() => cborToJson(bytes, { reference }))).toMatch(/^(accepted|EVENT_DECODE|EVENT_JSON)$/)
      }),
      { numRuns: 2000 },
    )
  })

  test('shows any bytes as one line of JSON in the readable form', () => {
    fc.assert(
      fc.property(anyCbor, fc.integer({ min: 0, max: 20 }), (payload, kind) => {
        const line = readableJson(eventWith({ kind, payload }))
        expect(isJson(line)).toBe(true)
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/)
      }),
      { numRuns: 2000 },
    )
  })
})

function isJson(text: string): boolean {
  return outcomeOf(() => JSON.parse(text)) === 'accepted'
}

/** Whether the text is JSON up to some closing bracket: from there on nothing is read. */
function endsBeforeBracket(text: string): boolean {
  return Array.from(text.matchAll(/[\]}]/g)).some(({ index }) => isJson(text.slice(0, index)))
}

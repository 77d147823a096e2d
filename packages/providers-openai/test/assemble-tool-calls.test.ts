import type { ModelChunk } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createToolCallAssembler } from '../src/assemble-tool-calls.ts'
import { readMark } from '../src/marks.ts'
import type { ToolCallFragment } from '../src/parse-chunk.ts'

const NOTHING: ToolCallFragment = { index: undefined, id: '', name: '', argumentsText: '', extra: undefined }

describe('createToolCallAssembler', () => {
  test('fragments of several calls come out in the order they came, the ends at the end', () => {
    const chunks = assemble([
      { index: 0, id: 'a', name: 'f' },
      { index: 0, argumentsText: '{"x"' },
      { index: 1, id: 'b', name: 'g', argumentsText: '{}' },
      { index: 0, argumentsText: ':1}' },
    ])
    expect(chunks).toEqual([
      { type: 'tool-call-start', callId: 'a', name: 'f' },
      { type: 'tool-call-delta', callId: 'a', argumentsText: '{"x"' },
      { type: 'tool-call-start', callId: 'b', name: 'g' },
      { type: 'tool-call-delta', callId: 'b', argumentsText: '{}' },
      { type: 'tool-call-delta', callId: 'a', argumentsText: ':1}' },
      { type: 'tool-call-end', callId: 'a' },
      { type: 'tool-call-end', callId: 'b' },
    ])
  })

  test('what the vendor adds to a call signs its end, whichever fragment brings it', () => {
    const extra = { google: { thought_signature: 'c2ln' } }
    for (const fragments of [
      [{ index: 0, id: 'a', name: 'f', argumentsText: '{}', extra }],
      [
        { index: 0, id: 'a', name: 'f', extra },
        { index: 0, argumentsText: '{}' },
      ],
      [
        { index: 0, id: 'a', name: 'f', argumentsText: '{}' },
        { index: 0, extra },
      ],
    ]) {
      const end = assemble(fragments).at(-1)
      expect(end?.type === 'tool-call-end' && readMark(end.signature)).toEqual({ extra_content: extra })
    }
  })

  test('a call waits for a name that comes late', () => {
    expect(
      assemble([
        { index: 0, id: 'a', argumentsText: '{' },
        { index: 0, name: 'f', argumentsText: '}' },
      ]),
    ).toEqual([
      { type: 'tool-call-start', callId: 'a', name: 'f' },
      { type: 'tool-call-delta', callId: 'a', argumentsText: '{}' },
      { type: 'tool-call-end', callId: 'a' },
    ])
  })

  test('a call waits for an id that comes late', () => {
    const late = [
      { index: 0, name: 'f', argumentsText: '{' },
      { index: 0, id: 'a', argumentsText: '}' },
    ]
    expect(callsOf(late)).toEqual([['a', 'f', '{}']])
  })

  test('a call without an id gets one at the end', () => {
    const fragments = [
      { index: 0, name: 'f', argumentsText: '{}' },
      { index: 1, name: 'f', argumentsText: '{"n":2}' },
    ]
    expect(callsOf(fragments)).toEqual([
      ['made-1', 'f', '{}'],
      ['made-2', 'f', '{"n":2}'],
    ])
  })

  test('an id and a name that are repeated in every fragment make one call', () => {
    const repeated = ['{', '"x"', ':1}'].map((argumentsText) => ({ index: 0, id: 'a', name: 'f', argumentsText }))
    expect(callsOf(repeated)).toEqual([['a', 'f', '{"x":1}']])
  })

  test('a name that is repeated without an id makes one call', () => {
    const repeated = ['{', '}'].map((argumentsText) => ({ index: 0, name: 'f', argumentsText }))
    expect(callsOf([{ index: 0, id: 'a', name: 'f' }, ...repeated])).toEqual([['a', 'f', '{}']])
  })

  test('calls that all say index 0 are told apart by their ids', () => {
    const fragments = [
      { index: 0, id: 'a', name: 'f', argumentsText: '{"n":1}' },
      { index: 0, id: 'b', name: 'f', argumentsText: '{"n":' },
      { index: 0, argumentsText: '2}' },
    ]
    expect(callsOf(fragments)).toEqual([
      ['a', 'f', '{"n":1}'],
      ['b', 'f', '{"n":2}'],
    ])
  })

  test('calls without an index are told apart by their ids, and by their names without ids', () => {
    const withIds = [
      { id: 'a', name: 'f', argumentsText: '{"n"' },
      { argumentsText: ':1}' },
      { id: 'b', name: 'f', argumentsText: '{}' },
    ]
    expect(callsOf(withIds)).toEqual([
      ['a', 'f', '{"n":1}'],
      ['b', 'f', '{}'],
    ])
    const namesOnly = [
      { name: 'f', argumentsText: '{}' },
      { name: 'f', argumentsText: '{}' },
    ]
    expect(callsOf(namesOnly).map(([, name]) => name)).toEqual(['f', 'f'])
  })

  test('a fragment at a new index that repeats an id goes on with that call', () => {
    const fragments = [
      { index: 0, id: 'a', name: 'f', argumentsText: '{' },
      { index: 1, id: 'a', argumentsText: '}' },
    ]
    expect(callsOf(fragments)).toEqual([['a', 'f', '{}']])
  })

  test('two calls that were given the same id get different ones', () => {
    const fragments = [
      { index: 0, id: 'same', name: 'f', argumentsText: '{}' },
      { index: 1, id: 'same', name: 'g', argumentsText: '[' },
      { index: 1, id: 'same', argumentsText: ']' },
    ]
    expect(callsOf(fragments)).toEqual([
      ['same', 'f', '{}'],
      ['made-1', 'g', '[]'],
    ])
  })

  test('a call that never gets a name is refused', () => {
    expect(() => assemble([{ index: 0, id: 'a', argumentsText: '{}' }])).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_STREAM', message: 'tool call 0 (id "a") has no name' }),
    )
  })

  test.each([
    [[''], true],
    [[' '], true],
    [['{"q":1}'], true],
    [['{', '}'], true],
    [['{"q":'], false],
    [['{"q":1}', 'x'], false],
  ])('arguments in the pieces %j are whole: %j', (pieces, areWhole) => {
    const assembler = createToolCallAssembler(() => 'made')
    for (const argumentsText of pieces) assembler.add({ ...NOTHING, index: 0, id: 'a', name: 'f', argumentsText })
    expect(assembler.areWhole).toBe(areWhole)
    // Of several calls all must be.
    assembler.add({ ...NOTHING, index: 1, name: 'g', argumentsText: '{}' })
    expect(assembler.areWhole).toBe(areWhole)
    assembler.add({ ...NOTHING, index: 1, argumentsText: '{' })
    expect(assembler.areWhole).toBe(false)
  })

  test('however calls are cut and interleaved, every one comes out whole', () => {
    const calls = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.array(fc.string(), { maxLength: 5 })), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat()), (planned, order) => {
        const queues = planned.map(([name, pieces], index): Partial<ToolCallFragment>[] => [
          { index, id: `id-${index}`, name },
          ...pieces.map((argumentsText) => ({ index, argumentsText })),
        ])
        const assembled = callsOf(interleave(queues, order))
        const expected = planned.map(([name, pieces], index) => [`id-${index}`, name, pieces.join('')])
        expect(assembled.toSorted(byFirst)).toEqual(expected.toSorted(byFirst))
      }),
    )
  })
})

function assemble(fragments: readonly Partial<ToolCallFragment>[]): ModelChunk[] {
  let made = 0
  const assembler = createToolCallAssembler(() => `made-${++made}`)
  const chunks = fragments.flatMap((fragment) => assembler.add({ ...NOTHING, ...fragment }))
  return [...chunks, ...assembler.finish()]
}

function callsOf(fragments: readonly Partial<ToolCallFragment>[]): string[][] {
  const calls = new Map<string, string[]>()
  for (const chunk of assemble(fragments)) {
    if (chunk.type === 'tool-call-start') calls.set(chunk.callId, [chunk.callId, chunk.name, ''])
    const call = chunk.type === 'tool-call-delta' ? calls.get(chunk.callId) : undefined
    if (call !== undefined && chunk.type === 'tool-call-delta') call[2] += chunk.argumentsText
  }
  return [...calls.values()]
}

function interleave<T>(queues: readonly T[][], order: Iterator<number>): T[] {
  const out: T[] = []
  for (;;) {
    const open = queues.filter((queue) => queue.length > 0)
    const next = open[Number(order.next().value) % open.length]?.shift()
    if (next === undefined) return out
    out.push(next)
  }
}

function byFirst(left: readonly string[], right: readonly string[]): number {
  return (left[0] ?? '').localeCompare(right[0] ?? '')
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { count, formatCost, formatDuration, formatTime, toNs } from '../src/output/format.ts'
import { createPaint, wantsColour } from '../src/output/paint.ts'
import { prettyJson } from '../src/output/pretty-json.ts'
import { printable, printableBlock, printableJson, printableLine } from '../src/output/printable.ts'
import { createProgress } from '../src/output/progress.ts'
import { shellWord } from '../src/output/shell-word.ts'
import { systemReason } from '../src/output/system-reason.ts'
import { renderTable } from '../src/output/table.ts'

// Whatever moves the cursor, colours, rings or reorders; tabs and newlines may stay.
// oxlint-disable-next-line no-control-regex
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
// As likely as any other, so that they are met.
const texts = fc.string({
  unit: fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    fc.constantFrom('\u001B', '\u009B', '\r', '\n', '\t', '\u202E', '\u0000', '"', '\\', ' '),
  ),
})

describe('text from elsewhere', () => {
  test('never steers a terminal, on one line or on several', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(printable(text)).not.toMatch(STEERS)
        expect(printableLine(text)).not.toMatch(STEERS)
        expect(printableLine(text)).not.toMatch(/[\n\t]/)
        expect(printableBlock(text)).not.toMatch(STEERS)
      }),
    )
  })

  test('has every line but the first indented in a block', () => {
    expect(printableBlock('a\nb\n\nc')).toBe('a\n  b\n  \n  c')
    expect(printableBlock('a\nstarling: all is well', '    ')).toBe('a\n    starling: all is well')
  })

  test('stays the same JSON, whether made printable or pretty', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.integer({ min: 0, max: 100 }), (json, width) => {
        expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json))
        expect(printableJson(json)).not.toMatch(STEERS)
        expect(JSON.parse(prettyJson(json, width))).toEqual(JSON.parse(json))
      }),
    )
  })

  test('keeps its numbers when it is made pretty, however large', () => {
    expect(prettyJson('{"a":123456789012345678901234567890,"b":[]}', 0)).toBe(
      '{\n  "a": 123456789012345678901234567890,\n  "b": []\n}',
    )
    expect(prettyJson('{"a":"b:{,"}', 0)).toBe('{\n  "a": "b:{,"\n}')
  })

  test('is one word for a shell, whatever is in it', () => {
    expect(['a.db', 'a b', "it's", '', '$(x)', 'postgres://a@b:1/c'].map(shellWord)).toEqual([
      'a.db',
      "'a b'",
      `'it'\\''s'`,
      "''",
      "'$(x)'",
      'postgres://a@b:1/c',
    ])
  })
})

describe('a number for people', () => {
  test.each([
    [0, '0ms'],
    [999, '999ms'],
    [1000, '1.0s'],
    [59_949, '59.9s'],
    [60_000, '1m00s'],
    [3_599_999, '59m59s'],
    [3_600_000, '1h00m'],
    [90_000_000, '25h00m'],
  ])('%d ms take %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test.each([
    [0, '$0'],
    [1.005, '$1.00'],
    [0.01, '$0.01'],
    [0.000123, '$0.00012'],
    [0.0000001, '$0.0000001'],
  ])('%d dollars are %s', (usd, text) => {
    expect(formatCost(usd)).toBe(text)
  })

  test.each([
    [0n, '1970-01-01T00:00:00.000Z'],
    [-1n, '1969-12-31T23:59:59.999Z'],
    [1_500_000n, '1970-01-01T00:00:00.001Z'],
    [2n ** 63n - 1n, '2262-04-11T23:47:16.854Z'],
    [10n ** 30n, `${10n ** 30n}ns`],
  ])('%s nanoseconds are %s', (ns, text) => {
    expect(formatTime(ns)).toBe(text)
  })

  test('a time in seconds has no more, and milliseconds come back as they went', () => {
    expect(formatTime(toNs(1_769_904_000_999), 'seconds')).toBe('2026-02-01T00:00:00Z')
    fc.assert(
      fc.property(fc.nat(8.64e15), (ms) => {
        expect(toNs(ms) / 1_000_000n).toBe(BigInt(ms))
      }),
    )
  })

  test('one is one, everything else is several', () => {
    expect([0, 1, 2].map((number) => count(number, 'run'))).toEqual(['0 runs', '1 run', '2 runs'])
  })
})

describe('a table', () => {
  const plain = (text: string): string => text

  test('has columns as wide as what is seen in them, also of wide and of combining characters', () => {
    const columns = [{ title: 'A' }, { title: 'N', align: 'right' as const }, { title: 'B' }]
    expect(
      renderTable(
        columns,
        [
          ['日本', '1', 'x'],
          ['e\u0301', '23', ''],
          ['🚀', '4', 'y'],
        ],
        plain,
      ),
    ).toEqual(['A      N  B', '日本   1  x', 'e\u0301     23  ', '🚀     4  y'])
  })

  test('colours a cell after it was padded', () => {
    const paint = (text: string): string => `<${text}>`
    expect(renderTable([{ title: 'LONG' }, { title: 'B' }], [[{ text: 'a', paint }, 'b']], plain)).toEqual([
      'LONG  B',
      '<a   >  b',
    ])
  })
})

describe('colours', () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('with %j, on a terminal: %s: %s', (env, isTTY, expected) => {
    expect(wantsColour(env, isTTY)).toBe(expected)
  })

  test('of nothing are nothing', () => {
    expect(createPaint(true).red('')).toBe('')
    expect(createPaint(true).red('x')).toBe('\u001B[31mx\u001B[39m')
    expect(createPaint(false).red('x')).toBe('x')
  })
})

describe('progress', () => {
  function onTerminal(times: readonly number[], isTTY = true) {
    const written: string[] = []
    let tick = 0
    const progress = createProgress(
      { stderr: { isTTY, write: (text) => void written.push(text) }, nowMs: () => times[tick++] ?? 0 },
      false,
    )
    return { written, progress }
  }

  test('is shown at most ten times a second, and taken away once', async () => {
    const { written, progress } = onTerminal([0, 99, 100])
    for (const text of ['a', 'b', 'c']) progress.show(() => text)
    await progress.end()
    await progress.end()
    expect(written).toEqual(['\ra\u001B[K', '\rc\u001B[K', '\r\u001B[K'])
  })

  test('that nobody can see is not even made', async () => {
    const { written, progress } = onTerminal([0], false)
    progress.show(() => {
      throw new Error('made for nobody')
    })
    await progress.end()
    expect(written).toEqual([])
  })

  test('of a terminal that has gone fails nothing', async () => {
    const gone = { isTTY: true, write: async () => Promise.reject(new Error('gone')) }
    const progress = createProgress({ stderr: gone, nowMs: () => 0 }, false)
    progress.show(() => 'x')
    await expect(progress.end()).resolves.toBeUndefined()
  })
})

test('what the system says of a file is said in words, and what it says otherwise as it is', () => {
  const failed = (code: string): Error => Object.assign(new Error(`${code}: odd`), { code })
  expect(['EACCES', 'ENOSPC', 'EROFS', 'EODD'].map((code) => systemReason(failed(code)))).toEqual([
    'permission denied',
    'the disk is full',
    'the file system is read-only',
    'EODD: odd',
  ])
  expect(systemReason('just so')).toBe('just so')
})

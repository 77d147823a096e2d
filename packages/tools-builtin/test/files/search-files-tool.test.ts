import { rm, symlink } from 'node:fs/promises'

import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, describe, expect, test } from 'vitest'

import { createSearchFilesTool, type SearchFilesToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { makeFifo, makeUnreachable } from '../support/special-files.ts'
import { openTempFolder } from '../support/temp-folder.ts'

interface Result {
  readonly matches: readonly {
    readonly path: string
    readonly line: number
    readonly column: number
    readonly text: string
    readonly cut: boolean
  }[]
  readonly filesSearched: number
  readonly filesSkipped: number
  readonly truncated: boolean
  readonly stoppedBy: string | null
}

const shared = await openTempFolder({
  'a.md': 'alpha\nbeta gamma\r\nAlpha again\n',
  'src/b.ts': 'const alpha = 1 // (a+)+\n',
  'node_modules/c.js': 'alpha',
  'data.bin': new Uint8Array([0x61, 0, 0x61]),
})
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'search_files',
  create: () => createSearchFilesTool({ root: shared.path }),
  accepts: [
    {
      input: { query: 'alpha' },
      result: {
        matches: [
          { path: 'a.md', line: 1, column: 1, text: 'alpha', cut: false },
          { path: 'src/b.ts', line: 1, column: 7, text: 'const alpha = 1 // (a+)+', cut: false },
        ],
        filesSearched: 2,
        filesSkipped: 1,
        truncated: false,
        stoppedBy: null,
      },
    },
    {
      input: { query: '^b\\w+ g', regex: true },
      result: {
        matches: [{ path: 'a.md', line: 2, column: 1, text: 'beta gamma', cut: false }],
        filesSearched: 2,
        filesSkipped: 1,
        truncated: false,
        stoppedBy: null,
      },
    },
    { input: { query: 'alpha', ignoreCase: true, path: '.', include: ['*.md'], exclude: ['src/**'], limit: 5 } },
  ],
  rejects: [
    {},
    { query: '' },
    { query: 'a'.repeat(1001) },
    { query: 'a', regex: 1 },
    { query: 'a', include: '*.md' },
    { query: 'a', include: Array.from({ length: 51 }, () => '*') },
    { query: 'a', limit: 201 },
  ],
})

describe('what is found', () => {
  test.for([
    ['alpha', {}, ['a.md:1', 'src/b.ts:1']],
    ['ALPHA', {}, []],
    ['ALPHA', { ignoreCase: true }, ['a.md:1', 'a.md:3', 'src/b.ts:1']],
    ['(a+)+', {}, ['src/b.ts:1']],
    ['.*', {}, []],
    ['[A-Z]', { ignoreCase: true }, []],
    ['^Alpha', { regex: true }, ['a.md:3']],
    ['^alpha', { regex: true, ignoreCase: true }, ['a.md:1', 'a.md:3']],
    [String.raw`\p{Lu}`, { regex: true }, ['a.md:3']],
    [String.raw`al\-pha|\bgamma$`, { regex: true }, ['a.md:2']],
    ['alpha', { include: ['*.ts', '*.js'] }, ['src/b.ts:1']],
    ['alpha', { exclude: ['src'] }, ['a.md:1', 'src/b.ts:1']],
    ['alpha', { exclude: ['src/**'] }, ['a.md:1']],
    ['alpha', { path: 'src' }, ['src/b.ts:1']],
    ['alpha', { path: 'node_modules' }, ['node_modules/c.js:1']],
  ] as const)('%j with %j', async ([query, rest, expected]) => {
    const { matches } = await call<Result>(createSearchFilesTool({ root: shared.path }), { query, ...rest })
    expect(matches.map(({ path, line }) => `${path}:${line}`)).toEqual(expected)
  })

  test('a long line is shown around the match, and flagged', async () => {
    await using folder = await openTempFolder({ 'min.js': `${'x'.repeat(5000)}needle${'y'.repeat(5000)}` })
    const { matches } = await call<Result>(createSearchFilesTool({ root: folder.path }), { query: 'needle' })
    expect(matches).toEqual([
      {
        path: 'min.js',
        line: 1,
        column: 5001,
        text: `${'x'.repeat(100)}needle${'y'.repeat(394)}`,
        cut: true,
      },
    ])
  })

  test('files that are too large, no text, links or FIFOs are not searched', async () => {
    await using outside = await openTempFolder({ 'secret.txt': 'needle outside' })
    await using folder = await openTempFolder({ 'large.txt': `needle${'x'.repeat(2000)}`, 'small.txt': 'needle' })
    await symlink(outside.at('secret.txt'), folder.at('link.txt'))
    await symlink(outside.path, folder.at('folder'))
    await makeFifo(folder.at('pipe'))
    const tool = createSearchFilesTool({ root: folder.path, maxFileBytes: 1000 })
    expect(await call<Result>(tool, { query: 'needle' })).toMatchObject({
      matches: [{ path: 'small.txt' }],
      filesSearched: 1,
      filesSkipped: 1,
    })
  })

  test('a folder that cannot be entered counts as skipped', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'needle' })
    await makeUnreachable(folder.path)
    const result = await call<Result>(createSearchFilesTool({ root: folder.path }), { query: 'needle' })
    expect(result).toMatchObject({ matches: [{ path: 'a.txt' }], filesSearched: 1, filesSkipped: 1 })
  })

  test('lines of a file that is read in many parts are found and counted right', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => (index % 10_000 === 9_999 ? `needle ${index}` : 'héy'))
    await using folder = await openTempFolder({ 'a.txt': lines.join('\r\n') })
    const tool = createSearchFilesTool({ root: folder.path })
    for (const regex of [false, true]) {
      const { matches } = await call<Result>(tool, { query: 'needle', regex })
      expect(matches.map(({ line, text }) => [line, text])).toEqual(
        [9_999, 19_999, 29_999, 39_999].map((index) => [index + 1, `needle ${index}`]),
      )
    }
  })

  test('what is excluded by the options stays out, whatever is included', async () => {
    const tool = createSearchFilesTool({ root: shared.path, exclude: ['src'] })
    const { matches } = await call<Result>(tool, { query: 'alpha', include: ['**'] })
    expect(matches.map(({ path }) => path)).toEqual(['a.md'])
  })

  test('UTF-16 with a mark is text', async () => {
    const text = new Uint8Array(Uint16Array.from('\uFEFFa needle', (character) => character.charCodeAt(0)).buffer)
    await using folder = await openTempFolder({ 'windows.txt': text })
    const { matches } = await call<Result>(createSearchFilesTool({ root: folder.path }), { query: 'needle' })
    expect(matches).toMatchObject([{ text: 'a needle', column: 3 }])
  })
})

describe('limits', () => {
  test.for([
    [{ query: 'line' }, 2, true],
    [{ query: 'line', regex: true }, 2, true],
    [{ query: 'line 3' }, 1, false],
  ] as const)('%j gives %i of at most two matches, cut: %j', async ([input, count, truncated]) => {
    await using folder = await openTempFolder({ 'a.txt': 'line 1\nline 2\nline 3' })
    const tool = createSearchFilesTool({ root: folder.path, maxMatches: 2 })
    const result = await call<Result>(tool, input)
    expect([result.matches.length, result.truncated, result.stoppedBy]).toEqual([
      count,
      truncated,
      truncated ? 'matches' : null,
    ])
  })

  test('as many matches as are allowed are all of them', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'line 1\nline 2' })
    const tool = createSearchFilesTool({ root: folder.path, maxMatches: 2 })
    expect(await call<Result>(tool, { query: 'line' })).toMatchObject({ truncated: false, stoppedBy: null })
  })

  test('long lines fill the result before it is too long for a log, and that is flagged', async () => {
    await using folder = await openTempFolder({ 'a.txt': `${'\u0001'.repeat(450)}\n`.repeat(1000) })
    const tool = createSearchFilesTool({ root: folder.path, maxMatches: 1000 })
    const text = await tool.execute(JSON.stringify({ query: '\u0001' }), createToolContext())
    expect(text.length).toBeLessThan(tool.policy?.maxResultBytes ?? 0)
    expect(JSON.parse(text)).toMatchObject({ truncated: true, stoppedBy: 'size' })
  })

  test('an expression that takes for ever ends with the time, and with what was found before', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'aaab', 'b.txt': 'a'.repeat(100) })
    const tool = createSearchFilesTool({ root: folder.path, timeoutMs: 300 })
    const result = await call<Result>(tool, { query: '^(a+)+b$', regex: true })
    expect(result).toMatchObject({
      matches: [{ path: 'a.txt' }],
      filesSearched: 1,
      truncated: true,
      stoppedBy: 'time',
    })
  })

  test('a large file does not outlast the time of a search, and what was found before it counts', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'needle', 'big.txt': 'a\n'.repeat(16 * 1024 * 1024) })
    for (const regex of [false, true]) {
      const tool = createSearchFilesTool({ root: folder.path, maxFileBytes: 64 * 1024 * 1024, timeoutMs: 300 })
      const result = await call<Result>(tool, { query: 'needle', regex })
      expect(result).toMatchObject({ matches: [{ path: 'a.txt' }], filesSearched: 1, stoppedBy: 'time' })
    }
  })

  test('a large file lets others run while it is searched', async () => {
    await using folder = await openTempFolder({ 'big.txt': 'a\n'.repeat(1024 * 1024) })
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await call(createSearchFilesTool({ root: folder.path }), { query: 'z' }).finally(() => clearInterval(timer))
    expect(turns).toBeGreaterThan(10)
  })

  test('an expression that takes for ever does not hold up the process', async () => {
    await using folder = await openTempFolder({ 'b.txt': 'a'.repeat(100) })
    const controller = new AbortController()
    const reason = new Error('enough')
    const context = createToolContext({ signal: controller.signal })
    const search = callFailing(
      createSearchFilesTool({ root: folder.path }),
      { query: '^(a+)+b$', regex: true },
      context,
    )
    setTimeout(() => controller.abort(reason), 100)
    expect(await search).toBe(reason)
  })

  test.for(['(', '[', '*a', String.raw`\p{Foo}[`])('%j is refused as no expression', async (query) => {
    const error = await callFailing(createSearchFilesTool({ root: shared.path }), { query, regex: true })
    expect(error).toMatchObject({
      code: 'TOOL_INVALID_INPUT',
      message: `query ${JSON.stringify(query)} is not a regular expression of JavaScript`,
    })
  })
})

test('a recorded call touches nothing and gives the same result', async () => {
  const folder = await openTempFolder({ 'a.txt': 'needle' })
  const tool = createSearchFilesTool({ root: folder.path })
  const live = recordingContext()
  const result = await call(tool, { query: 'n.edle', regex: true }, live.context)
  await rm(folder.path, { recursive: true })
  const again = await call(tool, { query: 'n.edle', regex: true }, replayingContext(live.outcomes).context)
  expect([again, live.outcomes.map(({ name }) => name)]).toEqual([result, ['search_files']])
})

test.for([
  [{ root: '.', maxMatches: 0 }, 'option maxMatches is 0'],
  [{ root: '.', timeoutMs: 0 }, 'option timeoutMs is 0'],
  [{ root: '.', regex: true }, 'unknown option "regex"'],
] as const)('options %j are refused', ([options, message]) => {
  expect(() => createSearchFilesTool(options as unknown as SearchFilesToolOptions)).toThrow(message)
})

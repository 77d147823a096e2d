import { rm, symlink, writeFile } from 'node:fs/promises'

import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, expect, test } from 'vitest'

import { createListFilesTool, type ListFilesToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { makeFifo, makeUnreachable } from '../support/special-files.ts'
import { openTempFolder } from '../support/temp-folder.ts'

interface Result {
  readonly entries: readonly { readonly path: string; readonly type: string; readonly sizeBytes?: number }[]
  readonly truncated: boolean
}

const shared = await openTempFolder({
  'b.txt': 'bb',
  'a.txt': 'a',
  'src/main.ts': 'main',
  'src/deep/part.ts': 'part',
  'src/notes.md': 'notes',
  'node_modules/x/index.js': 'x',
  '.git/config': 'config',
  'Z.txt': 'Z',
})
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'list_files',
  create: () => createListFilesTool({ root: shared.path }),
  accepts: [
    {
      input: {},
      result: {
        entries: [
          { path: '.git', type: 'directory' },
          { path: 'Z.txt', type: 'file', sizeBytes: 1 },
          { path: 'a.txt', type: 'file', sizeBytes: 1 },
          { path: 'b.txt', type: 'file', sizeBytes: 2 },
          { path: 'node_modules', type: 'directory' },
          { path: 'src', type: 'directory' },
        ],
        truncated: false,
      },
    },
    {
      input: { path: 'src', recursive: true, pattern: '*.ts' },
      result: {
        entries: [
          { path: 'src/deep/part.ts', type: 'file', sizeBytes: 4 },
          { path: 'src/main.ts', type: 'file', sizeBytes: 4 },
        ],
        truncated: false,
      },
    },
    { input: { path: '.', recursive: true, limit: 3 } },
  ],
  rejects: [{ path: '' }, { limit: 0 }, { limit: 1001 }, { recursive: 'yes' }, { pattern: '' }, { depth: 1 }],
})

test('everything below is listed, but not what is in folders that are skipped', async () => {
  const { entries } = await call<Result>(createListFilesTool({ root: shared.path }), { recursive: true })
  expect(entries.map(({ path }) => path)).toEqual([
    '.git',
    'Z.txt',
    'a.txt',
    'b.txt',
    'node_modules',
    'src',
    'src/deep',
    'src/deep/part.ts',
    'src/main.ts',
    'src/notes.md',
  ])
})

test('a folder that is skipped can be asked for itself, and other folders can be skipped', async () => {
  const named = await call<Result>(createListFilesTool({ root: shared.path }), { path: 'node_modules/x' })
  const tool = createListFilesTool({ root: shared.path, skipFolders: ['src'] })
  const others = await call<Result>(tool, { recursive: true, pattern: '**/*.{ts,js}' })
  expect([named, others].map(({ entries }) => entries.map(({ path }) => path))).toEqual([
    ['node_modules/x/index.js'],
    ['node_modules/x/index.js'],
  ])
})

test('what is excluded is not listed', async () => {
  const tool = createListFilesTool({ root: shared.path, exclude: ['.git', 'src/deep', '*.txt'] })
  const { entries } = await call<Result>(tool, { recursive: true })
  expect(entries.map(({ path }) => path)).toEqual(['node_modules', 'src', 'src/main.ts', 'src/notes.md'])
})

test.for([
  [6, false],
  [5, true],
  [1, true],
] as const)('of six entries, a limit of %i is flagged as cut: %j', async ([limit, truncated]) => {
  const result = await call<Result>(createListFilesTool({ root: shared.path }), { limit })
  expect([result.entries.length, result.truncated]).toEqual([limit, truncated])
})

test('the limit counts what matches', async () => {
  const tool = createListFilesTool({ root: shared.path })
  const exact = await call<Result>(tool, { recursive: true, pattern: '*.ts', limit: 2 })
  const cut = await call<Result>(tool, { recursive: true, pattern: '*.ts', limit: 1 })
  expect([exact.truncated, cut.truncated]).toEqual([false, true])
})

test('links, FIFOs and the like are named for what they are, and links not followed', async () => {
  await using outside = await openTempFolder({ 'secret.txt': 'OUTSIDE' })
  await using folder = await openTempFolder({ 'real/a.txt': 'a' })
  await symlink(outside.path, folder.at('out'))
  await symlink('.', folder.at('real/loop'))
  await symlink('nowhere', folder.at('broken'))
  await makeFifo(folder.at('pipe'))
  const result = await call<Result>(createListFilesTool({ root: folder.path }), { recursive: true })
  expect(result.entries).toEqual([
    { path: 'broken', type: 'symlink' },
    { path: 'out', type: 'symlink' },
    { path: 'pipe', type: 'other' },
    { path: 'real', type: 'directory' },
    { path: 'real/a.txt', type: 'file', sizeBytes: 1 },
    { path: 'real/loop', type: 'symlink' },
  ])
})

test('hidden files can be excluded without excluding the root', async () => {
  await using folder = await openTempFolder({ 'a.txt': 'a', '.env': '', '.git/config': '' })
  for (const exclude of [['.*'], ['.*', '**/.*']]) {
    const { entries } = await call<Result>(createListFilesTool({ root: folder.path, exclude }), { recursive: true })
    expect(entries.map(({ path }) => path)).toEqual(['a.txt'])
  }
})

test('a folder that cannot be entered is shown, and that something is missing is flagged', async () => {
  await using folder = await openTempFolder({ 'a.txt': '' })
  await makeUnreachable(folder.path)
  const tool = createListFilesTool({ root: folder.path })
  const deep = await call<Result>(tool, { recursive: true })
  const flat = await call<Result>(tool, {})
  expect([deep, flat].map(({ entries, truncated }) => [entries.length, truncated])).toEqual([
    [2, true],
    [2, false],
  ])
})

test('a folder behind a link within the root is listed under its real name', async () => {
  await using folder = await openTempFolder({ 'real/a.txt': 'a' })
  await symlink('real', folder.at('alias'))
  const { entries } = await call<Result>(createListFilesTool({ root: folder.path }), { path: 'alias' })
  expect(entries).toEqual([{ path: 'real/a.txt', type: 'file', sizeBytes: 1 }])
})

test('long names fill the result before it is too long for a log, and that is flagged', async () => {
  const names = Array.from({ length: 800 }, (_, index) => `${'\u0001'.repeat(240)}${index}`)
  await using folder = await openTempFolder()
  await Promise.all(names.map((name) => writeFile(folder.at(name), '')))
  const tool = createListFilesTool({ root: folder.path, maxEntries: 3000 })
  const text = await tool.execute('{}', createToolContext())
  expect(text.length).toBeLessThan(tool.policy?.maxResultBytes ?? 0)
  expect(JSON.parse(text)).toMatchObject({ truncated: true })
})

test('a folder that is not there, or is none, is said to be', async () => {
  const tool = createListFilesTool({ root: shared.path })
  const errors = [await callFailing(tool, { path: 'gone' }), await callFailing(tool, { path: 'a.txt' })]
  expect(errors.map(({ message }) => message)).toEqual([
    'path "gone" does not exist',
    'path "a.txt" is a file, expected a directory',
  ])
})

test('a pattern with too many alternatives is refused in words', async () => {
  const error = await callFailing(createListFilesTool({ root: shared.path }), { pattern: '{a,b}'.repeat(8) })
  expect(error).toMatchObject({ code: 'TOOL_INVALID_INPUT', message: expect.stringContaining('too many alternatives') })
})

test('an abort in the middle of a walk rejects with its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const context = createToolContext({
    signal: controller.signal,
    sideEffect: async (_name, work) => {
      const result = work()
      controller.abort(reason)
      return await result
    },
  })
  const error = await callFailing(createListFilesTool({ root: shared.path }), { recursive: true }, context)
  expect(error).toBe(reason)
})

test('a recorded call touches nothing and gives the same result', async () => {
  const folder = await openTempFolder({ 'a.txt': 'a' })
  const tool = createListFilesTool({ root: folder.path })
  const live = recordingContext()
  const result = await call(tool, {}, live.context)
  await rm(folder.path, { recursive: true })
  expect(await call(tool, {}, replayingContext(live.outcomes).context)).toEqual(result)
  expect(live.outcomes.map(({ name }) => name)).toEqual(['list_files'])
})

test.for([
  [{ root: '.', maxEntries: 0 }, 'option maxEntries is 0'],
  [{ root: '.', skipFolders: 'x' }, 'option skipFolders is "x", expected a list of texts'],
  [{ root: '.', maxFiles: 1 }, 'unknown option "maxFiles"'],
] as const)('options %j are refused', ([options, message]) => {
  expect(() => createListFilesTool(options as unknown as ListFilesToolOptions)).toThrow(message)
})

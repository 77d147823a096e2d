import { statSync, watch } from 'node:fs'
import { chmod, link, lstat, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'

import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, describe, expect, test } from 'vitest'

import { createFileRoot } from '../../src/files/file-root.ts'
import { writeWithin } from '../../src/files/write-file.ts'
import { createReadFileTool, createWriteFileTool, type WriteFileToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { makeFifo } from '../support/special-files.ts'
import { startSwapper } from '../support/swapper.ts'
import { openTempFolder } from '../support/temp-folder.ts'

interface Result {
  readonly path: string
  readonly sizeBytes: number
  readonly created: boolean
}

const shared = await openTempFolder({ 'same.txt': 'same' })
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'write_file',
  create: () => createWriteFileTool({ root: shared.path }),
  accepts: [
    {
      input: { path: 'same.txt', contents: 'same', mode: 'overwrite' },
      result: { path: 'same.txt', sizeBytes: 4, created: false },
    },
  ],
  rejects: [
    {},
    { path: 'a.txt' },
    { contents: 'a' },
    { path: '', contents: 'a' },
    { path: 'a.txt', contents: 7 },
    { path: 'a.txt', contents: '', mode: 'truncate' },
    { path: 'a.txt', contents: 'a'.repeat(1024 * 1024 + 1) },
  ],
})

describe('what is written', () => {
  test('create makes a file and the folders on the way, and refuses what is there', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    const made = await call<Result>(tool, { path: 'a/b/c.txt', contents: 'héllo' })
    const again = await callFailing(tool, { path: 'a/b/c.txt', contents: 'other' })
    expect(made).toEqual({ path: 'a/b/c.txt', sizeBytes: 6, created: true })
    expect(again).toMatchObject({ code: 'BUILTIN_REFUSED', message: 'path "a/b/c.txt" exists already' })
    expect(await readFile(folder.at('a/b/c.txt'), 'utf8')).toBe('héllo')
    expect(await readdir(folder.at('a/b'))).toEqual(['c.txt'])
  })

  test('overwrite replaces the file as a whole and keeps who may read it', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'a longer text than before' })
    await chmod(folder.at('a.txt'), 0o640)
    const before = await stat(folder.at('a.txt'))
    const tool = createWriteFileTool({ root: folder.path })
    const result = await call<Result>(tool, { path: 'a.txt', contents: 'short', mode: 'overwrite' })
    const after = await stat(folder.at('a.txt'))
    expect([result.created, after.mode & 0o777, after.ino === before.ino]).toEqual([false, 0o640, false])
    expect([await readFile(folder.at('a.txt'), 'utf8'), await readdir(folder.path)]).toEqual(['short', ['a.txt']])
  })

  test('overwrite makes a file that is not there, and append too', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    const over = await call<Result>(tool, { path: 'a.txt', contents: 'a', mode: 'overwrite' })
    const added = await call<Result>(tool, { path: 'b.txt', contents: 'b', mode: 'append' })
    expect([over.created, added.created]).toEqual([true, true])
  })

  test('append adds to the end, and says how long the file is then', async () => {
    await using folder = await openTempFolder({ 'log.txt': 'one\n' })
    const tool = createWriteFileTool({ root: folder.path })
    const result = await call<Result>(tool, { path: 'log.txt', contents: 'two\n', mode: 'append' })
    expect(result).toEqual({ path: 'log.txt', sizeBytes: 8, created: false })
    expect(await readFile(folder.at('log.txt'), 'utf8')).toBe('one\ntwo\n')
  })

  test('what replaces a private file is private from the start', async () => {
    await using folder = await openTempFolder({ key: 'old' })
    await chmod(folder.at('key'), 0o600)
    const modes = new Set<number>()
    const watching = watch(folder.path, () => {
      const stats = statSync(folder.at('temporary'), { throwIfNoEntry: false })
      if (stats !== undefined) modes.add(stats.mode & 0o777)
    })
    await writeWithin(createFileRoot({ root: folder.path, isExcluded: () => false }), 'key', {
      contents: new Uint8Array(32 * 1024 * 1024),
      mode: 'overwrite',
      createFolders: false,
      temporaryName: () => 'temporary',
      signal: new AbortController().signal,
    })
    watching.close()
    expect([...modes]).toEqual([0o600])
  })

  test('an empty file can be written', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    expect(await call<Result>(tool, { path: 'empty', contents: '' })).toMatchObject({ sizeBytes: 0, created: true })
  })

  test('of many that create the same file at once, one succeeds', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    const calls = Array.from({ length: 8 }, (_, index) =>
      tool.execute(JSON.stringify({ path: 'one.txt', contents: String(index) }), createToolContext()),
    )
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(folder.path)).toEqual(['one.txt'])
  })

  test('whoever reads while it is replaced sees the old text or the new one, and the name it has', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'a'.repeat(100_000) })
    const tool = createWriteFileTool({ root: folder.path })
    const read = createReadFileTool({ root: folder.path })
    const writing = new AbortController()
    const reader = (async () => {
      const seen = new Set<string>()
      while (!writing.signal.aborted) {
        const { path, contents } = await call<{ path: string; contents: string }>(read, { path: 'a.txt' })
        seen.add(`${path} ${contents.length} ${[...new Set(contents)].join('')}`)
      }
      return seen
    })()
    for (const letter of 'bcdefghijklmnopqrstuvwxyz') {
      await call(tool, { path: 'a.txt', contents: letter.repeat(100_000), mode: 'overwrite' })
    }
    writing.abort()
    for (const text of await reader) expect(text).toMatch(/^a\.txt 100000 [a-z]$/)
  })
})

describe('where it does not write', () => {
  test('through a link that leads outside, whatever it leads to', async () => {
    await using outside = await openTempFolder({ 'there.txt': 'outside' })
    await using folder = await openTempFolder()
    await symlink(outside.at('there.txt'), folder.at('file.txt'))
    await symlink(outside.at('new.txt'), folder.at('broken.txt'))
    await symlink(outside.path, folder.at('folder'))
    const tool = createWriteFileTool({ root: folder.path })
    for (const mode of ['create', 'overwrite', 'append']) {
      for (const path of ['file.txt', 'broken.txt', 'folder/new.txt', 'folder/there.txt', 'folder/deep/new.txt']) {
        const error = await callFailing(tool, { path, contents: 'x', mode })
        expect([path, mode, error.code]).toEqual([
          path,
          mode,
          path === 'broken.txt' ? 'BUILTIN_NOT_FOUND' : 'BUILTIN_REFUSED',
        ])
      }
    }
    expect([await readdir(outside.path), await readFile(outside.at('there.txt'), 'utf8')]).toEqual([
      ['there.txt'],
      'outside',
    ])
  })

  test('through a link within the root it writes to the file, and the link stays', async () => {
    await using folder = await openTempFolder({ 'real/a.txt': 'old' })
    await symlink('real/a.txt', folder.at('alias.txt'))
    await symlink('real', folder.at('folder'))
    const tool = createWriteFileTool({ root: folder.path })
    const result = await call<Result>(tool, { path: 'alias.txt', contents: 'new', mode: 'overwrite' })
    const below = await call<Result>(tool, { path: 'folder/b/c.txt', contents: 'c' })
    expect([result.path, below.path]).toEqual(['real/a.txt', 'real/b/c.txt'])
    expect((await lstat(folder.at('alias.txt'))).isSymbolicLink()).toBe(true)
    expect(await readFile(folder.at('real/a.txt'), 'utf8')).toBe('new')
  })

  test('into a FIFO, a folder or the root', async () => {
    await using folder = await openTempFolder({ 'folder/': '' })
    await makeFifo(folder.at('pipe'))
    const tool = createWriteFileTool({ root: folder.path })
    for (const mode of ['overwrite', 'append']) {
      const errors = [
        await callFailing(tool, { path: 'pipe', contents: 'x', mode }),
        await callFailing(tool, { path: 'folder', contents: 'x', mode }),
        await callFailing(tool, { path: 'folder/..', contents: 'x', mode }),
      ]
      expect(errors.map(({ message }) => message)).toEqual([
        'path "pipe" is a FIFO, expected a regular file',
        'path "folder" is a directory, expected a regular file',
        'path "folder/.." is the root',
      ])
    }
  })

  test('into a file that has a name elsewhere: it is not added to, and a new one replaces it', async () => {
    await using outside = await openTempFolder({ 'shared.txt': 'shared' })
    await using folder = await openTempFolder()
    await link(outside.at('shared.txt'), folder.at('a.txt'))
    const tool = createWriteFileTool({ root: folder.path })
    const error = await callFailing(tool, { path: 'a.txt', contents: 'x', mode: 'append' })
    await call(tool, { path: 'a.txt', contents: 'own', mode: 'overwrite' })
    expect(error.message).toBe('path "a.txt" has another name, so it can be overwritten and not be added to')
    expect(await readFile(outside.at('shared.txt'), 'utf8')).toBe('shared')
  })

  test('what is excluded, also not by making the folder', async () => {
    await using folder = await openTempFolder({ 'a/b.txt': 'b' })
    await symlink('a', folder.at('alias'))
    const tool = createWriteFileTool({ root: folder.path, exclude: ['.git', 'a/*.txt'] })
    const paths = ['.git/config', 'sub/.git/hooks/x', 'a/b.txt', 'alias/c.txt']
    const errors = await Promise.all(paths.map((path) => callFailing(tool, { path, contents: 'x', mode: 'overwrite' })))
    expect(errors.map(({ code }) => code)).toEqual(paths.map(() => 'BUILTIN_REFUSED'))
    expect(await readFile(folder.at('a/b.txt'), 'utf8')).toBe('b')
  })

  test('what is refused, and no folder is made for it', async () => {
    await using folder = await openTempFolder({ 'there/x': '' })
    await symlink('there', folder.at('alias'))
    const tool = createWriteFileTool({ root: folder.path, exclude: ['.env', 'there/b/*.pem'] })
    const paths = ['a/b/.env', 'a/.ENV/c', 'alias/b/k.pem', `a/b/${'n'.repeat(300)}`]
    const errors = await Promise.all(paths.map((path) => callFailing(tool, { path, contents: 'x' })))
    expect(errors.map(({ code }) => code)).toEqual([
      'BUILTIN_REFUSED',
      'BUILTIN_REFUSED',
      'BUILTIN_REFUSED',
      'BUILTIN_NOT_FOUND',
    ])
    expect([await readdir(folder.path), await readdir(folder.at('there'))]).toEqual([['alias', 'there'], ['x']])
  })

  test('into folders that are not there, when none may be made', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path, createFolders: false })
    const error = await callFailing(tool, { path: 'a/b.txt', contents: 'x' })
    expect([error.message, await readdir(folder.path)]).toEqual(['path "a" does not exist', []])
  })

  test('into more new folders than anybody means', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    const error = await callFailing(tool, { path: `${'d/'.repeat(33)}x`, contents: 'x' })
    expect([error.code, await readdir(folder.path)]).toEqual(['BUILTIN_NOT_FOUND', []])
    expect(await call<Result>(tool, { path: `${'d/'.repeat(32)}x`, contents: 'x' })).toMatchObject({ created: true })
  })

  test.for(['a.txt/', 'a.txt/.', 'a.txt/b/..', 'new/'])('to %j, which is a path of a folder', async (path) => {
    await using folder = await openTempFolder({ 'a.txt': 'old' })
    const tool = createWriteFileTool({ root: folder.path })
    const error = await callFailing(tool, { path, contents: 'new', mode: 'overwrite' })
    expect(error).toMatchObject({ code: 'BUILTIN_UNSUPPORTED' })
    expect(await readdir(folder.path)).toEqual(['a.txt'])
    expect(await readFile(folder.at('a.txt'), 'utf8')).toBe('old')
  })

  test('half of a character, which would be another one in the file', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path })
    const error = await callFailing(tool, { path: 'a.txt', contents: 'a\ud83d' })
    expect(error).toMatchObject({ code: 'TOOL_INVALID_INPUT' })
    expect(await readdir(folder.path)).toEqual([])
    await call(tool, { path: 'a.txt', contents: 'a\u{1f600}' })
    expect(await readFile(folder.at('a.txt'), 'utf8')).toBe('a\u{1f600}')
  })

  test('more than it may: the bytes count, not the characters', async () => {
    await using folder = await openTempFolder()
    const tool = createWriteFileTool({ root: folder.path, maxBytes: 4 })
    const error = await callFailing(tool, { path: 'a.txt', contents: 'é€' })
    expect(error).toMatchObject({ code: 'TOOL_INVALID_INPUT', message: 'contents has 5 bytes, expected at most 4' })
    expect(await call<Result>(tool, { path: 'a.txt', contents: '€a' })).toMatchObject({ sizeBytes: 4 })
  })

  test('outside, while a folder is swapped for a link', async () => {
    await using outside = await openTempFolder({ 'keep.txt': 'outside' })
    await using root = await openTempFolder({ 'folder/keep.txt': 'inside' })
    await symlink(outside.path, root.at('link'))
    await using swapper = await startSwapper(root.at('folder'), root.at('parked'), root.at('link'))
    const tool = createWriteFileTool({ root: root.path, createFolders: false })
    let written = 0
    for (let round = 0; round < 400; round += 1) {
      const mode = round % 2 === 0 ? 'overwrite' : 'append'
      const input = JSON.stringify({ path: `folder/${round % 4 < 2 ? 'keep.txt' : 'new.txt'}`, contents: 'x', mode })
      const attempt = tool.execute(input, createToolContext()).then(
        () => 1,
        () => 0,
      )
      written += await Promise.race([attempt, swapper.ended])
    }
    expect(written).toBeGreaterThan(0)
    expect([await readdir(outside.path), await readFile(outside.at('keep.txt'), 'utf8')]).toEqual([
      ['keep.txt'],
      'outside',
    ])
  })
})

test('a call that is aborted before the file is in place leaves nothing behind', async () => {
  await using folder = await openTempFolder({ 'a.txt': 'old' })
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
  const tool = createWriteFileTool({ root: folder.path })
  const error = await callFailing(tool, { path: 'a.txt', contents: 'new', mode: 'overwrite' }, context)
  expect(error).toBe(reason)
  expect([await readFile(folder.at('a.txt'), 'utf8'), await readdir(folder.path)]).toEqual(['old', ['a.txt']])
})

test('a recorded call touches nothing and gives the same result', async () => {
  const folder = await openTempFolder()
  const tool = createWriteFileTool({ root: folder.path })
  const live = recordingContext()
  const result = await call(tool, { path: 'a.txt', contents: 'a' }, live.context)
  await rm(folder.path, { recursive: true })
  const again = await call(tool, { path: 'a.txt', contents: 'a' }, replayingContext(live.outcomes).context)
  expect([again, live.outcomes.map(({ name }) => name)]).toEqual([result, ['write_file']])
  await expect(stat(folder.path)).rejects.toThrow('ENOENT')
})

test('it is not idempotent: a replay never calls it, and its policy cannot be bent to try again', () => {
  expect(createWriteFileTool({ root: '.' }).policy).toEqual({ idempotent: false })
  expect(() => createWriteFileTool({ root: '.', policy: { maxAttempts: 2 } })).toThrow('needs idempotent true')
})

test.for([
  [{ root: '.', maxBytes: 0 }, 'option maxBytes is 0'],
  [{ root: '.', createFolders: 1 }, 'option createFolders is 1, expected true or false'],
  [{ root: '.', mode: 'append' }, 'unknown option "mode"'],
] as const)('options %j are refused', ([options, message]) => {
  expect(() => createWriteFileTool(options as unknown as WriteFileToolOptions)).toThrow(message)
})

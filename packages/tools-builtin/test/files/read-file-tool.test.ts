import { link, rm, symlink, writeFile } from 'node:fs/promises'

import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, describe, expect, test } from 'vitest'

import { createReadFileTool, type ReadFileToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { openTempFolder } from '../support/temp-folder.ts'

interface Result {
  readonly path: string
  readonly contentsType: string
  readonly contents: string
  readonly unit: string
  readonly count: number
  readonly nextOffset: number | null
  readonly sizeBytes: number
  readonly truncated: boolean
}

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2])

const shared = await openTempFolder({ 'notes/today.md': 'one\ntwo\nthree\n' })
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'read_file',
  create: () => createReadFileTool({ root: shared.path }),
  accepts: [
    {
      input: { path: 'notes/today.md' },
      result: {
        path: 'notes/today.md',
        contentsType: 'text',
        contents: 'one\ntwo\nthree\n',
        unit: 'lines',
        offset: 0,
        count: 3,
        nextOffset: null,
        sizeBytes: 14,
        truncated: false,
      },
    },
    {
      input: { path: './notes/../notes/today.md', offset: 1, limit: 1 },
      result: {
        path: 'notes/today.md',
        contentsType: 'text',
        contents: 'two\n',
        unit: 'lines',
        offset: 1,
        count: 1,
        nextOffset: 2,
        sizeBytes: 14,
        truncated: true,
      },
    },
    { input: { path: 'notes/today.md', offset: 4, limit: 3, unit: 'bytes' } },
  ],
  rejects: [
    {},
    { path: '' },
    { path: 'a'.repeat(4097) },
    { path: 'a', offset: -1 },
    { path: 'a', limit: 0 },
    { path: 'a', unit: 'pages' },
    { path: ['a'] },
  ],
})

describe('what comes back', () => {
  test('a file that is longer than one call returns is cut at a line, and can be read on', async () => {
    await using folder = await openTempFolder({ 'long.txt': 'line of text\n'.repeat(100) })
    const tool = createReadFileTool({ root: folder.path, maxBytes: 500 })
    const first = await call<Result>(tool, { path: 'long.txt' })
    const second = await call<Result>(tool, { path: 'long.txt', offset: first.nextOffset })
    expect([first, second]).toMatchObject([
      { count: 38, nextOffset: 38, truncated: true, sizeBytes: 1300 },
      { count: 38, nextOffset: 76, truncated: true },
    ])
  })

  test('a line that is longer than one call returns goes on in bytes', async () => {
    await using folder = await openTempFolder({ 'min.js': `short\n${'x'.repeat(100)}` })
    const tool = createReadFileTool({ root: folder.path, maxBytes: 60 })
    const first = await call<Result>(tool, { path: 'min.js', offset: 1 })
    const second = await call<Result>(tool, { path: 'min.js', offset: first.nextOffset, unit: first.unit })
    expect([first, second]).toMatchObject([
      { unit: 'bytes', count: 60, nextOffset: 66, truncated: true },
      { unit: 'bytes', count: 40, nextOffset: null, truncated: false },
    ])
  })

  test('UTF-16 with a mark reads like any other text', async () => {
    const utf16 = new Uint8Array([
      0xff,
      0xfe,
      ...new Uint8Array(Uint16Array.from('añ\nb', (c) => c.charCodeAt(0)).buffer),
    ])
    await using folder = await openTempFolder({ 'windows.txt': utf16, 'marked.txt': '\uFEFFabc' })
    const tool = createReadFileTool({ root: folder.path })
    const second = await call<Result>(tool, { path: 'windows.txt', offset: 1 })
    const marked = await call<Result>(tool, { path: 'marked.txt' })
    expect([second, marked]).toMatchObject([
      { contentsType: 'text', contents: 'b', count: 1, sizeBytes: 10 },
      { contentsType: 'text', contents: 'abc' },
    ])
  })

  test('wrong bytes in a text are marked', async () => {
    await using folder = await openTempFolder({ 'latin1.txt': new Uint8Array([0x61, 0xe9, 0x62]) })
    const result = await call<Result>(createReadFileTool({ root: folder.path }), { path: 'latin1.txt' })
    expect(result).toMatchObject({ contentsType: 'text', contents: 'a\uFFFDb', lossy: true })
  })

  test('a text that is whole says nothing of wrong bytes, also where it has the mark for them itself', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'é\uFFFD😀', 'b.txt': '\uFEFFé' })
    const tool = createReadFileTool({ root: folder.path })
    const results = [await call<Result>(tool, { path: 'a.txt' }), await call<Result>(tool, { path: 'b.txt' })]
    expect(results.map(({ contents }) => contents)).toEqual(['é\uFFFD😀', 'é'])
    for (const result of results) expect(result).not.toHaveProperty('lossy')
  })

  test.for(['a.pem/', 'a.pem/.', 'a.pem/b/..', 'a.pem/./'])('%j is no other name for a file', async (path) => {
    await using folder = await openTempFolder({ 'a.pem': 'key' })
    const error = await callFailing(createReadFileTool({ root: folder.path }), { path })
    expect(error).toMatchObject({ code: 'BUILTIN_UNSUPPORTED' })
    expect(error.message).toBe(`path ${JSON.stringify(path)} is that of a directory, expected a regular file`)
  })

  test('a binary file is said to be one, or comes as base64 in parts', async () => {
    await using folder = await openTempFolder({ 'data.bin': new Uint8Array([1, 0, 2, 10, 3]) })
    const omitted = await call<Result>(createReadFileTool({ root: folder.path }), { path: 'data.bin' })
    const tool = createReadFileTool({ root: folder.path, binary: 'base64' })
    const part = await call<Result>(tool, { path: 'data.bin', offset: 1, limit: 3, unit: 'bytes' })
    expect([omitted, part]).toMatchObject([
      { contentsType: 'omitted', contents: '', sizeBytes: 5, truncated: false },
      { contentsType: 'base64', contents: 'AAIK', unit: 'bytes', count: 3, nextOffset: 4, truncated: true },
    ])
  })

  test('a null byte far behind the beginning still makes it binary', async () => {
    await using folder = await openTempFolder({ 'late.bin': `${'text\n'.repeat(4000)}\0` })
    const tool = createReadFileTool({ root: folder.path })
    const start = await call<Result>(tool, { path: 'late.bin', limit: 2 })
    const whole = await call<Result>(tool, { path: 'late.bin' })
    expect([start.contentsType, whole.contentsType]).toEqual(['text', 'omitted'])
  })

  test('an image is shown beside the result when that was asked for', async () => {
    await using folder = await openTempFolder({ 'logo.png': PNG })
    const { context, attachments } = recordingContext()
    const tool = createReadFileTool({ root: folder.path, attachImages: true })
    expect(await call<Result>(tool, { path: 'logo.png' }, context)).toMatchObject({
      contentsType: 'attached',
      contents: '',
      truncated: false,
    })
    expect(attachments).toEqual([{ type: 'image', mediaType: 'image/png', data: PNG }])
  })

  test('a file of the kernel, which has no size, is read too', async () => {
    const tool = createReadFileTool({ root: '/proc/self' })
    expect(await call<Result>(tool, { path: 'status', limit: 1 })).toMatchObject({
      contents: expect.stringMatching(/^Name:/),
      sizeBytes: 0,
      truncated: true,
    })
  })

  test('a link within the root is followed, and the result says where it led', async () => {
    await using folder = await openTempFolder({ 'real/a.txt': 'a' })
    await symlink('real', folder.at('alias'))
    await symlink('../real/a.txt', folder.at('real/b.txt'))
    const tool = createReadFileTool({ root: folder.path })
    const both = [await call<Result>(tool, { path: 'alias/a.txt' }), await call<Result>(tool, { path: 'alias/b.txt' })]
    expect(both.map(({ path, contents }) => [path, contents])).toEqual([
      ['real/a.txt', 'a'],
      ['real/a.txt', 'a'],
    ])
  })

  test('the root may be a link itself, and be looked for only when it is used', async () => {
    await using folder = await openTempFolder({ 'root/a.txt': 'a' })
    const tool = createReadFileTool({ root: folder.at('later') })
    const missing = await callFailing(tool, { path: 'a.txt' })
    await symlink('root', folder.at('later'))
    const found = await call<Result>(tool, { path: 'a.txt' })
    expect([missing.message, found.contents]).toEqual(['the root of the file tools does not exist', 'a'])
  })

  test('the longest part, in the worst characters, fits into the result', async () => {
    await using folder = await openTempFolder({ 'control.txt': '\u0001'.repeat(5000) })
    const tool = createReadFileTool({ root: folder.path, maxBytes: 4000 })
    const text = await tool.execute(JSON.stringify({ path: 'control.txt' }), createToolContext())
    expect([text.length > 24_000, text.length < (tool.policy?.maxResultBytes ?? 0)]).toEqual([true, true])
  })
})

describe('what is excluded', () => {
  test('is refused under every name it has', async () => {
    await using folder = await openTempFolder({ '.env': 'KEY=1', 'a/.env': 'KEY=2', 'keys/id.pem': 'k', 'a.txt': 'a' })
    await symlink('.env', folder.at('harmless.txt'))
    await symlink('keys', folder.at('open'))
    const tool = createReadFileTool({ root: folder.path, exclude: ['.env', 'keys/**'] })
    const paths = ['.env', './x/../.env', 'a/.env', 'keys/id.pem', 'harmless.txt', 'open/id.pem']
    const errors = await Promise.all(paths.map((path) => callFailing(tool, { path })))
    expect(errors.map(({ code }) => code)).toEqual(paths.map(() => 'BUILTIN_REFUSED'))
    expect(await call<Result>(tool, { path: 'a.txt' })).toMatchObject({ contents: 'a' })
  })

  test('does not cover a hard link, which is a file of its own', async () => {
    await using folder = await openTempFolder({ '.env': 'KEY=1' })
    await link(folder.at('.env'), folder.at('copy.txt'))
    const tool = createReadFileTool({ root: folder.path, exclude: ['.env'] })
    expect(await call<Result>(tool, { path: 'copy.txt' })).toMatchObject({ contents: 'KEY=1' })
  })
})

describe('replay', () => {
  test('a recorded call touches nothing and gives the same result and attachment', async () => {
    const folder = await openTempFolder({ 'logo.png': PNG })
    const tool = createReadFileTool({ root: folder.path, attachImages: true })
    const live = recordingContext()
    const result = await call(tool, { path: 'logo.png' }, live.context)
    await rm(folder.path, { recursive: true })
    const again = replayingContext(live.outcomes)
    expect(await call(tool, { path: 'logo.png' }, again.context)).toEqual(result)
    expect(again.attachments).toEqual(live.attachments)
    expect(live.outcomes.map(({ name }) => name)).toEqual(['read_file'])
  })

  test('a recorded failure is the same failure, also when the file is there by then', async () => {
    await using folder = await openTempFolder()
    const tool = createReadFileTool({ root: folder.path })
    const live = recordingContext()
    const first = await callFailing(tool, { path: 'late.txt' }, live.context)
    await writeFile(folder.at('late.txt'), 'x')
    const again = await callFailing(tool, { path: 'late.txt' }, replayingContext(live.outcomes).context)
    expect([again.message, again.code]).toEqual([first.message, 'BUILTIN_NOT_FOUND'])
  })
})

describe('failures', () => {
  test('say the path as it was written, and not where the root is', async () => {
    await using folder = await openTempFolder({ 'folder/a.txt': 'a' })
    const tool = createReadFileTool({ root: folder.path })
    const paths = ['missing.txt', 'folder/a.txt/b', 'folder', 'a'.repeat(300), '../x']
    const errors = await Promise.all(paths.map((path) => callFailing(tool, { path })))
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['BUILTIN_NOT_FOUND', 'path "missing.txt" does not exist'],
      ['BUILTIN_NOT_FOUND', 'path "folder/a.txt/b" does not exist'],
      ['BUILTIN_UNSUPPORTED', 'path "folder" is a directory, expected a regular file'],
      ['BUILTIN_NOT_FOUND', `path "${'a'.repeat(300)}" has a name that is too long`],
      ['BUILTIN_REFUSED', 'path "../x" leads outside the root'],
    ])
  })

  test.for([
    [{}, 'option root is missing, expected a path'],
    [{ root: '' }, 'option root is "", expected text'],
    [{ root: '.', maxBytes: 1 }, 'option maxBytes is 1, expected a whole number from 16 to 67108864'],
    [{ root: '.', exclude: ['{a,b}'.repeat(9)] }, 'which has too many alternatives'],
    [{ root: '.', follow: true }, 'unknown option "follow"'],
    [{ root: '.', policy: { idempotent: 'yes' } }, 'policy field idempotent is yes, expected true or false'],
  ] as const)('options %j are refused', ([options, message]) => {
    expect(() => createReadFileTool(options as unknown as ReadFileToolOptions)).toThrow(message)
  })
})

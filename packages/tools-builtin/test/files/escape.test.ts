import { symlink } from 'node:fs/promises'

import type { Tool } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import {
  createListFilesTool,
  createReadFileTool,
  createSearchFilesTool,
  createWriteFileTool,
  type FileToolOptions,
} from '../../src/index.ts'
import { callFailing } from '../support/call.ts'
import { makeFifo, openSocket } from '../support/special-files.ts'
import { openTempFolder, type TempFolder } from '../support/temp-folder.ts'

/** The file tools, and how a path is asked of each. */
const TOOLS: readonly {
  readonly name: string
  readonly create: (options: FileToolOptions) => Tool
  readonly ask: (path: string) => unknown
  /** Whether it wants a file or a folder. */
  readonly wants: 'file' | 'folder'
}[] = [
  { name: 'read_file', create: createReadFileTool, ask: (path) => ({ path }), wants: 'file' },
  { name: 'list_files', create: createListFilesTool, ask: (path) => ({ path, recursive: true }), wants: 'folder' },
  { name: 'search_files', create: createSearchFilesTool, ask: (path) => ({ path, query: 'OUTSIDE' }), wants: 'folder' },
  {
    name: 'write_file',
    create: createWriteFileTool,
    ask: (path) => ({ path, contents: 'x', mode: 'overwrite' }),
    wants: 'file',
  },
]

/** Paths that lead out of the root by themselves. */
const PATHS: readonly string[] = [
  '..',
  '../',
  '../outside',
  '../outside/secret.txt',
  './../outside/secret.txt',
  'inside/../../outside/secret.txt',
  'inside/./.././../outside/secret.txt',
  '../root/../outside/secret.txt',
  '../root2/secret.txt',
  `${'../'.repeat(40)}etc/passwd`,
  '/etc/passwd',
  '//etc/passwd',
  '/proc/self/environ',
  '/dev/zero',
  'inside/a.txt\0.png',
  '\0',
]

describe.for(TOOLS)('$name', ({ create, ask, wants }) => {
  test.for(PATHS)('does not follow %j', async (path) => {
    await using folder = await openStage()
    const error = await callFailing(create({ root: folder.at('root') }), ask(path))
    expect([error.code, error.message]).toEqual(['BUILTIN_REFUSED', expect.stringContaining('path ')])
  })

  test.for([
    'link-to-file',
    'link-to-folder',
    'link-to-folder/secret.txt',
    'link-to-link',
    'link-to-root2/secret.txt',
    'absolute-link',
    'link-to-etc/passwd',
  ])('does not follow the link %s', async (path) => {
    await using folder = await openStage()
    const error = await callFailing(create({ root: folder.at('root') }), ask(path))
    expect(error.code).toBe('BUILTIN_REFUSED')
    expect(error.message).toMatch(/leads outside the root$/)
  })

  test('ends at links that lead in a circle or nowhere', async () => {
    await using folder = await openStage()
    const tool = create({ root: folder.at('root') })
    const codes = [await callFailing(tool, ask('circle')), await callFailing(tool, ask('broken'))].map(
      ({ code }) => code,
    )
    expect(codes).toEqual(['BUILTIN_REFUSED', 'BUILTIN_NOT_FOUND'])
  })

  test('does not wait at a FIFO, a socket or a device', async () => {
    await using folder = await openTempFolder()
    await makeFifo(folder.at('pipe'))
    await using socket = await openSocket(folder.at('socket'))
    const tool = create({ root: folder.path })
    const device = create({ root: '/dev' })
    const errors = [
      await callFailing(tool, ask('pipe')),
      await callFailing(tool, ask(socket.name)),
      await callFailing(device, ask('zero')),
      await callFailing(device, ask('tty')),
    ]
    const expected = wants === 'file' ? 'a regular file' : 'a directory'
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['BUILTIN_UNSUPPORTED', `path "pipe" is a FIFO, expected ${expected}`],
      ['BUILTIN_UNSUPPORTED', `path "socket" is a socket, expected ${expected}`],
      ['BUILTIN_UNSUPPORTED', `path "zero" is a device, expected ${expected}`],
      ['BUILTIN_UNSUPPORTED', `path "tty" is a device, expected ${expected}`],
    ])
  })

  test('does not show where the root is', async () => {
    await using folder = await openStage()
    const tool = create({ root: folder.at('root') })
    const paths = ['inside/none/none', 'a'.repeat(255), 'a/'.repeat(2000), ...PATHS]
    for (const path of paths) {
      const input = ask(path)
      const error = await callFailing(tool, input).catch(() => undefined)
      expect(error?.message).not.toContain(folder.path)
    }
  })

  test('takes names that are too long for an answer, not for an accident', async () => {
    await using folder = await openStage()
    const error = await callFailing(create({ root: folder.at('root') }), ask(`${'n'.repeat(300)}/x`))
    expect(error).toMatchObject({ code: 'BUILTIN_NOT_FOUND', message: expect.stringContaining('too long') })
  })
})

/** A root with links out of it, and what they lead to. */
async function openStage(): Promise<TempFolder> {
  const folder = await openTempFolder({
    'root/inside/a.txt': 'inside',
    'root2/secret.txt': 'OUTSIDE',
    'outside/secret.txt': 'OUTSIDE',
  })
  const links = {
    'link-to-file': '../outside/secret.txt',
    'link-to-folder': '../outside',
    'link-to-link': 'link-to-file',
    'link-to-root2': '../root2',
    'absolute-link': folder.at('outside/secret.txt'),
    'link-to-etc': '/etc',
    circle: 'circle',
    broken: 'nowhere',
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, folder.at('root', name))
  return folder
}

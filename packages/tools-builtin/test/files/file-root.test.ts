import { readdir, readlink, rename, symlink, writeFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'

import { createFileRoot, type FileRoot } from '../../src/files/file-root.ts'
import { makeFifo, openSocket } from '../support/special-files.ts'
import { openTempFolder } from '../support/temp-folder.ts'

describe.for(['descriptor', 'path'] as const)('known to be inside by its %s', (verification) => {
  test('a file inside is opened, and says where it is', async () => {
    await using folder = await openTempFolder({ 'a/b.txt': 'b' })
    await using file = await rootAt(folder.path).openFile('./a//b.txt')
    expect([file.path, await file.handle.readFile('utf8'), file.stats.size]).toEqual(['a/b.txt', 'b', 1])
  })

  test('links inside are followed, links to the outside are not', async () => {
    await using outside = await openTempFolder({ 'secret.txt': 'OUTSIDE' })
    await using folder = await openTempFolder({ 'real/b.txt': 'b' })
    await symlink('real', folder.at('alias'))
    await symlink(outside.path, folder.at('out'))
    const root = rootAt(folder.path)
    await using file = await root.openFile('alias/b.txt')
    await using directory = await root.openFolder('alias')
    expect([file.path, directory.path]).toEqual(['real/b.txt', 'real'])
    await expect(root.openFile('out/secret.txt')).rejects.toThrow('leads outside the root')
    await expect(root.openFolder('out')).rejects.toThrow('leads outside the root')
  })

  test('what is no file, or no folder, is not opened', async () => {
    await using folder = await openTempFolder({ 'a.txt': 'a', 'folder/': '' })
    await makeFifo(folder.at('pipe'))
    await using socket = await openSocket(folder.at('socket'))
    const root = rootAt(folder.path)
    await expect(root.openFile('folder')).rejects.toThrow('is a directory, expected a regular file')
    await expect(root.openFile('pipe')).rejects.toThrow('is a FIFO, expected a regular file')
    await expect(root.openFile(socket.name)).rejects.toThrow('is a socket, expected a regular file')
    await expect(root.openFolder('a.txt')).rejects.toThrow('is a file, expected a directory')
    await expect(root.openFolder('pipe')).rejects.toThrow('is a FIFO, expected a directory')
  })

  test('a folder lists what is in it, sorted, without what is excluded', async () => {
    await using folder = await openTempFolder({ 'b.txt': '', 'a/': '', '.env': '', 'c.txt': '' })
    await symlink('a', folder.at('link'))
    await using opened = await rootAt(folder.path, ['.env']).openFolder('.')
    expect(await opened.list(9)).toEqual({
      entries: [
        { name: 'a', type: 'directory' },
        { name: 'b.txt', type: 'file' },
        { name: 'c.txt', type: 'file' },
        { name: 'link', type: 'symlink' },
      ],
      truncated: false,
    })
    expect(await opened.list(4)).toMatchObject({ truncated: false })
    expect(await opened.list(3)).toMatchObject({ truncated: true, entries: { length: 3 } })
  })

  test('listing a folder ends with an abort, also when nothing in it is shown', async () => {
    await using folder = await openTempFolder()
    const names = Array.from({ length: 200 }, (_, index) => `${index}.log`)
    await Promise.all(names.map((name) => writeFile(folder.at(name), '')))
    const controller = new AbortController()
    let asked = 0
    const isExcluded = (path: string): boolean => {
      if (path.endsWith('.log') && ++asked === 100) controller.abort('enough')
      return path !== '.'
    }
    await using opened = await createFileRoot({ root: folder.path, isExcluded, verification }).openFolder('.')
    await expect(opened.list(9, { signal: controller.signal })).rejects.toBe('enough')
    expect(asked).toBe(100)
  })

  test('what is in a folder is opened by its name, links not', async () => {
    await using folder = await openTempFolder({ 'a/b.txt': 'b', 'a/c/d.txt': 'd', 'a/.env': '' })
    await symlink('b.txt', folder.at('a/link.txt'))
    await symlink('c', folder.at('a/link'))
    await using a = await rootAt(folder.path, ['.env']).openFolder('a')
    await using b = await a.openFile('b.txt')
    await using c = await a.openFolder('c')
    await using d = await c.openFile('d.txt')
    expect([b.path, c.path, d.path]).toEqual(['a/b.txt', 'a/c', 'a/c/d.txt'])
    await expect(a.openFile('link.txt')).rejects.toThrow('is a link, expected a regular file')
    await expect(a.openFolder('link')).rejects.toThrow('is a link, expected a directory')
    await expect(a.openFile('.env')).rejects.toThrow('is excluded')
    await expect(a.openFile('gone')).rejects.toThrow('path "a/gone" does not exist')
  })

  test('the root may be the root of everything', async () => {
    await using file = await rootAt('/').openFile('etc/hosts')
    expect(file.path).toBe('etc/hosts')
  })

  test('the root is looked for at every call', async () => {
    await using folder = await openTempFolder({ 'one/a.txt': 'one', 'two/a.txt': 'two' })
    await symlink('one', folder.at('root'))
    const root = rootAt(folder.at('root'))
    const before = await readAll(root, 'a.txt')
    await symlink('two', folder.at('next'))
    await rename(folder.at('next'), folder.at('root'))
    expect([before, await readAll(root, 'a.txt')]).toEqual(['one', 'two'])
  })

  test('nothing stays open, whether it was opened or refused', async () => {
    await using outside = await openTempFolder({ 'secret.txt': '' })
    await using folder = await openTempFolder({ 'a/b.txt': 'b' })
    await symlink(outside.at('secret.txt'), folder.at('out.txt'))
    await symlink('a', folder.at('alias'))
    await makeFifo(folder.at('pipe'))
    const root = rootAt(folder.path, ['*.pem'])
    await writeFile(folder.at('k.pem'), '')
    await symlink('k.pem', folder.at('k.txt'))
    const outcomes: string[] = []
    for (const path of ['a/b.txt', 'alias/b.txt', 'out.txt', 'pipe', 'a', 'k.pem', 'k.txt', 'gone', '..']) {
      outcomes.push(await readAll(root, path).catch((error: unknown) => (error instanceof Error ? error.message : '')))
    }
    expect(outcomes.filter((text) => text === 'b')).toHaveLength(2)
    expect(await openBelow(folder.path, outside.path)).toEqual([])
  })

  function rootAt(path: string, excluded: readonly string[] = []): FileRoot {
    const isExcluded = (name: string): boolean => excluded.some((one) => name.endsWith(one.replace('*', '')))
    return createFileRoot({ root: path, isExcluded, verification })
  }
})

async function readAll(root: FileRoot, path: string): Promise<string> {
  await using file = await root.openFile(path)
  return await file.handle.readFile('utf8')
}

/** What this process has open below some folders. */
async function openBelow(...folders: readonly string[]): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd')
  const links = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return links.filter((link) => folders.some((folder) => link.startsWith(folder)))
}

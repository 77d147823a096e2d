import { mkdir, rm, symlink } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { createFileRoot } from '../../src/files/file-root.ts'
import { createWalkReport, walk, type WalkOptions } from '../../src/files/walk.ts'
import { openTempFolder, type TempFolder } from '../support/temp-folder.ts'

test('a walk goes by name, and into a folder right after it has shown it', async () => {
  await using folder = await openTempFolder({ 'b/2.txt': '', 'b/1/x.txt': '', 'a.txt': '', 'c.txt': '' })
  expect(await walkAll(folder)).toEqual(['a.txt', 'b', 'b/1', 'b/1/x.txt', 'b/2.txt', 'c.txt'])
})

test('a walk that stops at the first level does', async () => {
  await using folder = await openTempFolder({ 'b/2.txt': '', 'a.txt': '' })
  expect(await walkAll(folder, { recursive: false })).toEqual(['a.txt', 'b'])
})

test('folders to skip are shown and not gone into, unless the walk begins there', async () => {
  await using folder = await openTempFolder({ 'a/skip/1.txt': '', 'skip/2.txt': '' })
  const options = { skipFolders: ['skip'] }
  expect(await walkAll(folder, options)).toEqual(['a', 'a/skip', 'skip'])
  expect(await walkAll(folder, { ...options, path: 'skip' })).toEqual(['skip/2.txt'])
})

test('links are shown and not followed, so a circle ends', async () => {
  await using folder = await openTempFolder({ 'a/b/c.txt': '' })
  await symlink('..', folder.at('a/b/up'))
  await symlink(folder.path, folder.at('self'))
  expect(await walkAll(folder)).toEqual(['a', 'a/b', 'a/b/c.txt', 'a/b/up', 'self'])
})

test('what disappears meanwhile is passed over, and a folder is counted', async () => {
  await using folder = await openTempFolder({ 'a/1.txt': '', 'b/2.txt': '', 'c.txt': '' })
  const report = createWalkReport()
  const root = createFileRoot({ root: folder.path, isExcluded: () => false })
  const seen: string[] = []
  for await (const { path } of walk(root, optionsOf({}), report)) {
    seen.push(path)
    if (path === 'a') await rm(folder.at('b'), { recursive: true })
  }
  expect(seen).toEqual(['a', 'a/1.txt', 'b', 'c.txt'])
  expect(report).toEqual({ truncated: false, foldersSkipped: 1 })
})

test('a walk goes a hundred folders deep, and says that there is more', async () => {
  await using folder = await openTempFolder()
  await mkdir(folder.at('d/'.repeat(105)), { recursive: true })
  const report = createWalkReport()
  const root = createFileRoot({ root: folder.path, isExcluded: () => false })
  let count = 0
  for await (const entry of walk(root, optionsOf({}), report)) count += entry.type === 'directory' ? 1 : 0
  expect([count, report.truncated]).toEqual([101, true])
})

test('a walk that is aborted rejects with the reason, and one that is left closes its folders', async () => {
  await using folder = await openTempFolder({ 'a/b/c.txt': '', 'd.txt': '' })
  const root = createFileRoot({ root: folder.path, isExcluded: () => false })
  const controller = new AbortController()
  const steps = walk(root, optionsOf({ signal: controller.signal }), createWalkReport())
  const first = await steps.next()
  controller.abort('enough')
  await expect(steps.next()).rejects.toBe('enough')
  const others = walk(root, optionsOf({}), createWalkReport())
  await others.next()
  const left = await others.next()
  await others.return(undefined)
  expect([first.done, left.done]).toEqual([false, false])
  await expect(left.done === true ? undefined : left.value.folder.list(1)).rejects.toThrow('does not exist')
})

async function walkAll(folder: TempFolder, options: Partial<WalkOptions> = {}): Promise<readonly string[]> {
  const root = createFileRoot({ root: folder.path, isExcluded: () => false })
  const paths: string[] = []
  for await (const { path } of walk(root, optionsOf(options), createWalkReport())) paths.push(path)
  return paths
}

function optionsOf(options: Partial<WalkOptions>): WalkOptions {
  return { path: '.', recursive: true, skipFolders: [], signal: new AbortController().signal, ...options }
}

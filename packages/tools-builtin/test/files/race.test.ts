import { mkdir, symlink, writeFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { createFileRoot, type FileRoot } from '../../src/files/file-root.ts'
import type { PathMatcher } from '../../src/files/glob.ts'
import { startSwapper } from '../support/swapper.ts'
import { openTempFolder } from '../support/temp-folder.ts'

const READS = 1500

test('a folder that is swapped for a link to the outside is never read through', async () => {
  await using outside = await openTempFolder({ 'secret.txt': 'OUTSIDE' })
  await using root = await openTempFolder({ 'folder/secret.txt': 'inside' })
  await symlink(outside.path, root.at('link'))
  await using swapper = await startSwapper(root.at('folder'), root.at('parked'), root.at('link'))
  const tally = await Promise.race([tallyReads(root.path, 'folder/secret.txt'), swapper.ended])
  expect(Object.keys(tally)).not.toContain('OUTSIDE')
  expect(tally['inside']).toBeGreaterThan(0)
})

test('a file that is swapped for a link to the outside is never read through', async () => {
  await using outside = await openTempFolder({ 'secret.txt': 'OUTSIDE' })
  await using root = await openTempFolder({ 'file.txt': 'inside' })
  await symlink(outside.at('secret.txt'), root.at('link'))
  await using swapper = await startSwapper(root.at('file.txt'), root.at('parked'), root.at('link'))
  const tally = await Promise.race([tallyReads(root.path, 'file.txt'), swapper.ended])
  expect(Object.keys(tally)).not.toContain('OUTSIDE')
  expect(tally['inside']).toBeGreaterThan(0)
})

test('a folder in the middle of the path may be swapped too', async () => {
  await using outside = await openTempFolder({ 'b/c/secret.txt': 'OUTSIDE' })
  await using root = await openTempFolder({ 'a/b/c/secret.txt': 'inside' })
  await symlink(outside.at('b'), root.at('link'))
  await using swapper = await startSwapper(root.at('a/b'), root.at('parked'), root.at('link'))
  const tally = await Promise.race([tallyReads(root.path, 'a/b/c/secret.txt'), swapper.ended])
  expect(Object.keys(tally)).not.toContain('OUTSIDE')
  expect(tally['inside']).toBeGreaterThan(0)
})

test('what is excluded is never read through a link that appears', async () => {
  await using root = await openTempFolder({ 'folder/key.txt': 'inside', 'secrets/key.txt': 'EXCLUDED' })
  await symlink('secrets', root.at('link'))
  await using swapper = await startSwapper(root.at('folder'), root.at('parked'), root.at('link'))
  const isExcluded = (path: string): boolean => path.startsWith('secrets')
  const tally = await Promise.race([tallyReads(root.path, 'folder/key.txt', isExcluded), swapper.ended])
  expect(Object.keys(tally)).not.toContain('EXCLUDED')
  expect(tally['inside']).toBeGreaterThan(0)
})

test('what is in an open folder stays what it was, whatever takes the place of the folder', async () => {
  await using outside = await openTempFolder({ 'name.txt': 'OUTSIDE' })
  await using root = await openTempFolder({ 'folder/name.txt': 'inside' })
  await symlink(outside.path, root.at('link'))
  const files = createFileRoot({ root: root.path, isExcluded: () => false })
  await using folder = await files.openFolder('folder')
  await using swapper = await startSwapper(root.at('folder'), root.at('parked'), root.at('link'))
  for (let round = 0; round < 300; round += 1) {
    await using file = await Promise.race([folder.openFile('name.txt'), swapper.ended])
    expect(await file.handle.readFile('utf8')).toBe('inside')
  }
})

test('without /proc, a link that appears between the check and the opening is not followed', async () => {
  await using outside = await openTempFolder({ 'secret.txt': 'OUTSIDE' })
  await using root = await openTempFolder()
  await mkdir(root.at('real'))
  await writeFile(root.at('real/secret.txt'), 'inside')
  await symlink('real', root.at('within'))
  await symlink(outside.path, root.at('out'))
  const files = createFileRoot({ root: root.path, isExcluded: () => false, verification: 'path' })
  expect([
    await read(files, 'real/secret.txt'),
    await read(files, 'within/secret.txt'),
    await read(files, 'out/secret.txt'),
  ]).toEqual(['inside', 'inside', 'path "out/secret.txt" leads outside the root'])
})

async function tallyReads(
  root: string,
  path: string,
  isExcluded: PathMatcher = () => false,
): Promise<Readonly<Record<string, number>>> {
  const files = createFileRoot({ root, isExcluded })
  const tally: Record<string, number> = {}
  for (let round = 0; round < READS; round += 1) {
    const outcome = await read(files, path)
    tally[outcome] = (tally[outcome] ?? 0) + 1
  }
  return tally
}

/** What is in a file, or why it cannot be had. */
async function read(files: FileRoot, path: string): Promise<string> {
  try {
    await using file = await files.openFile(path)
    return await file.handle.readFile('utf8')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

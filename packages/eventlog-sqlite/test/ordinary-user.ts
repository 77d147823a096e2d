import { chmodSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { temporaryDirectory } from './temporary-directory.ts'

const NOBODY = 65_534

/**
 * Calls `action` as a user whom file modes hold back: as nobody when the tests
 * run as root, otherwise as who we are.
 */
export async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  const { getuid, seteuid } = process
  if (getuid?.() !== 0 || seteuid === undefined) return action()
  seteuid(NOBODY)
  try {
    return await action()
  } finally {
    seteuid(0)
  }
}

/** Has `put` make a file, which then everybody may read, in a directory that nobody may write. */
export async function openToAll(put: (target: string) => unknown): Promise<string> {
  const directory = join(temporaryDirectory(), 'public')
  mkdirSync(directory)
  const path = join(directory, 'runs.db')
  await put(path)
  chmodSync(path, 0o644)
  chmodSync(directory, 0o555)
  chmodSync(dirname(directory), 0o755)
  return path
}

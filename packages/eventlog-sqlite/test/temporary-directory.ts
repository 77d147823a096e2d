import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach } from 'vitest'

const made: string[] = []

afterEach(() => {
  for (const directory of made.splice(0)) {
    // A test may have made a directory that nobody may write.
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) chmodSync(join(directory, entry.name), 0o700)
    }
    rmSync(directory, { recursive: true, force: true })
  }
})

/** Makes a directory that is deleted after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'starling-sqlite-'))
  made.push(directory)
  return directory
}

/** Returns the path of a file that is not there yet, in a directory of its own. */
export function temporaryPath(name = 'runs.db'): string {
  return join(temporaryDirectory(), name)
}

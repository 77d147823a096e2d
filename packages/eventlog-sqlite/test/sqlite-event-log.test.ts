import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { EventLog } from '@starling/eventlog'
import { describeEventLog } from '@starling/eventlog/conformance'
import { afterAll, beforeAll } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { goldenRuns } from './golden.ts'
import { temporaryPath } from './temporary-directory.ts'

// To make a file waits for the disk several times. The suite needs hundreds of empty ones: copies of this.
const directory = mkdtempSync(join(tmpdir(), 'starling-sqlite-'))
const emptyLog = join(directory, 'empty.db')
const paths = new WeakMap<EventLog, string>()

beforeAll(async () => {
  const log = await openSqliteEventLog({ path: emptyLog })
  await log[Symbol.asyncDispose]()
})

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

describeEventLog({
  name: 'SQLite',
  open: async () => {
    const path = temporaryPath()
    copyFileSync(emptyLog, path)
    return await openAt(path)
  },
  reopen: (log) => openAt(paths.get(log) ?? ''),
  reopenReadOnly: (log) => openSqliteEventLog({ path: paths.get(log) ?? '', readOnly: true }),
  runs: goldenRuns()
    .filter(({ runId }) => runId !== 'tampered')
    .map(({ runId, events }) => ({ name: runId, events })),
})

describeEventLog({
  name: 'SQLite in memory',
  open: () => openSqliteEventLog({ path: ':memory:' }),
})

async function openAt(path: string): Promise<EventLog> {
  const log = await openSqliteEventLog({ path, pollIntervalMs: 5 })
  paths.set(log, path)
  return log
}

import { validateRun } from '@starling/eventlog'
import { RunBuilder } from '@starling/eventlog/conformance'
import { expect, test } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { temporaryPath } from './temporary-directory.ts'

test('a broken run is stored as it is, and its verdict with it', async () => {
  const [first, second] = new RunBuilder('r').start().events.concat(new RunBuilder('r').start().events)
  if (first === undefined || second === undefined) throw new Error('the builder made no events')
  const broken = [first, { ...second, seq: 3, prevHash: new Uint8Array(32) }]
  await using log = await openSqliteEventLog({ path: temporaryPath() })
  await log.appendUnchecked('r', broken)
  expect(await log.read('r')).toEqual(broken)
  expect(await validateRun(log, 'r')).toMatchObject({ status: 'corrupt' })
  expect((await log.listRuns()).totalMatching).toBe(1)
})

test('a number that is taken is refused, and nothing of the batch is stored', async () => {
  const [first] = new RunBuilder('r').start().events
  if (first === undefined) throw new Error('the builder made no events')
  await using log = await openSqliteEventLog({ path: temporaryPath() })
  await log.append('r', first)
  const batch = [{ ...first, seq: 2 }, first]
  await expect(log.appendUnchecked('r', batch)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_APPEND' })
  expect(await log.read('r')).toEqual([first])
})

test('what is appended afterwards follows what was stored', async () => {
  const [first] = new RunBuilder('r').start().events
  if (first === undefined) throw new Error('the builder made no events')
  await using log = await openSqliteEventLog({ path: temporaryPath() })
  await log.appendUnchecked('r', [first])
  await expect(log.append('r', first)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_APPEND' })
})

import type { EventLog } from '@starling/eventlog'
import { describeEventLog } from '@starling/eventlog/conformance'

import { openSqliteEventLog } from '../src/index.ts'
import { goldenRuns } from './golden.ts'
import { temporaryPath } from './temporary-directory.ts'

const paths = new WeakMap<EventLog, string>()

describeEventLog({
  name: 'SQLite',
  open: () => openAt(temporaryPath()),
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

/** Appends to several runs until it is killed, and tells after each append what is durable. */
import { endlessChain } from '@starling/eventlog/conformance/runs'

import { openSqliteEventLog } from '../../src/index.ts'

const [path = '', runs = '1', batch = '1'] = process.argv.slice(2)
const log = await openSqliteEventLog({ path })
await Promise.all(
  Array.from({ length: Number(runs) }, async (_, run) => {
    const runId = `run-${run}`
    const events = endlessChain(runId)
    for (;;) {
      const appended = Array.from({ length: Number(batch) }, () => events.next().value)
      await log.append(runId, appended)
      process.send?.([runId, appended.at(-1)?.seq])
    }
  }),
)

/** Appends to several runs until it is killed, and tells after each append what is durable. */
import { appendForEver } from '@starling/eventlog/conformance/workloads'

import { openPostgresEventLog } from '../../src/index.ts'

const [url = '', schema = '', runs = '1', batch = '1'] = process.argv.slice(2)
const log = await openPostgresEventLog({ url, schema })
await appendForEver(log, {
  runs: Number(runs),
  batch: Number(batch),
  onDurable: (runId, seq) => process.send?.([runId, seq]),
})

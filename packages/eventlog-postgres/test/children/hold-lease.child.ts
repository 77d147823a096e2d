/** Takes the lease of a run, says so, and lives until it is killed. */
import { openPostgresEventLog } from '../../src/index.ts'

const [url = '', schema = '', runId = ''] = process.argv.slice(2)
const log = await openPostgresEventLog({ url, schema })
process.send?.(await log.leases?.acquire(runId, { owner: `process ${process.pid}`, ttlMs: 3_600_000 }))
setInterval(() => undefined, 1000)

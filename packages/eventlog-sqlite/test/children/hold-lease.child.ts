/** Takes the lease of a run, says so, and lives until it is killed. */
import { openSqliteEventLog } from '../../src/index.ts'

const [path = '', runId = ''] = process.argv.slice(2)
const log = await openSqliteEventLog({ path })
process.send?.(await log.leases?.acquire(runId, { owner: `process ${process.pid}`, ttlMs: 3_600_000 }))
setInterval(() => undefined, 1000)

/** Does `W(<turns>, 1024)` on a SQLite file and prints the largest and the last resident set, in bytes. */
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { createWorker } from './work.ts'

const [path = '', turns = ''] = process.argv.slice(2)
await using log = await openSqliteEventLog({ path })
await createWorker(log, { turns: Number(turns), bytes: 1024 }).run('Do the work.')
console.log(`${process.resourceUsage().maxRSS * 1024} ${process.memoryUsage.rss()}`)

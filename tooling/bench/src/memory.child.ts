/** Does `W(<turns>, 1024)` on a SQLite file and prints how much memory is resident afterwards, in bytes. */
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { createWorker } from './work.ts'

const [path = '', turns = ''] = process.argv.slice(2)
await using log = await openSqliteEventLog({ path })
await createWorker(log, { turns: Number(turns), bytes: 1024 }).run('Do the work.')
console.log(process.memoryUsage.rss())

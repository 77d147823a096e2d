/** Waits to be told, opens a log, appends to a shared run and to runs of its own, and says what it has won. */
import { openPostgresEventLog } from '@starling/eventlog-postgres'
import { race } from '@starling/eventlog/conformance/workloads'

const [url = '', schema = '', name = '', shared = '0', own = '0'] = process.argv.slice(2)
process.send?.('ready')
await new Promise<unknown>((resolve) => process.once('message', resolve))
await using log = await openPostgresEventLog({ url, schema, poolSize: 3 })
process.send?.(await race(log, { name, shared: Number(shared), own: Number(own) }))
process.disconnect()

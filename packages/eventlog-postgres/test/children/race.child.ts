/** Waits to be told, opens a log, appends to a shared run and to runs of its own, and says what it has won. */
import { race } from '@starling/eventlog/conformance/workloads'

import { openPostgresEventLog } from '../../src/index.ts'

const [url = '', schema = '', name = '', shared = '0', own = '0'] = process.argv.slice(2)
await new Promise<unknown>((resolve) => {
  process.once('message', resolve)
  process.send?.('ready')
})
const log = await openPostgresEventLog({ url, schema, poolSize: 3 })
const won = await race(log, { name, shared: Number(shared), own: Number(own) })
await log[Symbol.asyncDispose]()
process.send?.(won)
process.disconnect()

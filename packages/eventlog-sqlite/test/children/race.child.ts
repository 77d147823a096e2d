/** Waits to be told, opens a file, appends to a shared run and to runs of its own, and says how often it won. */
import { hasCode } from '@starling/event'
import { endlessChain } from '@starling/eventlog/conformance/runs'

import { openSqliteEventLog } from '../../src/index.ts'

const [path = '', name = '', count = '0'] = process.argv.slice(2)
await new Promise<unknown>((resolve) => {
  process.once('message', resolve)
  process.send?.('ready')
})
await using log = await openSqliteEventLog({ path })
let won = 0
const shared = endlessChain('shared')
for (let n = 0; n < Number(count); n++) {
  try {
    await log.append('shared', shared.next().value)
    won++
  } catch (error) {
    if (!hasCode(error, 'EVENTLOG_INVALID_APPEND')) throw error
  }
  const own = endlessChain(`own-${name}-${n}`)
  await log.append(`own-${name}-${n}`, [own.next().value, own.next().value])
}
process.send?.(won)
process.disconnect()

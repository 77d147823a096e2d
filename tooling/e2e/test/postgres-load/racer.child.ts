/** Waits to be told, opens a log, appends to a shared run and to runs of its own, and says what it has won. */
import { hasCode } from '@starling/event'
import { openPostgresEventLog } from '@starling/eventlog-postgres'
import { endlessChain } from '@starling/eventlog/conformance/runs'

const [url = '', schema = '', name = '', shared = '0', own = '0'] = process.argv.slice(2)
await new Promise<unknown>((resolve) => {
  process.once('message', resolve)
  process.send?.('ready')
})
const log = await openPostgresEventLog({ url, schema, poolSize: 3 })
const won: number[] = []
const events = endlessChain('shared')
for (let n = 0; n < Number(shared); n++) {
  const event = events.next().value
  try {
    await log.append('shared', event)
    won.push(event.seq)
  } catch (error) {
    if (!hasCode(error, 'EVENTLOG_INVALID_APPEND')) throw error
  }
}
await Promise.all(
  Array.from({ length: Number(own) }, async (_, n) => {
    const runId = `own-${name}-${n}`
    const mine = endlessChain(runId)
    for (let step = 0; step < 5; step++) await log.append(runId, [mine.next().value, mine.next().value])
  }),
)
await log[Symbol.asyncDispose]()
process.send?.(won)
process.disconnect()

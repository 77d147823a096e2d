/**
 * Starts or resumes the run in a SQLite file and says what happens, one line each:
 * `ready` when it may be told to `go`, `working` when its model is asked, then the
 * status of the result or the code of the error. The model answers when told to `finish`.
 */
import { createInterface } from 'node:readline'
import { createAgent } from '@starling/core'
import { isStarlingError } from '@starling/event'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { toContender } from './contender.ts'

const [path = '', task = '', runId = '', leaseMs = ''] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })
const told = (word: string): Promise<void> =>
  new Promise((resolve) => lines.on('line', (line) => (line === word ? resolve() : undefined)))
const go = told('go')
const finish = told('finish')

await using log = await openSqliteEventLog({ path })
const definition = toContender(() => {
  say('working')
  return finish
})
const agent = createAgent({ ...definition, log, leaseMs: Number(leaseMs) })
say('ready')
await go
try {
  const result = await (task === 'start' ? agent.runWithId(runId, 'hold the run') : agent.resume(runId).result)
  say(result.status)
} catch (error) {
  if (!isStarlingError(error)) throw error
  say(error.code)
}
lines.close()
process.stdin.destroy()

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

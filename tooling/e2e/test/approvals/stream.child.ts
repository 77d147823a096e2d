/** Streams a run whose tool asks, in the log and under the id that it is given, and says so: nobody is there to answer. */
import { createAgent } from '@starling/core'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { SCENARIOS } from './scenario.ts'

const [path = '', runId = ''] = process.argv.slice(2)
const log = await openSqliteEventLog({ path })
const agent = createAgent({ ...SCENARIOS.pay.define(process.env['APPROVALS_JOURNAL']), log })
// Nothing else holds the process open while it waits.
setInterval(() => {}, 1000)
for await (const update of agent.stream('Pay it', { runId })) {
  if (update.type === 'question-asked') process.stdout.write('asked\n')
}

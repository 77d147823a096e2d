/**
 * A process that runs or resumes the agent and reports every durable event to
 * its parent: `worker.ts run|resume <log> <run> <journal>`.
 *
 * When it runs, the second tool call blocks for ever, so that the parent can
 * kill this process while that call is under way.
 */
import { createAgent } from '@starling/core'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { agent } from '../agent.ts'
import { describeEvent } from './describe-event.ts'
import { GOAL } from './goal.ts'
import { journaled, type OnBegan } from './journal.ts'
import type { WorkerMessage } from './worker-message.ts'

const [task, path = '', runId = '', journal = ''] = process.argv.slice(2)

// Without its parent nobody would ever end a worker that blocks.
const giveUp = (): never => process.exit(1)
process.once('disconnect', giveUp)

let begun = 0
const onBegan: OnBegan = async ({ tool, callId }) => {
  begun += 1
  if (task !== 'run' || begun !== 2) return
  tell({ type: 'blocked', tool, callId })
  await new Promise<never>(() => undefined)
}

await using log = await openSqliteEventLog({ path })
const tools = (agent.tools ?? []).map((tool) => journaled(tool, journal, onBegan))
const starling = createAgent({ ...agent, tools, log })
const handle = task === 'resume' ? starling.resume(runId) : starling.stream(GOAL, { runId })
for await (const update of handle) {
  if (update.type !== 'event') continue
  const { event } = update
  tell({ type: 'event', seq: event.seq, kind: event.kind, line: describeEvent(event) })
}
const { status, error } = await handle.result
if (status !== 'completed') throw new Error(`the run ended as ${status}: ${error?.message ?? 'no reason given'}`)
process.off('disconnect', giveUp)
process.disconnect()

function tell(message: WorkerMessage): void {
  process.send?.(message)
}

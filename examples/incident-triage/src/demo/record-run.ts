import { createAgent, type RunHandle, type RunResult } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { agent } from '../agent.ts'
import { countCalls } from './count-calls.ts'
import { check } from './demo-failure.ts'
import { describeEvent } from './describe-event.ts'
import { GOAL } from './goal.ts'
import { clean, createWrapper, fit, paint, say, sayProved, sayTitle } from './terminal.ts'

const TOOL_TEXT_WIDTH = 70

/** Runs the agent and shows everything that happens while it happens. */
export async function recordRun(log: EventLog, runId: string): Promise<void> {
  sayTitle(1, 'A run, streamed and recorded')
  say(`${paint('bold', 'goal')}  ${GOAL}`)
  const { counted, counts } = countCalls(agent)
  const handle = createAgent({ ...counted, log }).stream(GOAL, { runId })
  await show(handle)
  const result = await handle.result
  checkCompleted(result)
  check(result.toolCallCount > 0, 'the model answered without a single tool call')
  const { inputTokens, outputTokens, durationMs } = result
  sayProved(
    `run ${runId} completed: ${counts.models} model calls over HTTP, ${counts.tools} tool calls, ` +
      `${inputTokens + outputTokens} tokens, ${durationMs} ms`,
  )
}

/** Ends the demo unless the run completed. */
function checkCompleted({ runId, status, error }: Pick<RunResult, 'runId' | 'status' | 'error'>): void {
  const reason = error === undefined ? '' : ` (${error.type}): ${fit(error.message, 300)}`
  check(status === 'completed', `run ${runId} ended as ${status}${reason}`)
}

async function show(handle: RunHandle): Promise<void> {
  const text = createWrapper((piece) => void process.stdout.write(piece))
  for await (const update of handle) {
    if (update.type === 'text-delta') {
      text.write(clean(update.text))
      continue
    }
    if (update.type === 'tool-arguments-delta' || update.type === 'reasoning-delta') continue
    text.end()
    if (update.type === 'event') say(describeEvent(update.event))
    if (update.type === 'tool-started')
      say(`${paint('yellow', '→')} ${update.tool} ${fit(update.input, TOOL_TEXT_WIDTH)}`)
    if (update.type === 'tool-ended') say(`${paint('yellow', '←')} ${update.tool} ${outcome(update)}`)
  }
}

function outcome({
  result,
  error,
}: {
  readonly result?: string | undefined
  readonly error?: string | undefined
}): string {
  return error === undefined ? fit(result ?? '', TOOL_TEXT_WIDTH) : paint('red', fit(error, TOOL_TEXT_WIDTH))
}

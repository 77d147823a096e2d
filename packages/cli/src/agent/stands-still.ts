import { readApprovals, type AgentDefinition, type RunState } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { readRunState } from '../approvals/read-run-state.ts'

type Call = RunState['pending'][number]

/** What limits how many calls are made at once. */
export type Limits = Pick<AgentDefinition, 'maxParallelTools' | 'tools'>

// As in the engine.
const MOST_AT_ONCE = 8

/**
 * Reads whether a run does nothing but wait: every call without an outcome has
 * asked, for a decision or for an answer, and none will be made before that
 * comes. A call that has asked keeps its place: those behind it are not made either.
 */
export async function standsStill(log: EventLog, runId: string, limits: Limits): Promise<boolean> {
  const waiting = await readApprovals(log, runId)
  const { pending } = await readRunState(log, runId)
  const standing = pending.filter(({ status, record }) => status === 'scheduled' && record.isStanding)
  return (
    waiting.length > 0 &&
    pending.every((call) => standing.includes(call) || isUndecided(call) || isBehind(call, standing, limits))
  )
}

/** What waits for a decision is not made yet; what asks a question is. */
function isUndecided({ status, request }: Call): boolean {
  return status !== 'scheduled' && request !== undefined
}

/** Whether calls that stand still take every place that this one could have. */
function isBehind(
  { status, tool }: Call,
  standing: readonly Call[],
  { maxParallelTools, tools = [] }: Limits,
): boolean {
  if (status !== 'scheduled') return false
  const { concurrency = Infinity } = tools.find(({ name }) => name === tool)?.policy ?? {}
  const ofTool = standing.filter((call) => call.tool === tool)
  return standing.length >= (maxParallelTools ?? MOST_AT_ONCE) || ofTool.length >= concurrency
}

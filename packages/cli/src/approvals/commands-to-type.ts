import { printableLine } from '../output/printable.ts'
import { shellWord } from '../output/shell-word.ts'

/** What a suggested command is about; ids may say anything, so control characters come out as escapes. */
export interface CommandTarget {
  readonly log: string
  readonly runId: string
  /** The agent module that was named; `undefined` when the configuration names it, or nothing does. */
  readonly agent?: string | undefined
}

/** Returns the command that goes on with a run. */
export function resumeCommand({ log, runId, agent }: CommandTarget): string {
  return printableLine(`starling resume ${agentFlag(agent)}${shellWord(log)} ${shellWord(runId)}`)
}

/** Returns the command that decides on what a run waits for: on one call, or on all. */
export function approveCommand({ log, runId, agent }: CommandTarget, callIds: readonly string[]): string {
  const [only] = callIds
  const which = only !== undefined && callIds.length === 1 ? shellWord(only) : '--all'
  return printableLine(`starling approve ${agentFlag(agent)}${shellWord(log)} ${shellWord(runId)} ${which}`)
}

function agentFlag(agent: string | undefined): string {
  return agent === undefined ? '' : `--agent ${shellWord(agent)} `
}

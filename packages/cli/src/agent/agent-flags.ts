import type { AgentDefinition, RunOptions } from '@starling/core'
import { hasCode } from '@starling/event'
import type { BooleanFlag, StringFlag } from '../command.ts'

/** The flag that names the agent module. */
export const AGENT_FLAG: { readonly agent: StringFlag } = {
  agent: {
    type: 'string',
    short: 'a',
    value: 'module',
    summary: 'the agent module (default: the one in starling.config.ts)',
  },
}

/** The flags of the commands that make an agent work. */
export const LIVE_FLAGS: { readonly agent: StringFlag; readonly approve: StringFlag; readonly quiet: BooleanFlag } = {
  ...AGENT_FLAG,
  approve: {
    type: 'string',
    value: 'how',
    choices: ['ask', 'all', 'none', 'later'],
    summary:
      'what becomes of calls that need approval, and of questions of tools (default: ask on a terminal, else none)',
  },
  quiet: { type: 'boolean', short: 'q', summary: 'print only the answer, or with --json only the result' },
}

/** What `--approve` asks of a run: `later` stops it where it waits, all else is decided through its handle. */
export function onApproval(approve: string | undefined): RunOptions['onApproval'] {
  return approve === 'later' ? 'suspend' : 'wait'
}

/** The agent with who decides on its calls: what was said on the command line comes before its own code. */
export function withApprove(definition: AgentDefinition, approve: string | undefined): AgentDefinition {
  return approve === undefined || approve === 'ask' ? definition : { ...definition, approve: undefined }
}

/**
 * Returns what words a refusal to go on with another agent: core speaks of its
 * option `force`, and here it is a flag of `resume`, named by `advice`.
 */
export function nameForceFlag(
  { tools = [] }: Pick<AgentDefinition, 'tools'>,
  advice = 'use --force to',
): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && hasCode(error, 'CORE_AGENT_MISMATCH')) {
      // Whoever has no tool in common with a run is hardly another version of who began it.
      const isAnother =
        / tool \S+ is gone/.test(error.message) &&
        tools.every(({ name }) => error.message.includes(`tool ${name} is new`))
      const text = isAnother ? `is this the right --agent? if so, ${advice}` : advice
      error.message = error.message.replace('pass force to', text)
    }
    throw error
  }
}

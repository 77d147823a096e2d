import { decideCommand } from '../approvals/decide-command.ts'
import { DECIDE_ARGS, DECIDE_FLAGS } from '../approvals/decide-flags.ts'
import { defineCommand, type Command } from '../command.ts'

/** Denies tool calls that wait, declines the questions of those that run, and goes on with their run. */
export const command: Command = defineCommand({
  log: 'required',
  args: DECIDE_ARGS,
  flags: DECIDE_FLAGS,
  description: `Denies tool calls that wait for a decision: they are not made, and the model is told so, with the reason.
A call that was cut off, and may already have happened, is not made again: its outcome stays unknown, and the model is told so.
A question of a running tool is declined: its call goes on, and does with that what it will.
With an agent, from --agent or the configuration, the run goes on in this process once nothing waits any more, as with
'starling approve'.`,
  examples: ['deny runs.db 01M7… call_1 --reason "not on a Friday"', 'deny --all runs.db 01M7…'],
  run: async (invocation) => decideCommand(invocation, { decision: 'deny' }),
})

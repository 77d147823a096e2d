import { decideCommand } from '../approvals/decide-command.ts'
import { DECIDE_ARGS, DECIDE_FLAGS } from '../approvals/decide-flags.ts'
import { readJsonFlag } from '../approvals/read-json-flag.ts'
import { usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'

/** Approves tool calls that wait, answers the questions of those that run, and goes on with their run. */
export const command: Command = defineCommand({
  log: 'required',
  args: DECIDE_ARGS,
  flags: {
    ...DECIDE_FLAGS,
    input: {
      type: 'string',
      value: 'json',
      summary: 'call it with these arguments instead, or answer its form with them; - reads them from stdin',
    },
    result: {
      type: 'string',
      value: 'json',
      summary: "do not call it: this is its result, given in the tool's stead; - reads it from stdin",
    },
  },
  description: `Approves tool calls that wait for a decision, and records who did, when, and the hash of the arguments.
A tool that asks is answered the same way: --input is what its form is filled in with, and must fit the fields of the form;
on a terminal they are asked for one by one where there is no --input. A visit to an address takes none: approve it once you
have been there. --all refuses while a form waits that must be filled in.
A call that was cut off, and may already have happened, is made again when it is approved; --result gives what came of it.
With an agent, from --agent or the configuration, the run goes on in this process once nothing waits any more; when it asks
again, it is left waiting and the command exits with 6. Without one, or with --no-resume, the decision is only recorded.
A call that has been decided already is left as it is; so is a run that another process is working on.`,
  examples: [
    'approve runs.db 01M7… call_1',
    'approve --all --no-resume runs.db 01M7…',
    `approve runs.db 01M7… call_1 --input '{"to":"staging"}'`,
    'approve runs.db 01M7… call_1 --question 5f3a9c2e1b04',
  ],
  async run(invocation) {
    const { flags, io } = invocation
    if (flags.input !== undefined && flags.result !== undefined)
      throw usageError('use only one of --input or --result: a call that is answered is not made')
    const input = await readJsonFlag('--input', flags.input, io)
    const result = await readJsonFlag('--result', flags.result, io)
    return decideCommand(
      invocation,
      result === undefined ? { decision: 'approve', input } : { decision: 'answer', result },
    )
  },
})

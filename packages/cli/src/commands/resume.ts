import { createAgent } from '@starling/core'
import { LIVE_FLAGS, nameForceFlag, onApproval, withApprove } from '../agent/agent-flags.ts'
import { createAppendGate } from '../agent/append-gate.ts'
import { withSources } from '../agent/close-sources.ts'
import { followRun } from '../agent/follow-run.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { defineCommand, type Command } from '../command.ts'
import { findRun } from '../find-run.ts'
import { openLog } from '../open-log.ts'

/** Continues a run whose process ended before it did. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'run', summary: 'the run to continue' }],
  flags: {
    ...LIVE_FLAGS,
    message: { type: 'string', short: 'm', value: 'text', summary: 'something to tell the agent before it goes on' },
    force: { type: 'boolean', summary: 'go on although the agent is not the one that the run was started with' },
    'no-reissue': { type: 'boolean', summary: 'refuse when tool calls were cut off, instead of making them again' },
  },
  description: `Continues a run whose process ended before it did: everything recorded counts as done,
and only what is missing is done. Calls of tools that say they must not be repeated are not made again.
An interrupt (Ctrl-C) cancels the run for good; a request to terminate (SIGTERM) leaves it open again, with 143.
What waits for a decision is asked about on a terminal, and denied where there is none, as a question of a tool is asked
or cancelled; of a call that may already have happened, yes (or --approve all) makes it again, and no leaves its outcome
unknown. --approve later leaves what waits as it is, and exits with 6.`,
  examples: ['resume --agent ./agent.ts runs.db 01M7…', 'resume runs.db 01M7… --message "Try the other region."'],
  async run(invocation) {
    const { io, log: target, args, flags } = invocation
    const definition = withApprove(await loadAgent(flags.agent, io), flags.approve)
    return withSources(definition, invocation, async () => {
      await using log = await openLog(io, target, 'write')
      const runId = await findRun(log, args[0] ?? '', target)
      const gate = createAppendGate(log)
      const agent = createAgent({ ...definition, log: gate.log })
      const handle = agent.resume(runId, {
        message: flags.message,
        reissueTools: !flags['no-reissue'],
        force: flags.force,
        onApproval: onApproval(flags.approve),
      })
      // Awaited here: the log must stay open until the run has ended.
      return await followRun(handle, invocation, { ...flags, definition, gate }).catch(nameForceFlag(definition))
    })
  },
})

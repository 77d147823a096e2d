import { createAgent } from '@starling/core'
import { LIVE_FLAGS, onApproval, withApprove } from '../agent/agent-flags.ts'
import { createAppendGate } from '../agent/append-gate.ts'
import { withSources } from '../agent/close-sources.ts'
import { followRun } from '../agent/follow-run.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { openLog } from '../open-log.ts'
import { textLines } from '../text-lines.ts'

/** Runs an agent on a goal and records it. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'goal', summary: 'what the agent is to do; - reads it from stdin' }],
  flags: {
    ...LIVE_FLAGS,
    id: { type: 'string', value: 'run', summary: 'the id of the run (default: a fresh one)' },
  },
  description: `Runs an agent on a goal and records every step in the log, which is made when there is none.
On a terminal the run is shown as it happens; otherwise stdout gets the answer, and stderr one line about the run.
An interrupt (Ctrl-C) cancels the run, which ends it for good. A request to terminate (SIGTERM) leaves it open, exits
with 143 and says how to go on. A second one of either ends the process at once. A run whose process ended before it did
is continued by 'starling resume'.
Tool calls that need approval are asked about on a terminal, and denied where there is none. With --approve later the
run stops there instead and exits with 6: 'starling approvals' lists what waits, 'starling approve' goes on with it.
What a running tool wants to know is asked, and left, in the same way, and cancelled where there is nobody to ask.`,
  examples: [
    'run --agent ./agent.ts runs.db "Why did the deploy fail?"',
    'run --approve later runs.db "Deploy it"',
    'run --json --quiet runs.db - < goal.txt | jq -r .final_text',
  ],
  async run(invocation) {
    const { io, log: target, args, flags } = invocation
    const goal = args[0] === '-' ? await readGoal(io.stdin) : (args[0] ?? '')
    if (goal.trim() === '') throw usageError('the goal is empty')
    if (flags.id === '') throw usageError('--id needs the id of a run, got an empty text')
    const definition = withApprove(await loadAgent(flags.agent, io), flags.approve)
    return withSources(definition, invocation, async () => {
      await using log = await openLog(io, target, 'create')
      const gate = createAppendGate(log)
      const agent = createAgent({ ...definition, log: gate.log })
      const handle = agent.stream(goal, { runId: flags.id, onApproval: onApproval(flags.approve) })
      // Awaited here: the log must stay open until the run has ended.
      return await followRun(handle, invocation, { ...flags, definition, gate })
    })
  },
})

async function readGoal(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const lines: string[] = []
  for await (const line of textLines(stdin)) lines.push(line)
  return lines.join('\n').trim()
}

import { AGENT_FLAG } from '../agent/agent-flags.ts'
import type { ArgumentSpec, BooleanFlag, FlagValues, Invocation, StringFlag } from '../command.ts'

/** The arguments of the commands that decide. */
export const DECIDE_ARGS: readonly ArgumentSpec[] = [
  { name: 'run', summary: 'the run, or the beginning of its id' },
  {
    name: 'call',
    optional: true,
    many: true,
    summary: 'the calls, or the beginnings of their ids; the one that waits when absent',
  },
]

interface Flags {
  readonly all: BooleanFlag
  readonly question: StringFlag
  readonly reason: StringFlag
  readonly by: StringFlag
  readonly agent: StringFlag
  readonly 'no-resume': BooleanFlag
  readonly quiet: BooleanFlag
}

/** The flags of the commands that decide. */
export const DECIDE_FLAGS: { readonly [Name in keyof Flags]: Flags[Name] } = {
  all: { type: 'boolean', summary: 'everything in the run that waits' },
  question: {
    type: 'string',
    value: 'hash',
    summary:
      'which question of the call, by the beginning of the hash that `approvals` shows; the only one when absent',
  },
  reason: { type: 'string', value: 'text', summary: 'why; recorded, and told to the model when a call is denied' },
  by: { type: 'string', value: 'name', summary: 'who decides (default: you, as user@host)' },
  ...AGENT_FLAG,
  'no-resume': { type: 'boolean', summary: 'only record it; the run is gone on with by starling resume' },
  quiet: { type: 'boolean', short: 'q', summary: 'print only the answer, or with --json only the result' },
}

/** A call of a command that decides. */
export interface DecideInvocation extends Omit<Invocation, 'flags'> {
  readonly flags: FlagValues<typeof DECIDE_FLAGS>
}

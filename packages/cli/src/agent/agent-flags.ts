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
    choices: ['ask', 'all', 'none'],
    summary: 'what becomes of tool calls that need approval (default: ask on a terminal, else none)',
  },
  quiet: { type: 'boolean', short: 'q', summary: 'print only the answer, or with --json only the result' },
}

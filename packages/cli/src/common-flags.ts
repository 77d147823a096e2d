import type { Command, FlagSpecs } from './command.ts'

const ALWAYS = {
  json: { type: 'boolean', summary: 'print JSON: one document, or one per line for streams' },
  debug: { type: 'boolean', summary: 'print the stack of an error (also STARLING_DEBUG=1)' },
  help: { type: 'boolean', short: 'h', summary: 'print this help' },
} as const satisfies FlagSpecs

const LOG = {
  db: {
    type: 'string',
    value: 'log',
    isLog: true,
    summary: 'the log, a file or a URL, instead of the first argument (also STARLING_DB)',
  },
} as const satisfies FlagSpecs

/** Returns the flags of a command together with those that every command has. */
export function allFlags(command: Command): FlagSpecs {
  return { ...command.flags, ...(command.log === 'none' ? {} : LOG), ...ALWAYS }
}

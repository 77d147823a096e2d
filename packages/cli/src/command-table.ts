import type { CommandEntry } from './command.ts'

/**
 * Every command, in the order of the help. Each is loaded when it is called:
 * what `starling version` costs does not grow with the number of commands.
 */
export const COMMANDS: readonly CommandEntry[] = [
  entry('init', 'write a small agent project that runs and tests itself', async () => import('./commands/init.ts')),
  entry('run', 'run an agent and record it', async () => import('./commands/run.ts')),
  entry('resume', 'continue a run whose process ended', async () => import('./commands/resume.ts')),
  entry(
    'approvals',
    'list the tool calls that wait for a decision or an answer',
    async () => import('./commands/approvals.ts'),
  ),
  entry('approve', 'approve or answer tool calls that wait, and go on', async () => import('./commands/approve.ts')),
  entry('deny', 'deny tool calls that wait, or decline to answer, and go on', async () => import('./commands/deny.ts')),
  entry('replay', 'run a recording again and compare every event', async () => import('./commands/replay.ts')),
  entry('list', 'list runs, newest first', async () => import('./commands/list.ts')),
  entry('show', 'show a run as a conversation', async () => import('./commands/show.ts')),
  entry('tail', 'print the last events of a run, and follow it', async () => import('./commands/tail.ts')),
  entry('search', 'find events by the words in them', async () => import('./commands/search.ts')),
  entry('stats', 'add up runs, tokens and cost by model, status and tool', async () => import('./commands/stats.ts')),
  entry('prices', 'list what models cost, or look one up', async () => import('./commands/prices.ts')),
  entry('validate', 'check the hash chain and Merkle root of runs', async () => import('./commands/validate.ts')),
  entry('export', 'write events as NDJSON', async () => import('./commands/export.ts')),
  entry('import', 'read events written by export --format raw', async () => import('./commands/import.ts')),
  entry('copy', 'copy runs to another log, hash for hash', async () => import('./commands/copy.ts')),
  entry('fork', 'copy a run, or a whole log, up to an event', async () => import('./commands/fork.ts')),
  entry('prune', 'delete old runs', async () => import('./commands/prune.ts')),
  entry('migrate', 'bring the database schema up to date', async () => import('./commands/migrate.ts')),
  entry(
    'schema-version',
    'print the version of the database schema',
    async () => import('./commands/schema-version.ts'),
  ),
  entry('doctor', 'check this machine and a log', async () => import('./commands/doctor.ts')),
  entry('completion', 'print a completion script for a shell', async () => import('./commands/completion.ts')),
  entry('help', 'explain a command', async () => import('./commands/help.ts')),
  entry('version', 'print the version', async () => import('./commands/version.ts')),
]

/** Returns the entry of the command called `name`. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((command) => command.name === name)
}

function entry(
  name: string,
  summary: string,
  load: () => Promise<{ readonly command: Awaited<ReturnType<CommandEntry['load']>> }>,
): CommandEntry {
  return { name, summary, load: async () => (await load()).command }
}

import { CliError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { openLog } from '../open-log.ts'

/** Brings the database schema up to date. */
export const command: Command = defineCommand({
  log: 'required',
  args: [],
  flags: { 'dry-run': { type: 'boolean', summary: 'only print what would be done' } },
  description: 'Brings the schema of the database up to date. Events are never changed.',
  examples: ['migrate runs.db --dry-run', 'migrate runs.db'],
  async run({ io, out, log: target, flags }) {
    const dryRun = flags['dry-run']
    await using log = await openLog(io, target, dryRun ? 'inspect' : 'migrate')
    if (log.migrate === undefined) throw new CliError('CLI_UNSUPPORTED', `${target} has no schema to migrate`)
    const { from, to, applied } = await log.migrate({ dryRun })
    const { backend } = io.store.kindOf(target)
    if (out.json) {
      await out.data({ backend, from, to, applied, dry_run: dryRun })
      return EXIT.ok
    }
    const prefix = dryRun ? '(dry run) ' : ''
    if (applied.length === 0) await out.line(`${prefix}${backend} schema already at v${from}`)
    else
      await out.line(
        `${prefix}${backend} ${dryRun ? 'would migrate' : 'migrated'} ${from} → ${to} (${dryRun ? 'apply' : 'applied'}: [${applied.join(' ')}])`,
      )
    return EXIT.ok
  },
})

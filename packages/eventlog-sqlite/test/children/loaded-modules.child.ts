/** Reads a log the way `validate` does, and prints which packages that has loaded. */
import { registerHooks } from 'node:module'

const loaded = new Set<string>()
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    loaded.add(specifier)
    return nextResolve(specifier, context)
  },
})
const { openSqliteEventLog } = await import('../../src/index.ts')
const onImport = [...loaded]
await using log = await openSqliteEventLog({ path: process.argv[2] ?? '', readOnly: true })
const { runs } = await log.listRuns({ limit: 0 })
for (const { runId } of runs) await log.read(runId)
process.send?.({ onImport, afterwards: [...loaded] })

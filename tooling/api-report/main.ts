// Writes api/<package>.d.ts: every declaration that a user of the package can reach. Fails when one of them
// has no TSDoc or, with --check, when a report is stale. The reports make a change of the public surface
// show in the diff.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createReports } from './src/create-reports.ts'
import { compareReports, writeReports } from './src/report-files.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'api')

const { reports, failures } = createReports(root)
if (reports.size === 0) failures.push('no package has an entry point: is the workspace built?')
if (values.check) failures.push(...compareReports(folder, reports))
else writeReports(folder, reports)

console.log(`${reports.size} packages, ${failures.length} problems`)
for (const failure of failures) console.error(failure)
process.exitCode = failures.length === 0 ? 0 : 1

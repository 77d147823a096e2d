// `pnpm run check`: everything that can be said about the tree without running it for long.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createRunner } from './src/runner.ts'
import { describeResult } from './src/describe-result.ts'
import { createSteps } from './src/steps.ts'
import { runSteps } from './src/run-steps.ts'

const { values } = parseArgs({
  options: {
    'skip-tests': { type: 'boolean', default: false },
    report: { type: 'string' },
  },
})

const runner = createRunner()
const startedAt = performance.now()
const steps = createSteps({ runner, withTests: !values['skip-tests'] })
const results = await runSteps(steps, { onResult: (result) => console.log(describeResult(result)) })
const failed = results.filter((result) => result.status !== 'passed').length
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)

console.log(`${results.length - failed} checks passed, ${failed} failed in ${seconds} s`)
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ steps: results }))
process.exitCode = failed === 0 ? 0 : 1

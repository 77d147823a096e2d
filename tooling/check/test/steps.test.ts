import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listPackages } from '../src/packages.ts'
import { runSteps } from '../src/run-steps.ts'
import type { CommandResult, Runner } from '../src/runner.ts'
import type { StepResult } from '../src/step.ts'
import { createSteps } from '../src/steps.ts'

const COUNT = listPackages().length

/** What each tool prints at its end when it is content, as recorded from the versions in use. */
const CONTENT: Readonly<Record<string, string>> = {
  'turbo run': ` Tasks:    ${COUNT} successful, ${COUNT} total\nCached:    0 cached, ${COUNT} total`,
  'turbo boundaries': `Checking packages...\nChecked 98 files in ${COUNT} packages, no issues found`,
  'vitest run': ' Test Files  8 passed (8)\n      Tests  638 passed | 4 skipped (642)',
  'api-report': '9 packages, 0 problems',
  docs: '59 error codes, 18 citations',
  'publint run': 'Linting...\nAll good!',
  'attw --pack': '│ bundler │ 🟢 │',
  'oxlint --deny-warnings':
    'Found 0 warnings and 0 errors.\nFinished in 427ms on 30 files with 215 rules using 2 threads.',
  'oxfmt --check': 'All matched files use the correct format.\nFinished in 11ms on 30 files using 2 threads.',
  'knip --no-progress': 'getImportsAndExports         244    0.01    6.76',
  'syncpack lint': '✓ No issues found',
  'syncpack json': '{"dependency":"zod","dependencyType":"prod"}\n',
}

/** What each tool prints when it found nothing to look at, which most of them call a success. */
const EMPTY: Readonly<Record<string, string>> = {
  'turbo run': ' Tasks:    0 successful, 0 total\nCached:    0 cached, 0 total',
  'turbo boundaries': 'Checking packages...\nChecked 0 files in 0 packages, no issues found',
  'vitest run': 'No test files found, exiting with code 0',
  'api-report': '0 packages, 0 problems',
  docs: '0 error codes, 0 citations',
  'oxlint --deny-warnings':
    'Found 0 warnings and 0 errors.\nFinished in 7ms on 0 files with 215 rules using 2 threads.',
  'oxfmt --check': 'Finished in 1ms on 0 files using 2 threads.',
}

test('all steps pass when every tool is content', async () => {
  const results = await runWith((key) => ({ exitCode: 0, output: CONTENT[key] ?? '' }))
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(results.map(({ name }) => name).toSorted()).toEqual(
    [
      'api-report',
      'boundaries',
      'build',
      'docs',
      'knip',
      'oxfmt',
      'oxlint',
      'package shape',
      'syncpack',
      'typecheck',
      'unit tests',
    ].toSorted(),
  )
})

test('no step passes when its tool finds nothing to look at and calls it a success', async () => {
  const results = await runWith((key) => ({ exitCode: 0, output: EMPTY[key] ?? '' }))
  expect(results.filter(({ status }) => status === 'passed')).toEqual([])
})

describe.each(Object.keys(CONTENT))('%s', (key) => {
  test('fails its step when it fails, whatever it printed', async () => {
    const results = await runWith((called) => ({ exitCode: called === key ? 1 : 0, output: CONTENT[called] ?? '' }))
    expect(results.some(({ status }) => status === 'failed')).toBe(true)
  })
})

test('the tests can be left to somebody else', () => {
  const steps = createSteps({ runner: runnerOf(() => ({ exitCode: 0, output: '' })), withTests: false })
  expect(steps.map(({ name }) => name)).not.toContain('unit tests')
})

function runWith(answer: (key: string) => CommandResult): Promise<readonly StepResult[]> {
  return runSteps(createSteps({ runner: runnerOf(answer), withTests: true }), { onResult: () => undefined })
}

function runnerOf(answer: (key: string) => CommandResult): Runner {
  return {
    // A script of ours goes by the name of its folder.
    run: async (command, [first = '']) => {
      return answer(command === process.execPath ? basename(dirname(first)) : `${command} ${first}`)
    },
  }
}

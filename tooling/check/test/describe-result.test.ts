import { expect, test } from 'vitest'
import { describeResult } from '../src/describe-result.ts'
import type { StepResult } from '../src/step.ts'

const RESULT: StepResult = {
  name: 'oxlint',
  status: 'passed',
  passed: true,
  seconds: 1.25,
  detail: '30 files',
  output: 'Found 0 warnings',
}

test('a step that passed is one line', () => {
  expect(describeResult(RESULT)).toBe('✓ oxlint             1.3 s  30 files')
})

test('a step that failed shows its output', () => {
  const failed: StepResult = { ...RESULT, status: 'failed', passed: false, detail: 'exit code 1', output: 'a\nb\n' }
  expect(describeResult(failed)).toBe('✗ oxlint             1.3 s  exit code 1\n    a\n    b')
})

test('of a long output the end is shown', () => {
  const output = Array.from({ length: 1000 }, (_, index) => `line ${index}`).join('\n')
  const text = describeResult({ ...RESULT, status: 'failed', output })
  expect(text).toContain('    … 700 lines before\n    line 700\n')
  expect(text.endsWith('    line 999')).toBe(true)
})

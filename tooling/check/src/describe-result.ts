import type { StepResult } from './step.ts'

/** The end of an output is where tools say what went wrong. */
const MAX_LINES = 300

/** Says how a step ended in one line, and why when it failed. */
export function describeResult(result: StepResult): string {
  const mark = { passed: '✓', failed: '✗', blocked: '·' }[result.status]
  const line = `${mark} ${result.name.padEnd(16)}${result.seconds.toFixed(1).padStart(6)} s  ${result.detail}`
  if (result.status !== 'failed') return line
  const lines = result.output.trimEnd().split('\n')
  const shown = lines.slice(-MAX_LINES)
  const cut = lines.length > shown.length ? [`    … ${lines.length - shown.length} lines before`] : []
  return [line, ...cut, ...shown.map((text) => `    ${text}`)].join('\n')
}

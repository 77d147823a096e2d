import type { Step, StepOutcome, StepResult } from './step.ts'

/** How {@link runSteps} runs. */
export interface RunStepsOptions {
  readonly onResult: (result: StepResult) => void
  /** How many steps run at once. Most of them keep one core busy. Default: 2. */
  readonly concurrency?: number | undefined
}

/** Runs the steps in order, as many at once as allowed, each after the one it needs. */
export async function runSteps(steps: readonly Step[], options: RunStepsOptions): Promise<readonly StepResult[]> {
  const waiting = [...steps]
  const results: StepResult[] = []
  const running = new Map<string, Promise<void>>()
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < (options.concurrency ?? 2) ? waiting.findIndex((step) => isReady(step, results)) : -1
    const [step] = next === -1 ? [] : waiting.splice(next, 1)
    if (step !== undefined) {
      running.set(
        step.name,
        finish(step, results, options).then(() => void running.delete(step.name)),
      )
    } else if (running.size > 0) {
      await Promise.race(running.values())
    } else {
      throw new Error(`${waiting.map(({ name }) => name).join(', ')} wait for a step that does not exist`)
    }
  }
  return results
}

async function finish(step: Step, results: StepResult[], options: RunStepsOptions): Promise<void> {
  const result = await runStep(step, results)
  results.push(result)
  options.onResult(result)
}

async function runStep(step: Step, results: readonly StepResult[]): Promise<StepResult> {
  const needed = results.find(({ name }) => name === step.needs)
  if (needed !== undefined && needed.status !== 'passed') {
    return { name: step.name, status: 'blocked', seconds: 0, passed: false, detail: `needs ${needed.name}`, output: '' }
  }
  const startedAt = performance.now()
  const outcome = await settle(step)
  const seconds = (performance.now() - startedAt) / 1000
  return { ...outcome, name: step.name, status: outcome.passed ? 'passed' : 'failed', seconds }
}

/** A step that throws has failed: nothing here may pass by accident. */
async function settle(step: Step): Promise<StepOutcome> {
  try {
    return await step.run()
  } catch (error) {
    return { passed: false, detail: 'did not run', output: error instanceof Error ? error.message : String(error) }
  }
}

function isReady(step: Step, results: readonly StepResult[]): boolean {
  return step.needs === undefined || results.some(({ name }) => name === step.needs)
}

import { expect, test } from 'vitest'
import { runSteps } from '../src/run-steps.ts'
import type { Step, StepOutcome, StepResult } from '../src/step.ts'

const PASSED: StepOutcome = { passed: true, detail: '1 file', output: '' }

test('every step is run and reported', async () => {
  const reported: string[] = []
  const results = await runSteps([step('a'), step('b'), step('c')], { onResult: ({ name }) => reported.push(name) })
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ['a', 'passed'],
    ['b', 'passed'],
    ['c', 'passed'],
  ])
  expect(reported).toEqual(['a', 'b', 'c'])
})

test('a step that throws has failed', async () => {
  const broken = step('broken', { run: () => Promise.reject(new Error('spawn oxlint ENOENT')) })
  expect(await run([broken])).toMatchObject([{ status: 'failed', output: 'spawn oxlint ENOENT' }])
})

test('a step that needs a failed one is blocked, and so is what needs it in turn', async () => {
  const failing = step('build', { run: async () => ({ ...PASSED, passed: false }) })
  const results = await run([step('report', { needs: 'shape' }), failing, step('shape', { needs: 'build' })])
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ['build', 'failed'],
    ['shape', 'blocked'],
    ['report', 'blocked'],
  ])
})

test('a step starts after the one it needs has passed', async () => {
  const order: string[] = []
  const note = (name: string) => async (): Promise<StepOutcome> => {
    order.push(name)
    return PASSED
  }
  await run([step('report', { needs: 'build', run: note('report') }), step('build', { run: note('build') })])
  expect(order).toEqual(['build', 'report'])
})

test('no more steps run at once than allowed', async () => {
  let running = 0
  let most = 0
  const busy = async (): Promise<StepOutcome> => {
    running += 1
    most = Math.max(most, running)
    await new Promise(setImmediate)
    running -= 1
    return PASSED
  }
  const steps = Array.from({ length: 7 }, (_, index) => step(`s${index}`, { run: busy }))
  await runSteps(steps, { onResult: ignore, concurrency: 3 })
  expect(most).toBe(3)
})

test('a step that needs one that does not exist is an error', async () => {
  await expect(run([step('report', { needs: 'bild' })])).rejects.toThrow('report wait for a step that does not exist')
})

function step(name: string, parts: Partial<Step> = {}): Step {
  return { name, run: async () => PASSED, ...parts }
}

function run(steps: readonly Step[]): Promise<readonly StepResult[]> {
  return runSteps(steps, { onResult: ignore })
}

function ignore(): void {}

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finishAll, judge, runBaseline, runUntil } from './crash/crash-run.ts'
import { SCENARIOS } from './crash/scenarios.ts'
import type { Scenario } from './crash/scenario.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

const SEED = 20_261_121
const CRASHES_PER_SCENARIO = 12

const crashes = fc.record({
  type: fc.constant('append' as const),
  number: fc.integer({ min: 1, max: 8 }),
  when: fc.constantFrom('before' as const, 'during' as const, 'after' as const),
})

const CHOSEN = SCENARIOS.filter(({ name }) =>
  [
    'parallel tools that end in reverse',
    'parallel tools with side effects',
    'a failing tool that ends the run',
    'retries of an idempotent tool',
    'a message sent while the run goes on',
    'a tool that must not be called twice',
  ].includes(name),
)

// Events are appended in the batches that the runtime makes of them: unlike in the matrix, a process also dies
// before an append, or while it is under way.
describe('killed around any of its appends, a run is resumed as if nothing had happened', () => {
  test.concurrent.each(CHOSEN)('$name', async (scenario) => {
    expect(await inTemporaryDirectory((directory) => killAtRandom(scenario, directory))).toEqual([])
  })
})

async function killAtRandom(scenario: Scenario, directory: string): Promise<readonly string[]> {
  const baseline = await runBaseline(scenario, directory)
  const chosen = fc.sample(crashes, { seed: SEED + SCENARIOS.indexOf(scenario), numRuns: CRASHES_PER_SCENARIO })
  const dead = await Promise.all(
    chosen.map(async (crash, index) => ({ ...(await runUntil(baseline, `crash-${index}`, crash)), crash })),
  )
  await finishAll(
    scenario,
    dead.map((run) => run.folder),
  )
  const broken = baseline.broken.map((text) => `undisturbed: ${text}`)
  for (const run of dead) {
    const found = await judge(baseline, run)
    broken.push(...found.map((text) => `${run.crash.when} append ${run.crash.number}: ${text}`))
  }
  return broken
}

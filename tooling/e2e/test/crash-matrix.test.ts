import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KIND } from '@starling/event'
import { finishAll, judge, runBaseline, runUntil } from './crash/crash-run.ts'
import { SCENARIOS } from './crash/scenarios.ts'
import type { Scenario } from './crash/scenario.ts'
import { payloadsOf } from './crash/verdict.ts'

// Every process is killed with SIGKILL, by itself, as soon as the append of the chosen event has resolved; the run
// is then resumed in another process. What must hold is in crash/verdict.ts.
describe('a run killed after any of its events is resumed as if nothing had happened:', () => {
  test.concurrent.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_name, scenario) => {
      await inTemporaryDirectory((directory) => killAtEveryEvent(scenario, directory))
    },
  )
})

async function killAtEveryEvent(scenario: Scenario, directory: string): Promise<void> {
  const baseline = await runBaseline(scenario, directory)
  expect(baseline.broken, 'undisturbed').toEqual([])
  if (scenario.endsInOrder !== undefined) {
    expect(payloadsOf(baseline.events, KIND.ToolCallCompleted).map((call) => call.callId)).toEqual(scenario.endsInOrder)
  }
  const seqs = baseline.events.map((event) => event.seq).filter((seq) => seq > (scenario.crashedBefore ?? 0))
  const dead = await Promise.all(
    seqs.map(async (seq) => {
      const run = await runUntil(baseline, `after-${seq}`, { type: 'event', seq })
      expect(run.before, `killed after event ${seq}`).toHaveLength(seq)
      return run
    }),
  )
  await finishAll(
    scenario,
    dead.map((run) => run.folder),
  )
  const broken: string[] = []
  for (const run of dead) {
    const found = await judge(baseline, run)
    broken.push(...found.map((text) => `after event ${run.before.length}: ${text}`))
  }
  expect(broken).toEqual([])
}

/** Concurrent tests share hooks: each makes and removes a directory itself. */
async function inTemporaryDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'starling-crash-'))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

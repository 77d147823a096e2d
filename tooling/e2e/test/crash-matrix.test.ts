import { describe, expect, test } from 'vitest'
import { KIND } from '@starling/event'
import { finishAll, judge, runBaseline, runUntil } from './crash/crash-run.ts'
import { SCENARIOS } from './crash/scenarios.ts'
import type { Scenario } from './crash/scenario.ts'
import { payloadsOf } from './crash/verdict.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

// Every process is killed with SIGKILL, by itself, as soon as the append of the chosen event has resolved; the run
// is then resumed in another process. What must hold is in crash/verdict.ts.
describe('killed after any of its events, a run is resumed as if nothing had happened', () => {
  test.concurrent.each(SCENARIOS)('$name', async (scenario) => {
    const report = await inTemporaryDirectory((directory) => killAtEveryEvent(scenario, directory))
    expect(report.broken).toEqual([])
    expect(report.crashed).toEqual(report.events)
    expect(report.endedInOrder).toEqual(scenario.endsInOrder ?? report.endedInOrder)
  })
})

interface Report {
  /** The `seq` of every event that a crash can follow. */
  readonly events: readonly number[]
  /** How many events each killed process left. */
  readonly crashed: readonly number[]
  readonly endedInOrder: readonly string[]
  readonly broken: readonly string[]
}

async function killAtEveryEvent(scenario: Scenario, directory: string): Promise<Report> {
  const baseline = await runBaseline(scenario, directory)
  const events = baseline.events.map((event) => event.seq).filter((seq) => seq > (scenario.crashedBefore ?? 0))
  const dead = await Promise.all(events.map((seq) => runUntil(baseline, `after-${seq}`, { type: 'event', seq })))
  await finishAll(
    scenario,
    dead.map((run) => run.folder),
  )
  const broken = baseline.broken.map((text) => `undisturbed: ${text}`)
  for (const run of dead) {
    const found = await judge(baseline, run)
    broken.push(...found.map((text) => `after event ${run.before.length}: ${text}`))
  }
  return {
    events,
    crashed: dead.map((run) => run.before.length),
    endedInOrder: payloadsOf(baseline.events, KIND.ToolCallCompleted).map((call) => call.callId),
    broken,
  }
}

import { createMemoryEventLog } from '@starling/eventlog/memory'
import { describe, expect, test } from 'vitest'
import { createAgent } from '../src/index.ts'
import { goldenAgent } from './golden/golden-agent.ts'
import type { GoldenWorld } from './golden/golden-agent.ts'
import { goldenEvents, readGoldenRuns } from './golden/golden-run.ts'

/** Recordings that replay clean only with their tools' outcomes taken over, each with its reason. */
const ONLY_RECORDED: Readonly<Record<string, string>> = {
  'side-effect-error-swallowed':
    'a side effect failed and was tried again under the same name: the failure left no event, so the second try is taken for the first',
}

describe('recordings of the reference', () => {
  for (const run of readGoldenRuns()) {
    const phase = run.inputs.phases.findLast((candidate) => candidate.turns !== undefined)
    if (phase === undefined || run.inputs.driver !== 'agent' || run.validate.includes('decode')) continue
    const modes = Object.hasOwn(ONLY_RECORDED, run.name) ? (['recorded'] as const) : (['execute', 'recorded'] as const)
    for (const tools of modes) {
      test(`${run.name} (${run.replay.verdict} there) replays clean with tools ${tools}`, async () => {
        await using log = createMemoryEventLog()
        for (const event of goldenEvents(run)) await log.append(run.run_id, event)
        const world: GoldenWorld = {
          log,
          runId: run.run_id,
          replaying: true,
          cancel: () => undefined,
          onStart: () => undefined,
          beforeReturn: () => Promise.resolve(),
        }
        const report = await createAgent({ ...goldenAgent(run, phase, world), log }).replay(run.run_id, { tools })
        expect(report.divergences.map((divergence) => divergence.message)).toEqual([])
        expect(report.eventsReproduced).toBe(run.events.length)
        expect(report.warnings.every((warning) => warning.kind === 'TurnStarted')).toBe(true)
        // The text of a result as the tool wrote it went into the reference's prompt hash, but not into its log.
        const isReproducible = run.replay.verdict === 'match' && tools === 'execute'
        expect(isReproducible ? report.warnings : []).toEqual([])
      })
    }
  }
})

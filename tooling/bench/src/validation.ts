import { blake3, encodeEnvelope, type Event } from '@starling/event'
import { validateEvents } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { byScale, type BenchContext, type Group } from './context.ts'
import { formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds } from './rounds.ts'
import { createWorker, type Work } from './work.ts'

const EVENTS = 10_000
const EVENTS_PER_TURN = 4
// What the reference needs for an event of 300 bytes, with its hash.
const REFERENCE_MS = 0.0019

/** Checking a run against only hashing its bytes. */
export const validationGroup: Group = { name: 'validation', measure: measureValidation }

async function measureValidation(context: BenchContext): Promise<readonly Row[]> {
  const count = byScale(context, EVENTS / 10, EVENTS)
  const large = await recordEvents({ turns: count / EVENTS_PER_TURN, bytes: 1024 })
  const small = await recordEvents({ turns: count / EVENTS_PER_TURN, bytes: 100 })
  const times = await timeRounds([...subjectsOf('large', large), ...subjectsOf('small', small)], {
    rounds: byScale(context, 5, 31),
    warmUps: 5,
  })
  return [
    ...(
      [
        ['large', large],
        ['small', small],
      ] as const
    ).map(([name, events]): Row => {
      const ratio = times.ratio(name, `${name}, hashed`)
      const figures = `${formatMs(times.median(name))} against ${formatMs(times.median(`${name}, hashed`))} an event`
      return {
        what: `validating ${events.length} events of ${meanBytes(events)} bytes against hashing them`,
        figure: `${formatRatio(ratio)} (${figures})`,
        target: name === 'large' ? '≤ 2 ×' : '–',
        met: name === 'large' ? ratio <= 2 : undefined,
      }
    }),
    {
      what: `validating an event of ${meanBytes(small)} bytes`,
      figure: `${formatMs(times.median('small'))} ±${Math.round(times.noise('small') * 100)} %`,
      target: '≤ 1.9 µs (the Go reference)',
      met: times.median('small') <= REFERENCE_MS,
    },
  ]
}

function subjectsOf(name: string, events: readonly Event[]): Parameters<typeof timeRounds>[0] {
  const envelopes = events.map((event) => encodeEnvelope(event))
  return [
    {
      name,
      units: events.length,
      run() {
        const { status } = validateEvents(events)
        if (status !== 'ok') throw new Error(`a recorded run validates as ${status}`)
      },
    },
    {
      name: `${name}, hashed`,
      units: events.length,
      run() {
        for (const envelope of envelopes) blake3(envelope)
      },
    },
  ]
}

async function recordEvents(work: Work): Promise<readonly Event[]> {
  await using log = createMemoryEventLog()
  const { runId } = await createWorker(log, work).run('Do the work.')
  return log.read(runId)
}

function meanBytes(events: readonly Event[]): number {
  return Math.round(events.reduce((sum, event) => sum + encodeEnvelope(event).length, 0) / events.length)
}

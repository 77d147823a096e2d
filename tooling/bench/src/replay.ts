import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { digits, formatMs, type Row } from './row.ts'
import { timeRounds } from './rounds.ts'
import { createWorker, type Work } from './work.ts'

const BYTES = 1024

/** Replaying a run against recording it. */
export const replayGroup: Group = { name: 'replay', measure: measureReplay }

async function measureReplay(context: BenchContext): Promise<readonly Row[]> {
  const work: Work = { turns: byScale(context, 50, 200), bytes: BYTES }
  await using log = await openSqliteEventLog({ path: freshFile(context) })
  const agent = createWorker(log, work)
  const { runId } = await agent.run('Do the work.')
  const replay = async (tools: 'execute' | 'recorded'): Promise<void> => {
    const { status } = await agent.replay(runId, { tools })
    if (status !== 'match') throw new Error(`the replay of a run ended as ${status}`)
  }
  const times = await timeRounds(
    [
      { name: 'record', units: 1, run: async () => void (await agent.run('Do the work.')) },
      { name: 'replay', units: 1, run: () => replay('execute') },
      { name: 'recorded', units: 1, run: () => replay('recorded') },
    ],
    { rounds: byScale(context, 3, 21), warmUps: byScale(context, 1, 4) },
  )
  const gain = times.ratio('record', 'replay')
  const ms = times.median('replay')
  const what = `replaying W(${work.turns}, ${BYTES})`
  const recorded = `${formatMs(times.median('recorded'))} with the tools' recorded outcomes`
  return [
    {
      what: `${what} against recording it`,
      figure: `${digits(gain)} × faster (${formatMs(ms)} against ${formatMs(times.median('record'))})`,
      target: '≥ 5 × faster',
      met: gain >= 5,
    },
    { what, figure: `${formatMs(ms)}, ${recorded}`, target: '≤ 200 ms', met: ms <= 200 },
  ]
}

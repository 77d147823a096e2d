import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds, type Subject } from './rounds.ts'
import { ROOT } from './run-command.ts'
import { createWorker } from './work.ts'

const STARLING = join(ROOT, 'apps', 'starling', 'dist', 'main.js')

/** The command line against a process that does nothing. */
export const startupGroup: Group = { name: 'startup', measure: measureStartup }

async function measureStartup(context: BenchContext): Promise<readonly Row[]> {
  const path = freshFile(context)
  {
    await using log = await openSqliteEventLog({ path })
    await createWorker(log, { turns: 10, bytes: 1024 }).run('Do the work.')
  }
  const times = await timeRounds(
    [
      nodeSubject('bare', ['-e', '0']),
      nodeSubject('version', [STARLING, 'version']),
      nodeSubject('validate', [STARLING, 'validate', path]),
    ],
    { rounds: byScale(context, 3, 31), warmUps: 2 },
  )
  return (
    [
      ['version', 1.5],
      ['validate', 3],
    ] as const
  ).map(([name, limit]): Row => {
    const ratio = times.ratio(name, 'bare')
    const figures = `${formatMs(times.median(name))} against ${formatMs(times.median('bare'))}`
    return {
      what: `starling ${name}${name === 'validate' ? ' on a log of ten turns' : ''} against node -e 0`,
      figure: `${formatRatio(ratio)} (${figures}, noise ±${Math.round(times.noise(name) * 100)} %)`,
      target: `≤ ${limit} ×`,
      met: ratio <= limit,
    }
  })
}

function nodeSubject(name: string, args: readonly string[]): Subject {
  return { name, units: 1, run: () => void execFileSync(process.execPath, args, { stdio: 'ignore' }) }
}

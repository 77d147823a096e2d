import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { writePlainChild } from './plain-child.ts'
import { digits, type Row } from './row.ts'
import { median } from './rounds.ts'
import { runCommand } from './run-command.ts'

const MAX_MB = 120
const MB = 1024 * 1024

/** What a process takes that does the work and nothing else. */
export const memoryGroup: Group = { name: 'memory', measure: measureMemory }

async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = []
  const child = writePlainChild('memory.child')
  for (const turns of byScale(context, [100], [10, 1000, 4000])) {
    const peaks: number[] = []
    const ends: number[] = []
    for (let round = 0; round < byScale(context, 1, 5); round += 1) {
      const [peak = 0, end = 0] = (await runCommand(process.execPath, [child, freshFile(context), String(turns)]))
        .split(' ')
        .map(Number)
      peaks.push(peak / MB)
      ends.push(end / MB)
    }
    rows.push({
      what: `resident memory after W(${turns}, 1024)`,
      figure: `${digits(median(ends))} MB, at most ${digits(median(peaks))} MB on the way`,
      target: turns === 1000 ? `≤ ${MAX_MB} MB` : '–',
      met: turns === 1000 ? median(ends) <= MAX_MB : undefined,
    })
  }
  return rows
}

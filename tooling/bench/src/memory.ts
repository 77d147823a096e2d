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
    const sizes: number[] = []
    for (let round = 0; round < byScale(context, 1, 5); round += 1) {
      const bytes = Number(await runCommand(process.execPath, [child, freshFile(context), String(turns)]))
      sizes.push(bytes / MB)
    }
    rows.push({
      what: `resident memory after W(${turns}, 1024)`,
      figure: `${digits(median(sizes))} MB, at most ${digits(Math.max(...sizes))} MB`,
      target: turns === 1000 ? `≤ ${MAX_MB} MB` : '–',
      met: turns === 1000 ? median(sizes) <= MAX_MB : undefined,
    })
  }
  return rows
}

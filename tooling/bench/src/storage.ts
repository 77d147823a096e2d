import { statSync } from 'node:fs'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { digits, type Row } from './row.ts'
import { createWorker } from './work.ts'

const BYTES = 1024
const MAX_KB = 4.5

/** What a turn leaves on the disk. */
export const storageGroup: Group = { name: 'storage', measure: measureStorage }

async function measureStorage(context: BenchContext): Promise<readonly Row[]> {
  const empty = await sizeAfter(context, 0)
  const rows: Row[] = []
  for (const turns of [10, byScale(context, 100, 200)]) {
    const kb = ((await sizeAfter(context, turns)) - empty) / turns / 1024
    const first = rows.length === 0
    rows.push({
      what: `kept on disk per turn of W(${turns}, ${BYTES}), chain and indexes included`,
      figure: `${digits(kb)} KB`,
      target: first ? `≤ ${MAX_KB} KB` : `≤ ${MAX_KB} KB, flat`,
      met: kb <= MAX_KB,
    })
  }
  return rows
}

/** Returns the bytes of a log that is closed after one run. */
async function sizeAfter(context: BenchContext, turns: number): Promise<number> {
  const path = freshFile(context)
  {
    await using log = await openSqliteEventLog({ path })
    if (turns > 0) await createWorker(log, { turns, bytes: BYTES }).run('Do the work.')
  }
  return statSync(path).size
}

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { DATA, SCRATCH } from '../paths.ts'

/**
 * Returns the path of the SQLite file with the metrics, made of the SQL text that is shipped.
 *
 * The name carries the hash of that text, and the file appears whole: any
 * number of processes may ask for it at once.
 */
export async function metricsFile(): Promise<string> {
  const sql = await readFile(join(DATA, 'metrics.sql'), 'utf8')
  const version = createHash('sha256').update(sql).digest('hex').slice(0, 12)
  const path = join(SCRATCH, `metrics-${version}.db`)
  if (existsSync(path)) return path
  await mkdir(SCRATCH, { recursive: true })
  const unfinished = `${path}.${process.pid}-${crypto.randomUUID()}`
  const db = new Database(unfinished)
  try {
    db.exec(`BEGIN; ${sql} COMMIT;`)
  } finally {
    db.close()
  }
  await rename(unfinished, path)
  return path
}

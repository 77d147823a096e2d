import { readFileSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * Counts the commits in the write-ahead log of an open database: the frames that say how large the database is after
 * them, as https://sqlite.org/fileformat2.html#walformat has it. Frames from before the last reset do not count.
 */
export function countCommits(path: string): number {
  const bytes = readFileSync(`${path}-wal`)
  if (bytes.length < HEADER_BYTES) return 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const frameBytes = FRAME_HEADER_BYTES + view.getUint32(8)
  const salt = view.getBigUint64(16)
  let commits = 0
  for (let at = HEADER_BYTES; at + frameBytes <= bytes.length; at += frameBytes) {
    if (view.getBigUint64(at + 8) !== salt) break
    if (view.getUint32(at + 4) > 0) commits += 1
  }
  return commits
}

import { Buffer } from 'node:buffer'

/** What a list of results may take as JSON, in bytes: a little less than a result may have by default. */
const MAX_LIST_BYTES = 960 * 1024

/** Counts what is put into a list; returns `false` for what would make it too long. */
export function createResultBudget(): (item: unknown) => boolean {
  let left = MAX_LIST_BYTES
  return (item) => {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1
    if (size > left) return false
    left -= size
    return true
  }
}

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './row.ts'

/** How thoroughly the bench measures. */
export type Scale = 'quick' | 'default' | 'full'

/** What every group of measurements gets. */
export interface BenchContext {
  /** A folder for files, on the disk to be measured; gone afterwards. */
  readonly folder: string
  readonly scale: Scale
  /** Whether the other runtimes are measured, too. */
  readonly withPeers: boolean
}

/** Measurements that belong together and are taken in the same rounds. */
export interface Group {
  readonly name: string
  readonly measure: (context: BenchContext) => Promise<readonly Row[]>
}

/** Chooses by scale: a value to try that everything works, and one to measure with. */
export function byScale<T>(context: BenchContext, quick: T, measured: T): T {
  return context.scale === 'quick' ? quick : measured
}

let files = 0

/** Names a database that does not exist yet. */
export function freshFile({ folder }: BenchContext): string {
  files += 1
  return join(folder, `${files}.db`)
}

/** Makes an empty folder. */
export function freshFolder({ folder }: BenchContext): string {
  return mkdtempSync(join(folder, 'folder-'))
}

import { readFileSync } from 'node:fs'

/** What a report needs to know of a package. */
export interface Manifest {
  readonly name: string
  readonly isPrivate: boolean
  /** The declaration files of its entry points, relative to its folder. */
  readonly entries: readonly string[]
}

/** Reads a package.json. Every entry point must name its types. */
export function readManifest(path: string): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isRecord(manifest) || typeof manifest['name'] !== 'string') throw new Error(`${path} has no name`)
  if (!isRecord(manifest['exports'])) throw new Error(`${path} has no exports`)
  const entries = Object.entries(manifest['exports']).map(([subpath, conditions]) => {
    if (isRecord(conditions) && typeof conditions['types'] === 'string') return conditions['types']
    throw new Error(`${path}: the entry point ${subpath} names no types`)
  })
  return { name: manifest['name'], isPrivate: manifest['private'] === true, entries }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './runner.ts'

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string
  /** Its folder, relative to the root: `packages/event`. */
  readonly folder: string
  readonly isPrivate: boolean
  readonly scripts: readonly string[]
}

/** Lists the packages of the workspace, the root not among them. */
export function listPackages(): readonly WorkspacePackage[] {
  const manifests = globSync('{apps,examples,packages,tooling}/*/package.json', { cwd: ROOT })
  return manifests.toSorted().map((path) => parseManifest(path))
}

function parseManifest(path: string): WorkspacePackage {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
  if (!isRecord(manifest) || typeof manifest['name'] !== 'string') throw new Error(`${path} has no name`)
  const scripts = isRecord(manifest['scripts']) ? Object.keys(manifest['scripts']) : []
  return { name: manifest['name'], folder: dirname(path), isPrivate: manifest['private'] === true, scripts }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

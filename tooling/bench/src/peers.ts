import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** Another runtime that does the same work. */
export interface Peer {
  readonly name: string
  /** Takes part in few rounds only. */
  readonly isSlow: boolean
  /** Readies runs; `path` is a database that does not exist yet, for those that keep something. */
  open(work: { readonly turns: number; readonly bytes: number; readonly path: string }): Promise<PeerRun>
}

/** A {@link Peer} that is ready. */
export interface PeerRun {
  /** Does the work once; rejects when it was not all done. */
  run(): Promise<void>
}

const FOLDER = join(import.meta.dirname, '..', 'peers')

/** Installs what the peers need, unless it is there. They are no part of the workspace. */
export async function installPeers(): Promise<void> {
  if (isInstalled()) return
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: FOLDER,
  })
}

/** Loads the peers, the one to reach first. */
export async function loadPeers(): Promise<readonly Peer[]> {
  const modules = ['ai-sdk.mjs', 'langgraph.mjs'].map((file) => import(join(FOLDER, file)))
  // They are plain JavaScript, as their packages are not there when the compiler looks.
  const loaded = (await Promise.all(modules)) as readonly { readonly peers: readonly Peer[] }[]
  return loaded.flatMap(({ peers }) => peers)
}

/** Says which versions are compared. */
export function describePeers(): string {
  return Object.entries(readDependencies(join(FOLDER, 'package.json')))
    .filter(([name]) => name !== 'zod')
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

function isInstalled(): boolean {
  return Object.keys(readDependencies(join(FOLDER, 'package.json'))).every((name) =>
    existsSync(join(FOLDER, 'node_modules', name, 'package.json')),
  )
}

function readDependencies(path: string): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> }
  return dependencies
}

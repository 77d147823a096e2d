import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import type { WireApi } from './wire-answers.ts'
import type { Work } from './work.ts'

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

/** Answers of models over HTTP: the API and where it is. */
export interface WireSource {
  readonly api: WireApi
  readonly baseUrl: string
}

/** What the peers do over HTTP. */
export interface WirePeers {
  /** The one to reach first. */
  readonly readers: readonly WireReader[]
  /** The one that streams, as Starling does, first. */
  readonly loops: readonly WireLoop[]
}

/** A peer that reads one answer and says how many pieces of text it had. */
export interface WireReader {
  readonly name: string
  /** Takes part in few rounds only. */
  readonly isSlow: boolean
  open(source: WireSource): () => Promise<number>
}

/** A peer that does work; it rejects when not all of it was done. */
export interface WireLoop {
  readonly name: string
  /** Whether it asks for answers that are streamed. */
  readonly streams: boolean
  open(source: WireSource & Work): () => Promise<void>
}

/** Where the peers are. */
export const PEERS: string = join(import.meta.dirname, '..', 'peers')

/** Installs what the peers need, unless it is there. They are no part of the workspace. */
export async function installPeers(): Promise<void> {
  if (isInstalled()) return
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: PEERS,
  })
}

/** Loads the peers, the one to reach first. */
export async function loadPeers(): Promise<readonly Peer[]> {
  const modules = ['ai-sdk.mjs', 'langgraph.mjs'].map((file) => import(join(PEERS, file)))
  // They are plain JavaScript, as their packages are not there when the compiler looks.
  const loaded = (await Promise.all(modules)) as readonly { readonly peers: readonly Peer[] }[]
  return loaded.flatMap(({ peers }) => peers)
}

/** Loads what the peers do over HTTP. */
export async function loadWirePeers(): Promise<WirePeers> {
  return (await import(join(PEERS, 'ai-sdk-wire.mjs'))) as WirePeers
}

/** The process of the first of the readers that reads one answer and prints its peak memory in bytes. */
export const WIRE_MEMORY_PEER: string = join(PEERS, 'ai-sdk-wire-memory.child.mjs')

/** Says which versions are compared. */
export function describePeers(): string {
  return Object.entries(readDependencies(join(PEERS, 'package.json')))
    .filter(([name]) => name !== 'zod')
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

function isInstalled(): boolean {
  return Object.keys(readDependencies(join(PEERS, 'package.json'))).every((name) =>
    existsSync(join(PEERS, 'node_modules', name, 'package.json')),
  )
}

function readDependencies(path: string): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> }
  return dependencies
}

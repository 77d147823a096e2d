import { copyFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Event } from '@starling/event'
import { eventsOfRecording } from '@starling/eventlog/conformance'
import type { RecordedEvent } from '@starling/eventlog/conformance'

import { temporaryPath } from './temporary-directory.ts'

/** A run of `runs.db`, as the reference reads it back. */
export interface GoldenRun {
  readonly runId: string
  /** `ok`, or why it does not validate. */
  readonly validate: string
  readonly events: readonly Event[]
  /** The hash of each event, in hex. */
  readonly hashes: readonly string[]
}

interface RunsFile {
  readonly runs: readonly {
    readonly run_id: string
    readonly validate: string
    readonly events: readonly (RecordedEvent & { readonly event_hash_hex: string })[]
  }[]
}

/** Reads a fixture that is JSON. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8'))
}

/** Returns the runs of `runs.json`. */
export function goldenRuns(): readonly GoldenRun[] {
  return (fixture('runs.json') as RunsFile).runs.map((run) => ({
    runId: run.run_id,
    validate: run.validate,
    hashes: run.events.map((event) => event.event_hash_hex),
    events: eventsOfRecording(run),
  }))
}

/** Copies `runs.db`, which the reference wrote, to where it may be opened: it is in WAL mode. */
export function goldenDatabase(path: string = temporaryPath('golden.db')): string {
  copyFileSync(fixturePath('runs.db'), path)
  return path
}

function fixturePath(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

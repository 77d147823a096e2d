import { createHash } from 'node:crypto'

import { escapeIdentifier } from './driver.ts'

/** Everything that a log names in its schema, quoted and qualified. */
export interface Names {
  /** The schema as it was given. */
  readonly schema: string
  readonly events: string
  readonly defaultPartition: string
  readonly migrations: string
  readonly runs: string
  readonly counts: string
  readonly touched: string
  readonly search: string
  readonly leases: string
  readonly state: string
  readonly append: string
  readonly appendOne: string
  readonly appendTwo: string
  readonly touch: string
  readonly touchOne: string
  /** The channel on which processes tell each other of appends. */
  readonly channel: string
  /** What the advisory locks are made of, other than those of runs. */
  readonly lock: string
}

const HASH_DIGITS = 16

/** Returns the names of a log in `schema`. */
export function namesOf(schema: string): Names {
  const qualify = (name: string): string => `${escapeIdentifier(schema)}.${name}`
  const hash = createHash('sha256').update(schema).digest('hex').slice(0, HASH_DIGITS)
  return {
    schema,
    events: qualify('eventlog_events'),
    defaultPartition: qualify('eventlog_events_default'),
    migrations: qualify('eventlog_schema_migrations'),
    runs: qualify('starling_runs'),
    counts: qualify('starling_counts'),
    touched: qualify('starling_touched'),
    search: qualify('starling_search'),
    leases: qualify('starling_leases'),
    state: qualify('starling_state'),
    append: qualify('starling_append'),
    appendOne: qualify('starling_append_one'),
    appendTwo: qualify('starling_append_two'),
    touch: qualify('starling_touch'),
    touchOne: qualify('starling_touch_one'),
    // A channel's name is cut off at 63 bytes.
    channel: `starling_${hash}`,
    lock: `starling/${hash}`,
  }
}

/** Quotes the body of a function, whatever is in the names that it mentions. */
export function dollarQuoted(body: string): string {
  let tag = '$body$'
  for (let number = 1; body.includes(tag); number++) tag = `$body${number}$`
  return `${tag}${body}${tag}`
}

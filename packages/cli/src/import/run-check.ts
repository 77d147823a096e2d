import { equalBytes, hasCode, hashEvent, isTerminalKind, type Event } from '@starling/event'
import { createValidator, type Validator } from '@starling/eventlog'
import { checkAppend } from '@starling/eventlog/backend'
import { isSameEvent } from './same-event.ts'
import { attemptHash, SeenEvents } from './seen-events.ts'
import { SeqSet } from './seq-set.ts'
import type { StoredEvents } from './stored-events.ts'

/** What is known of one run before anything of it is written. */
export interface CheckedRun {
  readonly runId: string
  /** How many different events there are. */
  readonly events: number
  /** Whether the log it goes to has a run of this id. */
  readonly exists: boolean
  /** The events that the log has already. */
  readonly stored: SeqSet
  /** How many it lacks. */
  readonly missing: number
  /** Why nothing of it may be written. */
  readonly refusal?: Refusal | undefined
}

/** Why a run is not written. */
export interface Refusal {
  readonly reason: string
  /** True when it is for its own events, which do not fit together. */
  readonly corrupt: boolean
}

/** How a {@link RunCheck} checks. */
export interface RunCheckOptions {
  /** Compare no hashes, and do not validate. */
  readonly unverified: boolean
  /** What the log that it goes to holds. */
  readonly stored: StoredEvents
  /** Whether no event comes twice, as in a log. Default: `false`, as in a file. */
  readonly isUnique?: boolean | undefined
}

/** Checks the events of one run, and compares them with those that the log has already. */
export class RunCheck {
  readonly #runId: string
  readonly #options: RunCheckOptions
  readonly #seen: SeenEvents | undefined
  readonly #stored = new SeqSet()
  #events = 0
  #storedCount = 0
  #exists: boolean | undefined
  #refusal: Refusal | undefined
  /** Absent once the run has ended, or is not to be validated. */
  #validator: Validator | undefined
  #previous: Event | undefined
  /** The number of the terminal event. */
  #ended: number | undefined

  constructor(runId: string, options: RunCheckOptions) {
    this.#runId = runId
    this.#options = options
    this.#seen = options.isUnique === true ? undefined : new SeenEvents()
    this.#validator = options.unverified ? undefined : createValidator()
  }

  /** Whether nothing of the run may be written, whatever follows. */
  get isRefused(): boolean {
    return this.#refusal !== undefined
  }

  /** Whether the log that it goes to has this event; once it was pushed. */
  isStored(event: Event): boolean {
    return this.#stored.has(event.seq)
  }

  /** Takes the next event, and the hash that is claimed for it, if one is. */
  async push(event: Event, claimed: Uint8Array | null): Promise<void> {
    if (this.#refusal !== undefined) return
    const seen = this.#seen?.add(event, attemptHash(event)) ?? 'new'
    if (!this.#options.unverified) this.#verify(event, { claimed, isRepeated: seen === 'same' })
    else if (seen === 'different') this.#refuse(`the file has two different events ${event.seq}`)
    if (seen === 'same') return
    this.#events += 1
    await this.#compare(event)
  }

  /** Returns what has been found; nothing may be pushed afterwards. */
  finish(): CheckedRun {
    this.#judge()
    return {
      runId: this.#runId,
      events: this.#events,
      exists: this.#exists ?? false,
      stored: this.#stored,
      missing: this.#events - this.#storedCount,
      refusal: this.#refusal,
    }
  }

  #verify(event: Event, line: { readonly claimed: Uint8Array | null; readonly isRepeated: boolean }): void {
    try {
      // A line that stands there twice, as in two backups put together, says nothing new.
      if (!line.isRepeated) this.#checkOrder(event)
      if (line.claimed !== null && !equalBytes(line.claimed, hashEvent(event)))
        throw new Error('its hash is not what its line claims')
    } catch (error) {
      this.#refuse(`event ${event.seq}: ${error instanceof Error ? error.message : String(error)}`)
      return
    }
    if (line.isRepeated) return
    this.#validator?.push(event)
    this.#previous = event
    if (isTerminalKind(event.kind)) this.#end(event)
  }

  #checkOrder(event: Event): void {
    if (this.#ended !== undefined) throw new Error(`it comes after event ${this.#ended}, which ended the run`)
    checkAppend(this.#previous, event, this.#runId)
  }

  /** Nothing may follow: what is large need not be kept. */
  #end(event: Event): void {
    this.#judge()
    this.#ended = event.seq
    this.#previous = undefined
  }

  #judge(): void {
    if (this.#refusal !== undefined) return
    const validation = this.#validator?.finish()
    if (validation?.status === 'corrupt')
      this.#refuse(validation.violation?.detail ?? validation.reason ?? 'it does not validate')
    this.#validator = undefined
  }

  async #compare(event: Event): Promise<void> {
    const { stored } = this.#options
    try {
      this.#exists ??= await stored.has(this.#runId)
      const other = this.#exists ? await stored.get(this.#runId, event.seq) : undefined
      if (other === undefined) return
      if (!isSameEvent(other, event)) {
        const reason = `the log has a run of this id whose event ${event.seq} differs; fork or prune it first`
        this.#refusal ??= { reason, corrupt: false }
        return
      }
      this.#stored.add(event.seq)
      this.#storedCount += 1
    } catch (error) {
      if (!hasCode(error, 'EVENTLOG_CORRUPT')) throw error
      this.#refusal ??= { reason: `the log has a run of this id that cannot be read: ${error.message}`, corrupt: true }
    }
  }

  #refuse(reason: string): void {
    this.#refusal ??= { reason, corrupt: true }
  }
}

import { EventLogError } from './event-log-error.ts'

/** One reader's view of the changes to a run. */
export interface ChangeSubscription extends Disposable {
  /**
   * Resolves when the run has changed since the last call returned, at once
   * when it already has.
   *
   * A change between two calls is remembered, so a reader that looks at the
   * store between them misses nothing.
   *
   * @throws `signal.reason` when aborted; {@link EventLogError} `EVENTLOG_CLOSED` once the log is closed.
   */
  wait(signal: AbortSignal): Promise<void>
}

/** Tells readers inside this process that a run has changed. It carries no events: readers fetch those from the store. */
export interface Notifier {
  subscribe(runId: string): ChangeSubscription
  /** Wakes the readers of one run, or of all runs. */
  notify(runId?: string): void
  /** Ends every wait, now and later, with `EVENTLOG_CLOSED`. */
  close(): void
}

/** Creates a {@link Notifier}. */
export function createNotifier(): Notifier {
  return new ProcessNotifier()
}

class ProcessNotifier implements Notifier {
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  #closed = false

  subscribe(runId: string): ChangeSubscription {
    const subscriber = new Subscriber(() => this.#remove(runId, subscriber))
    if (this.#closed) subscriber.close()
    else this.#of(runId).add(subscriber)
    return subscriber
  }

  notify(runId?: string): void {
    const groups = runId === undefined ? this.#subscribers.values() : [this.#subscribers.get(runId) ?? []]
    for (const group of groups) for (const subscriber of group) subscriber.wake()
  }

  close(): void {
    this.#closed = true
    for (const group of this.#subscribers.values()) for (const subscriber of group) subscriber.close()
    this.#subscribers.clear()
  }

  #of(runId: string): Set<Subscriber> {
    const group = this.#subscribers.get(runId) ?? new Set()
    this.#subscribers.set(runId, group)
    return group
  }

  #remove(runId: string, subscriber: Subscriber): void {
    const group = this.#subscribers.get(runId)
    group?.delete(subscriber)
    if (group?.size === 0) this.#subscribers.delete(runId)
  }
}

class Subscriber implements ChangeSubscription {
  readonly #onDispose: () => void
  #changed = false
  #closed = false
  #resume: (() => void) | undefined

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose
  }

  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#changed && !this.#closed) await this.#next(signal)
    signal.throwIfAborted()
    if (this.#closed) throw new EventLogError('EVENTLOG_CLOSED', 'eventlog: log is closed')
    this.#changed = false
  }

  wake(): void {
    this.#changed = true
    this.#resume?.()
  }

  close(): void {
    this.#closed = true
    this.#resume?.()
  }

  [Symbol.dispose](): void {
    this.#onDispose()
  }

  async #next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const resume = (): void => resolve()
    this.#resume = resume
    signal.addEventListener('abort', resume, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', resume)
      this.#resume = undefined
    }
  }
}

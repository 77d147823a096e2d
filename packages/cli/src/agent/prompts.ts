import type { CliIo } from '../io.ts'
import type { Screen } from './screen.ts'

/** Asks one question and resolves with the line that was typed; `prefill` stands there to be edited. */
export type Ask = (question: string, prefill?: string) => Promise<string>

/** What is asked of the person at the terminal: one thing at a time, in the order in which it came up. */
export interface Prompts {
  /** Has `dialog` ask once those before it are done. */
  add(key: string, dialog: (ask: Ask) => Promise<void>): void
  /** Takes a dialog back, also while it asks; `why` is told then. */
  withdraw(key: string, why: string): void
  /** True while nothing is asked and nothing waits to be. */
  readonly isIdle: boolean
  /** Takes everything back, and asks nothing more; resolves when the terminal is free. */
  close(): Promise<void>
}

/** What {@link createPrompts} stands on. */
export interface PromptsOptions {
  readonly ask: NonNullable<CliIo['ask']>
  readonly screen: Screen
  /** Writes beside the questions. */
  readonly tell: (text: string) => void
  /** Told that a dialog could not ask any more, such as of a terminal that has gone. */
  readonly onFailed: (key: string, error: unknown) => void
  /** Called whenever the last dialog is done. */
  readonly onIdle: () => void
}

interface Entry {
  readonly key: string
  readonly dialog: (ask: Ask) => Promise<void>
  readonly withdrawn: AbortController
}

/** Makes the queue of one run. */
export function createPrompts(options: PromptsOptions): Prompts {
  return new QueuedPrompts(options)
}

class QueuedPrompts implements Prompts {
  readonly #options: PromptsOptions
  #entries: Entry[] = []
  #working: Promise<void> | undefined
  #isAsking = false
  #isClosed = false

  constructor(options: PromptsOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#entries.length === 0
  }

  add(key: string, dialog: Entry['dialog']): void {
    if (this.#isClosed) return
    this.#entries.push({ key, dialog, withdrawn: new AbortController() })
    this.#working ??= this.#work()
  }

  withdraw(key: string, why: string): void {
    const [current] = this.#entries
    const entry = this.#entries.find((candidate) => candidate.key === key)
    if (entry === undefined) return
    if (entry === current && this.#isAsking) this.#options.tell(`\n${why}\n`)
    if (entry !== current) this.#entries = this.#entries.filter((candidate) => candidate !== entry)
    entry.withdrawn.abort()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const [current] = this.#entries
    this.#entries = current === undefined ? [] : [current]
    current?.withdrawn.abort()
    await this.#working
  }

  async #work(): Promise<void> {
    const { screen, onFailed, onIdle } = this.#options
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      const { key, dialog, withdrawn } = entry
      await screen.hold()
      try {
        if (!withdrawn.signal.aborted)
          await dialog(async (question, prefill) => this.#ask(question, prefill, withdrawn))
      } catch (error) {
        if (!withdrawn.signal.aborted) onFailed(key, error)
      }
      this.#entries.shift()
      await screen.release().catch(() => undefined) // a view that fails is noticed at the next update
    }
    this.#working = undefined
    onIdle()
  }

  async #ask(question: string, prefill: string | undefined, { signal }: AbortController): Promise<string> {
    signal.throwIfAborted()
    this.#isAsking = true
    try {
      const answer = await this.#options.ask(question, { signal, prefill })
      signal.throwIfAborted()
      return answer
    } finally {
      this.#isAsking = false
    }
  }
}

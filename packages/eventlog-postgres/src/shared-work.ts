import { ignore } from './driver.ts'

/**
 * Work that many ask for and that is done one at a time: who asks while it is
 * under way shares the next time with all others who do, as the present one may
 * have begun too early for them.
 */
export class SharedWork {
  readonly #work: () => Promise<void>
  #current: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves when the work has been done from beginning to end after this call. */
  run(): Promise<void> {
    if (this.#current === undefined) return this.#start()
    this.#next ??= this.#current.catch(ignore).then(() => {
      this.#next = undefined
      return this.#start()
    })
    return this.#next
  }

  #start(): Promise<void> {
    const current = this.#work().finally(() => {
      if (this.#current === current) this.#current = undefined
    })
    this.#current = current
    return current
  }
}

// While nothing is appended for this long, there is time for what is not urgent.
const IDLE_MS = 250

/**
 * Keeps the derived tables near the events in idle moments. Nothing depends on
 * it: whoever reads the tables catches up first.
 */
export class Housekeeping {
  readonly #catchUp: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(catchUp: () => Promise<void>) {
    this.#catchUp = catchUp
  }

  /** Takes note of an append. */
  note(): void {
    if (this.#isStopped) return
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#run(), IDLE_MS)
      // A process with nothing else to do may end; whoever lists the runs next catches up.
      this.#timer.unref()
    } else {
      this.#timer.refresh()
    }
  }

  /** Stops for good. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #run(): void {
    this.#timer = undefined
    this.#running ??= this.#catchUp()
      .catch(() => {
        // Who needs the tables will try again, and report.
      })
      .finally(() => {
        this.#running = undefined
      })
  }
}

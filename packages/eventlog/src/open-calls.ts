/** The tool calls that are scheduled and have no outcome yet, by call id and attempt. */
export class OpenCalls {
  /** Nearly every attempt is the first, and needs no key to be put together. */
  readonly #first = new Set<string>()
  readonly #later = new Map<string, string>()

  /** Opens a call; returns `false` when it is open already. */
  open(callId: string, attempt: number): boolean {
    if (this.#has(callId, attempt)) return false
    if (attempt === 1) this.#first.add(callId)
    else this.#later.set(keyOf(callId, attempt), nameOf(callId, attempt))
    return true
  }

  /** Closes a call; returns `false` when it is not open. */
  close(callId: string, attempt: number): boolean {
    return attempt === 1 ? this.#first.delete(callId) : this.#later.delete(keyOf(callId, attempt))
  }

  /** Closes every call. */
  clear(): void {
    this.#first.clear()
    this.#later.clear()
  }

  /** How verdicts name one of the calls that are open; `undefined` when there is none. */
  any(): string | undefined {
    const [first] = this.#first
    const [later] = this.#later.values()
    return first === undefined ? later : nameOf(first, 1)
  }

  #has(callId: string, attempt: number): boolean {
    return attempt === 1 ? this.#first.has(callId) : this.#later.has(keyOf(callId, attempt))
  }
}

/** How verdicts name a call. */
export function nameOf(callId: string, attempt: number): string {
  return `call=${callId} attempt=${attempt}`
}

function keyOf(callId: string, attempt: number): string {
  return `${attempt}/${callId}`
}

import { onAbort } from './on-abort.ts'

/** One call that counts against the limits while it runs. */
export interface Slot {
  readonly tool: string
  /** The call that makes this one, and goes on counting meanwhile. */
  readonly outer?: Slot | undefined
}

/** How a call waits for its turn. */
export interface WaitOptions {
  /** Begins the call at once when aborted: it has to find out by itself. */
  readonly signal?: AbortSignal | undefined
  /** Told when the call has to wait; `begin` lets it in beyond the limits. */
  readonly onWait?: ((begin: () => void) => void) | undefined
  /** Told when a call that had to wait begins. */
  readonly onBegin?: (() => void) | undefined
}

interface Waiting {
  readonly slot: Slot
  readonly begin: () => void
}

/**
 * Lets calls run at once as far as the limits go; the others wait in line.
 *
 * Calls that the model plans count against the limit on all calls and on those
 * of their tool. A call inside another counts only as one of its tool: it runs
 * in the time of the call around it, which counts already.
 *
 * A call gets all that it needs at the same moment, so that none holds a place
 * while it waits for another, unless it makes calls itself.
 */
export class CallLimiter {
  readonly #maxParallel: number
  readonly #capOf: (tool: string) => number | undefined
  readonly #running: Slot[] = []
  #perTool: Map<string, number> | undefined
  #planned = 0
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>()
  #waitingInside = 0

  constructor(maxParallel: number, capOf: (tool: string) => number | undefined) {
    this.#maxParallel = maxParallel
    this.#capOf = capOf
  }

  /** Takes a place for a call, if there is one. */
  tryEnter(slot: Slot): boolean {
    if (!this.#fits(slot)) return false
    this.#take(slot)
    return true
  }

  /** Gives the place of a call back, and lets in whoever it is enough for. */
  leave(slot: Slot): void {
    const at = this.#running.indexOf(slot)
    if (at < 0) return
    this.#running.splice(at, 1)
    this.#count(slot, -1)
    for (const waiting of this.#waiting) {
      if (this.#waitingInside === 0 && this.#planned >= this.#maxParallel) return // nor does anyone behind fit
      if (this.#fits(waiting.slot)) waiting.begin()
    }
  }

  /** Waits for a place; one that is aborted meanwhile begins without. */
  enter(slot: Slot, { signal, onWait, onBegin }: WaitOptions = {}): Promise<void> {
    return new Promise((resolve) => {
      const begin = (): void => {
        this.#take(slot)
        endWait()
      }
      const endWait = (): void => {
        if (this.#waiting.delete(waiting) && slot.outer !== undefined) this.#waitingInside -= 1
        stopWaiting()
        onBegin?.()
        resolve()
      }
      const waiting: Waiting = { slot, begin }
      this.#waiting.add(waiting)
      if (slot.outer !== undefined) this.#waitingInside += 1
      const stopWaiting = signal === undefined ? () => undefined : onAbort(signal, endWait)
      if (signal?.aborted === true) endWait()
      else onWait?.(begin)
    })
  }

  /** Whether a call would wait for calls of which every one waits for it, in the end. */
  wouldWaitForever(slot: Slot): boolean {
    if (this.#fits(slot)) return false
    const waiting = [...Array.from(this.#waiting, (other) => other.slot), slot].filter(
      (other) => other.outer !== undefined,
    )
    const ending = new Set<Slot>()
    const canBegin = ({ tool }: Slot): boolean => [...ending].some((holder) => holder.tool === tool)
    for (let before = -1; before < ending.size;) {
      before = ending.size
      for (const holder of this.#running) {
        if (waiting.every((other) => !isInside(other, holder) || canBegin(other))) ending.add(holder)
      }
    }
    return !canBegin(slot)
  }

  #fits({ tool, outer }: Slot): boolean {
    if (outer === undefined && this.#planned >= this.#maxParallel) return false
    const cap = this.#capOf(tool)
    return cap === undefined || (this.#perTool?.get(tool) ?? 0) < cap
  }

  #take(slot: Slot): void {
    this.#running.push(slot)
    this.#count(slot, 1)
  }

  #count({ tool, outer }: Slot, change: number): void {
    if (outer === undefined) this.#planned += change
    if (this.#capOf(tool) === undefined) return
    this.#perTool ??= new Map()
    this.#perTool.set(tool, (this.#perTool.get(tool) ?? 0) + change)
  }
}

function isInside(slot: Slot, holder: Slot): boolean {
  for (let at = slot.outer; at !== undefined; at = at.outer) if (at === holder) return true
  return false
}

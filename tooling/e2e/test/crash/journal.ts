import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Message } from '@starling/provider'

/** Which process of a crashed run writes: the one that starts it, one that takes it up and is killed too, the last one, or its replay. */
export type Phase = 'start' | 'again' | 'finish' | 'replay'

/** Something that happened outside the log. */
export type Note =
  | {
      readonly type: 'call'
      readonly phase: Phase
      readonly tool: string
      readonly callId: string
      readonly attempt: number
      readonly key: string
    }
  | { readonly type: 'effect'; readonly phase: Phase; readonly name: string; readonly callId: string }
  | { readonly type: 'request'; readonly phase: Phase; readonly messages: readonly Message[] }
  | { readonly type: 'asked'; readonly phase: Phase; readonly callId: string }

/** A note without the phase, which the journal knows. */
export type NewNote = Note extends infer N ? (N extends Note ? Omit<N, 'phase'> : never) : never

interface Waiting {
  readonly isIt: (note: Note) => boolean
  readonly resolve: () => void
}

/**
 * What tools and providers did in the world, written beside the log by every
 * process that works on the run: the witness against which the log is held.
 */
export class Journal {
  readonly #path: string
  readonly #notes: Note[]
  #phase: Phase
  #waiting: Waiting[] = []

  constructor(path: string, phase: Phase) {
    this.#path = path
    this.#notes = readJournal(path)
    this.#phase = phase
  }

  get phase(): Phase {
    return this.#phase
  }

  enter(phase: Phase): void {
    this.#phase = phase
  }

  /** Appends one line in one write, which outlives this process as soon as it returns. */
  note(note: NewNote): void {
    const whole = { ...note, phase: this.#phase } as Note // the phase is what Omit took away
    appendFileSync(this.#path, `${JSON.stringify(whole)}\n`, { flag: 'a' })
    this.#notes.push(whole)
    for (const waiting of this.#waiting.filter(({ isIt }) => isIt(whole))) waiting.resolve()
    this.#waiting = this.#waiting.filter(({ isIt }) => !isIt(whole))
  }

  /** Resolves once something has been noted, by this process or one before it. */
  async noted(isIt: (note: Note) => boolean): Promise<void> {
    if (this.#notes.some(isIt)) return
    await new Promise<void>((resolve) => this.#waiting.push({ isIt, resolve }))
  }
}

/** Reads a journal; one that nobody has written to is empty. */
export function readJournal(path: string): Note[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Note) // written by note() above
}

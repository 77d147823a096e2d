import type { PlannedCall } from './planned-call.ts'

/** The calls of one answer, each found by its ids without a look at the others. */
export class Plan {
  /** In the order of the answer. */
  readonly calls: readonly PlannedCall[]
  /** Each call under its own id and every id it was scheduled under, in the order of the answer. */
  readonly #byId = new Map<string, PlannedCall[]>()
  #open: number

  constructor(calls: readonly PlannedCall[]) {
    this.calls = calls
    this.#open = calls.length
    for (const call of calls) this.#index(call.callId, call)
  }

  /** Whether a call has no outcome yet. */
  get isOpen(): boolean {
    return this.#open > 0
  }

  /** The first call without an outcome that the model named so. */
  findNamed(callId: string): PlannedCall | undefined {
    return this.#byId.get(callId)?.find((call) => call.callId === callId && call.status !== 'done')
  }

  /** The first call without an outcome that was last scheduled under this id. */
  findLogged(loggedId: string): PlannedCall | undefined {
    return this.#byId.get(loggedId)?.find((call) => call.loggedId === loggedId && call.status !== 'done')
  }

  /** Whether a call, ended or not, goes by this id. */
  has(id: string): boolean {
    return this.#byId.get(id)?.some((call) => call.callId === id || call.loggedId === id) === true
  }

  /** Notes that a call is scheduled, under an id that may be a new one. */
  schedule(call: PlannedCall, loggedId: string): void {
    call.status = 'scheduled'
    if (call.loggedId === loggedId) return
    call.loggedId = loggedId
    this.#index(loggedId, call)
  }

  /** Gives a call its outcome. */
  end(call: PlannedCall, outcome: NonNullable<PlannedCall['outcome']>): void {
    call.status = 'done'
    call.outcome = outcome
    this.#open -= 1
  }

  #index(id: string, call: PlannedCall): void {
    const known = this.#byId.get(id)
    if (known === undefined) this.#byId.set(id, [call])
    else if (!known.includes(call)) known.push(call)
  }
}

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Something to be timed. What it does in one call counts as {@link Subject.units} units. */
export interface Subject {
  readonly name: string
  /** How many units one call of {@link Subject.run} does. */
  readonly units: number
  /** Takes part in every n-th round only, when it is much slower than the others. Default: 1. */
  readonly every?: number | undefined
  /** Readies what a call needs, untimed. */
  readonly prepare?: (() => void | Promise<void>) | undefined
  readonly run: () => void | Promise<void>
}

/** The times of the subjects by name. */
export interface Times {
  /** The median time of a unit, in milliseconds. */
  median(name: string): number
  /** The median over the rounds of how many times as long `name` took as `other` in the same round. */
  ratio(name: string, other: string): number
  /** Half the distance between the quartiles, as a share of the median: how much the machine trembled. */
  noise(name: string): number
}

/** How {@link timeRounds} measures. */
export interface RoundsOptions {
  readonly rounds: number
  /** Rounds that are run first and thrown away. Default: 1. */
  readonly warmUps?: number | undefined
}

/**
 * Times subjects in turns: each round runs every one of them once, in an order that rotates, so that whatever else
 * the machine does hits all of them alike.
 */
export async function timeRounds(subjects: readonly Subject[], options: RoundsOptions): Promise<Times> {
  const { rounds, warmUps = 1 } = options
  const times = new Map<string, (number | undefined)[]>(subjects.map(({ name }) => [name, []]))
  for (let round = -warmUps; round < rounds; round += 1) {
    const first = Math.abs(round) % subjects.length
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      const takesPart = round % (subject.every ?? 1) === 0 || round === -1
      const time = takesPart ? await timeOnce(subject) : undefined
      if (round >= 0) times.get(subject.name)?.push(time)
    }
  }
  return new RoundTimes(times)
}

/** Returns the median of values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

async function timeOnce({ prepare, run, units }: Subject): Promise<number> {
  await prepare?.()
  collectGarbage()
  const began = performance.now()
  await run()
  return (performance.now() - began) / units
}

class RoundTimes implements Times {
  readonly #times: ReadonlyMap<string, readonly (number | undefined)[]>

  constructor(times: ReadonlyMap<string, readonly (number | undefined)[]>) {
    this.#times = times
  }

  median(name: string): number {
    return median(this.#of(name))
  }

  ratio(name: string, other: string): number {
    const others = this.#times.get(other) ?? []
    const ratios = (this.#times.get(name) ?? []).map((time, round) => {
      const against = others[round]
      return time === undefined || against === undefined ? undefined : time / against
    })
    return median(ratios.filter((ratio) => ratio !== undefined))
  }

  noise(name: string): number {
    const times = this.#of(name)
    return (quantile(times, 0.75) - quantile(times, 0.25)) / 2 / median(times)
  }

  #of(name: string): readonly number[] {
    const times = this.#times.get(name)
    if (times === undefined) throw new Error(`nothing was timed as ${JSON.stringify(name)}`)
    return times.filter((time) => time !== undefined)
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

// No subject pays for the garbage of the one before.
function collectGarbage(): void {
  if (typeof collect === 'function') collect({ type: 'minor' })
}

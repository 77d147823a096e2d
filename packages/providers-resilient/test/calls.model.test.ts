import { checkChunks, isProviderError, type ProviderErrorCode } from '@starling/provider'
import { createScriptedProvider, type ScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_POLICY, isFailureCode } from '../src/failure-policy.ts'
import { createCooldowns, createResilientProvider } from '../src/index.ts'
import { fails, outcomeOf, REQUEST, type Outcome } from './support/calls.ts'
import { createFakeTime } from './support/fake-time.ts'

/** What one candidate has in store: the keys, and what they answer, in order; afterwards they are fine. */
interface Store {
  readonly keys: number
  readonly turns: readonly Turn[]
}

type Turn =
  | { readonly type: 'fine' }
  | { readonly type: 'cut' }
  | {
      readonly type: 'fails'
      readonly code: ProviderErrorCode
      readonly retryAfterMs: number | undefined
      /** What comes before it. */
      readonly after: readonly string[]
    }

interface Vendor {
  /** When it was asked, with which key. */
  readonly asked: { readonly key: string; readonly atMs: number }[]
  readonly providers: ScriptedProvider[]
}

const CODES = Object.keys(DEFAULT_POLICY).filter((code) => isFailureCode(code))
const MAX_DELAY_MS = 5000

const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({ type: fc.constant('fine' as const) }),
  fc.record({ type: fc.constant('cut' as const) }),
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('fails' as const),
      // Trouble that opens circuits and failures that say nothing about it come more often than the rest.
      code: fc.oneof(fc.constantFrom('PROVIDER_SERVER' as const, 'PROVIDER_AUTH' as const), fc.constantFrom(...CODES)),
      after: fc.constantFrom([], ['half']),
      retryAfterMs: fc.option(fc.nat({ max: 9000 }), { nil: undefined }),
    }),
  },
)

const world = fc.record({
  stores: fc.array(fc.record({ keys: fc.integer({ min: 1, max: 3 }), turns: fc.array(turn, { maxLength: 12 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  limits: fc.record({ maxAttempts: fc.integer({ min: 3, max: 8 }), perCandidate: fc.integer({ min: 1, max: 3 }) }),
  breaker: fc.record({ failureThreshold: fc.integer({ min: 1, max: 3 }), openMs: fc.nat({ max: 6000 }) }),
  /** The time between the calls. */
  pauses: fc.array(fc.nat({ max: 20_000 }), { minLength: 1, maxLength: 4 }),
  seed: fc.integer(),
})

test('whatever goes wrong, the rules of a call hold', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ stores, limits, breaker, pauses, seed }) => {
      const time = createFakeTime()
      const vendors = stores.map((store, index) => createVendor(store, { id: `vendor-${index}`, now: time.now }))
      const provider = createResilientProvider({
        candidates: vendors.map(({ candidate }) => candidate),
        attempts: {
          maxAttempts: limits.maxAttempts,
          maxAttemptsPerCandidate: limits.perCandidate,
          maxDelayMs: MAX_DELAY_MS,
        },
        breaker,
        cooldowns: createCooldowns(),
        now: time.now,
      })
      const random = randomFrom(seed)
      for (const pauseMs of pauses) {
        const before = vendors.map(({ asked }) => asked.length)
        const sleptBefore = time.sleeps.length
        const outcome = await outcomeOf(checkChunks(provider.stream(REQUEST, { sleep: time.sleep, random })))
        const counts = vendors.map(({ asked }, index) => asked.length - (before[index] ?? 0))
        checkOutcome(outcome)
        // Every attempt but the last was reported, and the caps hold.
        const attempts = counts.reduce((sum, count) => sum + count, 0)
        expect(outcome.failed).toHaveLength(Math.max(0, attempts - 1))
        const rotations = stores.map(({ keys }) => keys - 1)
        expect(attempts).toBeLessThanOrEqual(limits.maxAttempts + rotations.reduce((sum, count) => sum + count, 0))
        for (const [index, count] of counts.entries()) {
          expect(count).toBeLessThanOrEqual(limits.perCandidate + (rotations[index] ?? 0))
        }
        for (const ms of time.sleeps.slice(sleptBefore)) {
          expect(Number.isSafeInteger(ms)).toBe(true)
          expect(ms).toBeLessThanOrEqual(MAX_DELAY_MS)
        }
        for (const { providers } of vendors) for (const { activeCalls } of providers) expect(activeCalls).toBe(0)
        time.advance(pauseMs)
      }
      for (const vendor of vendors) checkPatience(vendor)
    }),
    { numRuns: 300 },
  )
})

test('calls that go on at once all come to an end, in whatever order things happen', async () => {
  const calls = fc.integer({ min: 2, max: 6 })
  await fc.assert(
    fc.asyncProperty(world, calls, fc.scheduler(), async ({ stores, limits, breaker, seed }, count, scheduler) => {
      const time = createFakeTime()
      const step = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
      const vendors = stores.map((store, index) =>
        createVendor(store, { id: `vendor-${index}`, now: time.now, answer: () => step('answer') }),
      )
      const provider = createResilientProvider({
        candidates: vendors.map(({ candidate }) => candidate),
        attempts: { maxAttempts: limits.maxAttempts, maxAttemptsPerCandidate: limits.perCandidate },
        breaker,
        cooldowns: createCooldowns(),
        now: time.now,
      })
      const sleep = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
        await step('sleep')
        // A wait for a probe that is over does not take its time.
        if (signal?.aborted !== true) time.advance(ms)
      }
      const random = randomFrom(seed)
      const outcomes = Promise.all(
        Array.from({ length: count }, () => outcomeOf(checkChunks(provider.stream(REQUEST, { sleep, random })))),
      )
      for (const outcome of await scheduler.waitFor(outcomes)) checkOutcome(outcome)
      for (const { providers } of vendors) for (const { activeCalls } of providers) expect(activeCalls).toBe(0)
      // Whoever comes later finds nothing that an earlier call has left closed for good.
      time.advance(4_000_000)
      for (const vendor of vendors) vendor.makeFine()
      const late = outcomeOf(provider.stream(REQUEST, { sleep, random }))
      expect((await scheduler.waitFor(late)).text).toBe('fine from vendor-0')
    }),
    { numRuns: 200 },
  )
})

/** A call ends with an answer, or with the last failure, which is nobody's to try again. */
function checkOutcome({ end, text, error, chunks }: Outcome): void {
  const author = `fine from ${end?.answeredBy?.providerId ?? 'vendor-0'}`
  const seen = {
    ends: chunks.filter(({ type }) => type === 'end').length,
    text: end === undefined ? '' : text,
    isFailure: isProviderError(error),
    mayBeRetried: isProviderError(error) && error.retryable,
  }
  const [ends, said, isFailure] = error === undefined ? [1, author, false] : [0, '', true]
  expect(seen).toEqual({ ends, text: said, isFailure, mayBeRetried: false })
  expect(String(error)).not.toContain('secret')
}

/** Nobody is asked again before the time that it named: what the vendor says is not a guess. */
function checkPatience({ asked, asks }: ReturnType<typeof createVendor>): void {
  for (const { key, sinceMs, untilMs } of asks) {
    expect(asked.filter((one) => one.key === key && one.atMs > sinceMs && one.atMs < untilMs)).toEqual([])
  }
}

interface VendorOptions {
  readonly id: string
  readonly now: () => number
  /** Awaited before each answer. */
  readonly answer?: () => Promise<void>
}

function createVendor(store: Store, { id, now, answer }: VendorOptions) {
  const keys = Array.from({ length: store.keys }, (_, index) => `secret-${id}-${index}`)
  const vendor: Vendor = { asked: [], providers: [] }
  const asks: { readonly key: string; readonly sinceMs: number; readonly untilMs: number }[] = []
  const turns = [...store.turns]
  const make = (key: string): ScriptedProvider => {
    const provider = createScriptedProvider({
      id,
      turns: async () => {
        await answer?.()
        vendor.asked.push({ key, atMs: now() })
        const next = turns.shift() ?? { type: 'fine' }
        if (next.type === 'fails' && next.retryAfterMs !== undefined) {
          asks.push({ key, sinceMs: now(), untilMs: now() + next.retryAfterMs })
        }
        return scriptOf(next, id)
      },
    })
    vendor.providers.push(provider)
    return provider
  }
  const makeFine = (): void => void turns.splice(0)
  return { ...vendor, asks, makeFine, candidate: { keys, provider: make } }
}

function scriptOf(next: Turn, id: string): ScriptedTurn {
  switch (next.type) {
    case 'fine':
      return { text: ['fine from ', id] }
    case 'cut':
      return { text: 'cut', fault: { kind: 'eof' } }
    case 'fails':
      return fails(next.code, { after: next.after, retryAfterMs: next.retryAfterMs })
  }
}

/** Any even enough sequence will do, as long as it is the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

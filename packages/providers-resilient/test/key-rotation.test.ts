import { createScriptedProvider, type ScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import { describe, expect, test } from 'vitest'
import {
  createCooldowns,
  createResilientProvider,
  type Cooldowns,
  type ResilientProviderOptions,
} from '../src/index.ts'
import { fails, outcomeOf, REQUEST, type Outcome } from './support/calls.ts'
import { createFakeTime, type FakeTime } from './support/fake-time.ts'

const ANSWER: ScriptedTurn = { text: 'fine' }
const KEYS = ['secret-key-one', 'secret-key-two', 'secret-key-three']
const [ONE, TWO, THREE] = ['secret-key-one', 'secret-key-two', 'secret-key-three']

describe('a key', () => {
  test('is used as long as it works', async () => {
    const { call, asked } = setUp({})
    await call()
    await call()
    expect(asked()).toEqual([ONE, ONE])
  })

  test.each(['PROVIDER_AUTH', 'PROVIDER_BILLING', 'PROVIDER_RATE_LIMIT'] as const)(
    'that fails with %s gives way to the next one at once',
    async (code) => {
      const { call, asked, time } = setUp({ [ONE]: [fails(code)] })
      const { text, failed, end } = await call()
      expect(text).toBe('fine')
      expect(failed).toEqual([`${code.slice(9)} retry 0`])
      expect(asked()).toEqual([ONE, TWO])
      expect(time.sleeps).toEqual([])
      // The provider and the model are the ones that were asked.
      expect(end).not.toHaveProperty('answeredBy')
    },
  )

  test('that was refused is left alone by later calls for ten minutes', async () => {
    const { call, asked, time } = setUp({ [ONE]: [fails('PROVIDER_AUTH'), ANSWER] })
    await call()
    await call()
    time.advance(10 * 60_000 - 1)
    await call()
    expect(asked()).toEqual([ONE, TWO, TWO, TWO])
    time.advance(1)
    await call()
    expect(asked().at(-1)).toBe(ONE)
  })

  test('that is limited is left alone for as long as the vendor says', async () => {
    const { call, asked, time } = setUp({ [ONE]: [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 60_000 }), ANSWER] })
    await call()
    time.advance(59_999)
    await call()
    time.advance(1)
    await call()
    expect(asked()).toEqual([ONE, TWO, TWO, ONE])
  })

  test('is left alone for an hour at most, whatever the vendor says', async () => {
    const { call, asked, time } = setUp({ [ONE]: [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 1e12 }), ANSWER] })
    await call()
    time.advance(3_600_000)
    await call()
    expect(asked()).toEqual([ONE, TWO, ONE])
  })

  test('has a cooldown for each class of failures', async () => {
    const { call, asked, time } = setUp({
      [ONE]: [fails('PROVIDER_BILLING'), ANSWER],
      [TWO]: [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 1000 }), ANSWER],
    })
    await call()
    expect(asked()).toEqual([ONE, TWO, THREE])
    time.advance(1000)
    await call()
    expect(asked().at(-1)).toBe(TWO)
  })

  test('may have cooldowns of other lengths', async () => {
    const policy = { PROVIDER_AUTH: { cooldownMs: 50 } }
    const { call, asked, time } = setUp({ [ONE]: [fails('PROVIDER_AUTH'), ANSWER] }, { policy })
    await call()
    time.advance(50)
    await call()
    expect(asked()).toEqual([ONE, TWO, ONE])
  })

  test('is tried again, before a call fails, when nothing but our own guess speaks against it', async () => {
    const cooldowns = createCooldowns()
    const { call, asked, time } = setUp(
      {
        [ONE]: [fails('PROVIDER_AUTH'), ANSWER],
        [TWO]: [fails('PROVIDER_AUTH')],
        [THREE]: [fails('PROVIDER_AUTH')],
      },
      { cooldowns },
    )
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_AUTH', retryable: false })
    expect(cooldowns.status(time.now())).toHaveLength(3)
    time.advance(1)
    expect((await call()).text).toBe('fine')
    expect(asked()).toEqual([ONE, TWO, THREE, ONE])
    // What it showed to be over is over for everybody.
    expect(cooldowns.status(time.now())).toHaveLength(2)
  })

  test('that is held back by a guess is tried although the circuit of another vendor is open', async () => {
    const second = createScriptedProvider({ id: 'second', turns: [fails('PROVIDER_SERVER')] })
    const { call, asked, time } = setUp(
      { [ONE]: [fails('PROVIDER_AUTH'), ANSWER] },
      { keys: [ONE], fallbacks: [{ provider: second }], breaker: { failureThreshold: 1, openMs: 300_000 } },
    )
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_SERVER' })
    time.advance(1000)
    expect((await call()).text).toBe('fine')
    expect(asked()).toEqual([ONE, ONE])
    expect(second.requests).toHaveLength(1)
  })

  test('is not tried again while the vendor asks for patience', async () => {
    const turns = [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 600_000 })]
    const { call, asked, time } = setUp({ [ONE]: turns, [TWO]: turns, [THREE]: turns })
    await call()
    time.advance(100_000)
    const { error, chunks } = await call()
    expect(asked()).toEqual([ONE, TWO, THREE])
    expect(chunks).toEqual([])
    expect(error).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', retryable: false, retryAfterMs: 500_000 })
    expect(error).toHaveProperty('message', expect.stringContaining('vendor (model-a) is held back for 500000 ms'))
  })

  test('that is free soon enough is waited for before the first attempt', async () => {
    const turns = [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 20_000 }), ANSWER]
    const options = { attempts: { initialDelayMs: 0, maxAttempts: 1 } }
    const { call, asked, time } = setUp({ [ONE]: turns }, { ...options, keys: [ONE] })
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_RATE_LIMIT' })
    time.advance(5000)
    expect((await call()).text).toBe('fine')
    expect(time.sleeps).toEqual([15_000])
    expect(asked()).toEqual([ONE, ONE])
  })
})

describe('a failure that will not pass', () => {
  test('is the whole vendor’s where no other key is to be asked', async () => {
    const second = createScriptedProvider({ id: 'second', turns: [fails('PROVIDER_REJECTED')] })
    const { call, asked } = setUp(
      { [ONE]: [fails('PROVIDER_REJECTED')] },
      { fallbacks: [{ provider: second }], policy: { PROVIDER_REJECTED: { actions: ['fallback'] } } },
    )
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_REJECTED' })
    expect(asked()).toEqual([ONE])
  })

  test('is the key’s where another one is to be asked', async () => {
    const { call, asked } = setUp(
      { [ONE]: [fails('PROVIDER_REJECTED')] },
      { policy: { PROVIDER_REJECTED: { actions: ['rotate'] } } },
    )
    expect((await call()).text).toBe('fine')
    expect(asked()).toEqual([ONE, TWO])
  })
})

describe('the caps', () => {
  const twelve = Array.from({ length: 12 }, (_, index) => `secret-key-${index + 1}`)
  const last = 'secret-key-12'
  const limited = (): readonly ScriptedTurn[] => [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 60_000 })]
  const allLimitedBut = (key: string): Record<string, readonly ScriptedTurn[]> =>
    Object.fromEntries(twelve.filter((one) => one !== key).map((one) => [one, limited()]))

  test.each([
    ['by default', {}],
    ['at their lowest', { maxAttempts: 1, maxAttemptsPerCandidate: 1 }],
  ])('%s leave every key its chance', async (_, attempts) => {
    const { call, asked, time } = setUp(allLimitedBut(last), { keys: twelve, attempts })
    const { text, failed } = await call()
    expect(text).toBe('fine')
    expect(failed).toEqual(twelve.slice(1).map(() => 'RATE_LIMIT retry 0'))
    expect(asked()).toEqual(twelve)
    expect(time.sleeps).toEqual([])
  })

  test('end a call when every key has had its chance', async () => {
    const { call, asked } = setUp({ ...allLimitedBut(last), [last]: limited() }, { keys: twelve })
    const { error } = await call()
    expect(asked()).toEqual(twelve)
    expect(error).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', retryable: false })
    expect(error).toHaveProperty('message', expect.stringContaining('(the last of 12 attempts)'))
  })

  test('count a key that is asked again', async () => {
    const policy = { PROVIDER_RATE_LIMIT: { cooldownMs: 0 } }
    const always = Array.from({ length: 20 }, () => fails('PROVIDER_RATE_LIMIT'))
    const scripts = { [ONE]: always, [TWO]: always, [THREE]: always }
    const { call, asked } = setUp(scripts, { policy, attempts: { maxAttempts: 2 } })
    await call()
    // One attempt, a chance for each of the others, and one more attempt.
    expect(asked()).toHaveLength(4)
    expect(new Set(asked()).size).toBe(3)
  })

  test('leave the keys of a fallback their chance too', async () => {
    const scripts = { ...allLimitedBut(''), [last]: limited() }
    const asked: string[] = []
    const other = (key: string): ScriptedProvider =>
      createScriptedProvider({
        id: 'other',
        turns: () => {
          asked.push(key)
          return key === 'other-3' ? ANSWER : fails('PROVIDER_BILLING')
        },
      })
    const keys = ['other-1', 'other-2', 'other-3']
    const { call } = setUp(scripts, {
      keys: twelve,
      attempts: { maxAttempts: 2, maxAttemptsPerCandidate: 1 },
      fallbacks: [{ keys, provider: other }],
    })
    expect((await call()).text).toBe('fine')
    expect(asked).toEqual(keys)
  })
})

describe('trouble of the vendor', () => {
  test('is not blamed on the key', async () => {
    const { call, asked } = setUp({ [ONE]: [fails('PROVIDER_OVERLOADED'), ANSWER] })
    await call()
    expect(asked()).toEqual([ONE, ONE])
  })

  test('with all attempts used up leaves the other keys alone', async () => {
    const overloaded = Array.from({ length: 9 }, () => fails('PROVIDER_OVERLOADED'))
    const { call, asked } = setUp({ [ONE]: overloaded }, { breaker: false })
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_OVERLOADED' })
    expect(asked()).toEqual([ONE, ONE, ONE])
  })
})

describe('when no key is left', () => {
  test('the next candidate answers, with the key that works', async () => {
    const second = createScriptedProvider({ id: 'second', turns: [ANSWER, ANSWER] })
    const billing = [fails('PROVIDER_BILLING')]
    const { call, asked } = setUp(
      { [ONE]: billing, [TWO]: billing, [THREE]: billing },
      { fallbacks: [{ provider: second }] },
    )
    const { failed, end } = await call()
    expect(failed).toEqual(['BILLING retry 0', 'BILLING retry 0', 'BILLING fallback 0'])
    expect(end?.answeredBy).toEqual({ providerId: 'second', model: 'model-a' })
    expect((await call()).failed).toEqual([])
    expect(asked()).toHaveLength(3)
  })

  test('a fallback model has cooldowns of its own with the same keys', async () => {
    const turns = [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 1000 }), ANSWER]
    const { call, asked, models } = setUp({ [ONE]: turns }, { keys: [ONE], fallbackModel: 'model-b' })
    expect((await call()).end?.answeredBy).toEqual({ providerId: 'vendor', model: 'model-b' })
    expect(asked()).toEqual([ONE, ONE])
    expect(models()).toEqual(['model-a', 'model-b'])
  })
})

describe('what is known about a key', () => {
  test('is shared by all runs of a provider, also those that go on at once', async () => {
    const { provider, asked } = setUp({ [ONE]: [fails('PROVIDER_AUTH')] })
    const chunks = provider.stream(REQUEST)[Symbol.asyncIterator]()
    await chunks.next()
    await outcomeOf(provider.stream(REQUEST))
    expect(asked()).toEqual([ONE, TWO])
    await chunks.return?.()
  })

  test('is shared by providers that are given the same cooldowns', async () => {
    const cooldowns = createCooldowns()
    const first = setUp({ [ONE]: [fails('PROVIDER_AUTH')] }, { cooldowns })
    const second = setUp({}, { cooldowns })
    await first.call()
    await second.call()
    expect(second.asked()).toEqual([TWO])
  })

  test('is shared by all providers of the process by default', async () => {
    const keys = ['key-only-of-this-test', 'another-key-only-of-this-test']
    const options = { cooldowns: undefined, keys, now: undefined }
    const first = setUp({ 'key-only-of-this-test': [fails('PROVIDER_AUTH')] }, options)
    const second = setUp({}, options)
    await first.call()
    await second.call()
    expect(second.asked()).toEqual(['another-key-only-of-this-test'])
  })

  test('does not concern another vendor with the same key', async () => {
    const cooldowns = createCooldowns()
    await setUp({ [ONE]: [fails('PROVIDER_AUTH')] }, { cooldowns }).call()
    const other = setUp({}, { cooldowns, id: 'other' })
    await other.call()
    expect(other.asked()).toEqual([ONE])
  })

  test('does not concern another model', async () => {
    const cooldowns = createCooldowns()
    await setUp({ [ONE]: [fails('PROVIDER_AUTH')] }, { cooldowns }).call()
    const other = setUp({}, { cooldowns })
    await outcomeOf(other.provider.stream({ ...REQUEST, model: 'model-b' }))
    expect(other.asked()).toEqual([ONE])
  })

  test('never holds the key itself', async () => {
    const cooldowns = createCooldowns()
    const turns = [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 600_000 })]
    const { call, time } = setUp({ [ONE]: turns, [TWO]: turns, [THREE]: turns }, { cooldowns })
    const outcomes = [await call(), await call()]
    const status = cooldowns.status(time.now())
    expect(status).toHaveLength(3)
    const shown = JSON.stringify([status, outcomes, outcomes.map(({ error }) => String(error))])
    expect(shown).toContain('PROVIDER_RATE_LIMIT')
    expect(shown).not.toContain('secret-key')
  })
})

test('two providers of one name that bring their own keys share nothing', async () => {
  const cooldowns = createCooldowns()
  const [first, second] = ['one', 'two'].map(() => createScriptedProvider({ id: 'vendor', turns: limitedThenFine() }))
  if (first === undefined || second === undefined) throw new RangeError('two were made')
  const { now, sleep } = createFakeTime()
  const provider = createResilientProvider({ candidates: [{ provider: first }, { provider: second }], cooldowns, now })
  const { failed } = await outcomeOf(provider.stream(REQUEST, { sleep, random: () => 0 }))
  expect(failed[0]).toBe('RATE_LIMIT fallback 0')
  expect(second.requests).toHaveLength(1)
})

test('whose hold ends first does not depend on how long it takes to look', async () => {
  const { now, advance, sleep } = createFakeTime()
  // The second hold ends a moment after the first one; then every look at the clock takes longer than that.
  let stepsMs: readonly number[] = [0]
  const slowNow = (): number => {
    const [stepMs = 0, ...rest] = stepsMs
    advance(stepMs)
    if (rest.length > 0) stepsMs = rest
    return now()
  }
  const first = createScriptedProvider({ id: 'first', turns: limitedThenFine(10_000) })
  const second = createScriptedProvider({
    id: 'second',
    turns: () => {
      stepsMs = [1, 1000]
      return fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 10_000 })
    },
  })
  const candidates = [{ provider: first }, { provider: second }]
  const provider = createResilientProvider({ candidates, cooldowns: createCooldowns(), now: slowNow })
  const { text } = await outcomeOf(provider.stream(REQUEST, { sleep, random: () => 0 }))
  expect(text).toBe('fine')
  expect(second.requests).toHaveLength(1)
})

interface SetUpOptions extends Partial<ResilientProviderOptions> {
  readonly keys?: readonly string[]
  readonly id?: string
  readonly fallbacks?: ResilientProviderOptions['candidates']
  readonly fallbackModel?: string
  readonly cooldowns?: Cooldowns | undefined
}

/** A vendor whose keys answer from a script each, or that they are fine. */
function setUp(scripts: Readonly<Record<string, readonly ScriptedTurn[]>>, options: SetUpOptions = {}) {
  const { keys = KEYS, id = 'vendor', fallbacks = [], fallbackModel, ...rest } = options
  const time: FakeTime = createFakeTime()
  const asked: string[] = []
  const models: string[] = []
  const counts = new Map<string, number>()
  const make = (key: string): ScriptedProvider =>
    createScriptedProvider({
      id,
      turns: ({ model }) => {
        const count = counts.get(key) ?? 0
        counts.set(key, count + 1)
        asked.push(key)
        models.push(model)
        return scripts[key]?.[count] ?? ANSWER
      },
    })
  const provider = createResilientProvider({
    candidates: [
      { keys, provider: make },
      ...(fallbackModel === undefined ? [] : [{ keys, provider: make, model: fallbackModel }]),
      ...fallbacks,
    ],
    cooldowns: createCooldowns(),
    now: time.now,
    ...rest,
  })
  const call = (): Promise<Outcome> => outcomeOf(provider.stream(REQUEST, { sleep: time.sleep, random: () => 0.5 }))
  return { provider, call, time, asked: () => asked, models: () => models }
}

function limitedThenFine(retryAfterMs = 1000): readonly ScriptedTurn[] {
  return [fails('PROVIDER_RATE_LIMIT', { retryAfterMs }), ANSWER]
}

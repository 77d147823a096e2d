import {
  openLoopbackServer,
  respondInParts,
  respondWith,
  write,
  type Respond,
} from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { createCooldowns, createResilientProvider } from '../src/index.ts'
import { outcomeOf, REQUEST, type Outcome } from './support/calls.ts'
import { answers, at, callAll, chunk, CLOCK_MS, openVendor } from './support/loopback.ts'

const KEYS = ['sk-loopback-key-one', 'sk-loopback-key-two']

describe('over HTTP', () => {
  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['milliseconds', { 'retry-after-ms': '1500' }, 1500],
    ['a date', { 'retry-after': new Date(CLOCK_MS + 3000).toUTCString() }, 3000],
  ])('a rate limit in %s is waited for', async (_what, headers, waitMs) => {
    await using vendor = await openVendor([respondWith(429, '{}', headers), answers('fine')])
    const { outcome, sleeps } = await callAll({ candidates: [{ provider: at(vendor) }] })
    expect(outcome).toMatchObject({ text: 'fine', failed: [`RATE_LIMIT retry ${waitMs}`] })
    expect(sleeps).toEqual([waitMs])
  })

  test('a key that is refused gives way to the next one, and nothing shows either', async () => {
    await using vendor = await openVendor([
      respondWith(401, '{"error":{"message":"Incorrect API key provided: sk-loopback-key-one"}}'),
      answers('fine'),
      respondWith(401, '{"error":{"message":"Incorrect API key provided: sk-loopback-key-two"}}'),
      respondWith(401, '{}'),
    ])
    const cooldowns = createCooldowns()
    const options = { candidates: [{ keys: KEYS, provider: (key: string) => at(vendor, key) }], cooldowns }
    const first = await callAll(options)
    const second = await callAll(options)
    expect(vendor.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer sk-loopback-key-one',
      'Bearer sk-loopback-key-two',
      // The first key has a rest: the second one is asked, and it is the last.
      'Bearer sk-loopback-key-two',
    ])
    expect(first.outcome).toMatchObject({ text: 'fine', failed: ['AUTH retry 0'] })
    expect(second.outcome.error).toMatchObject({ code: 'PROVIDER_AUTH', retryable: false, status: 401 })
    const shown = JSON.stringify([
      first.outcome.chunks,
      String(second.outcome.error),
      String(Reflect.get(Object(second.outcome.error), 'cause')),
      cooldowns.status(CLOCK_MS),
    ])
    expect(shown).not.toContain('sk-loopback')
  })

  test('an overloaded vendor is asked again, and then somebody else', async () => {
    await using vendor = await openVendor([respondWith(503, 'busy')])
    await using other = await openVendor([answers('fine')])
    const { outcome } = await callAll({
      candidates: [{ provider: at(vendor) }, { provider: at(other, null, 'other'), model: 'model-b' }],
    })
    expect(outcome.failed).toEqual(['OVERLOADED retry 250', 'OVERLOADED retry 500', 'OVERLOADED fallback 0'])
    expect(outcome.end?.answeredBy).toEqual({ providerId: 'other', model: 'model-b' })
    expect(other.requests[0]?.body).toMatchObject({ model: 'model-b' })
  })

  test.each<[string, Respond]>([
    ['is not there', respondWith(404, '{"error":{"message":"no such model","code":"model_not_found"}}')],
    ['was retired', respondWith(410, '{"type":"error","error":{"type":"not_found_error","message":"retired"}}')],
    ['has a page for an answer', respondWith(404, '<html><title>Not Found</title></html>')],
  ])('a model that %s is not asked again, and then somebody else', async (_, respond) => {
    await using vendor = await openVendor([respond])
    await using other = await openVendor([answers('fine')])
    const { outcome, sleeps } = await callAll({
      candidates: [
        { keys: KEYS, provider: (key) => at(vendor, key) },
        { provider: at(vendor), model: 'model-a-latest' },
        { provider: at(other, null, 'other'), model: 'model-b' },
      ],
    })
    expect(outcome).toMatchObject({ text: 'fine', failed: ['REJECTED fallback 0', 'REJECTED fallback 0'] })
    expect(vendor.requests.map(({ body }) => body)).toMatchObject([{ model: 'model-a' }, { model: 'model-a-latest' }])
    expect(sleeps).toEqual([])
  })

  test('a model that is not there fails the call where nobody else can be asked', async () => {
    await using vendor = await openVendor([respondWith(404, '{"error":{"message":"no such model"}}')])
    await using other = await openVendor([answers('fine')])
    const alone = await callAll({ candidates: [{ keys: KEYS, provider: (key) => at(vendor, key) }] })
    expect(alone.outcome.error).toMatchObject({ code: 'PROVIDER_REJECTED', status: 404, retryable: false })
    // Whoever says what a refusal leads to means this one too.
    const told = await callAll({
      candidates: [{ provider: at(vendor) }, { provider: at(other, null, 'other') }],
      policy: { PROVIDER_REJECTED: { actions: [] } },
    })
    expect(told.outcome.error).toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
    expect(vendor.requests).toHaveLength(2)
    expect(other.requests).toHaveLength(0)
  })

  test.each([400, 413, 422])('a request that is refused with %s is nobody else’s', async (status) => {
    await using vendor = await openVendor([respondWith(status, '{"error":{"message":"no such model"}}')])
    await using other = await openVendor([answers('fine')])
    const { outcome } = await callAll({
      candidates: [{ provider: at(vendor) }, { provider: at(other, null, 'other') }],
    })
    expect(outcome.error).toMatchObject({ code: 'PROVIDER_REJECTED', status })
    expect(other.requests).toHaveLength(0)
  })

  test('of twelve keys of which eleven are limited the twelfth answers', async () => {
    await using vendor = await openLoopbackServer((response, request) => {
      const isLast = request.headers['authorization'] === 'Bearer sk-loopback-12'
      return (isLast ? answers('fine') : respondWith(429, '{}', { 'retry-after': '3600' }))(response, request)
    })
    const keys = Array.from({ length: 12 }, (_, index) => `sk-loopback-${index + 1}`)
    const { outcome, sleeps } = await callAll({ candidates: [{ keys, provider: (key) => at(vendor, key) }] })
    expect(outcome.text).toBe('fine')
    expect(outcome.failed).toEqual(keys.slice(1).map(() => 'RATE_LIMIT retry 0'))
    expect(vendor.requests.map(({ headers }) => headers['authorization'])).toEqual(keys.map((key) => `Bearer ${key}`))
    expect(sleeps).toEqual([])
  })

  test('an answer that is cut, broken off, or an error inside the stream is taken back', async () => {
    await using vendor = await openVendor([
      respondInParts([chunk('half')]),
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        await write(response, chunk('broken'))
        response.destroy()
      },
      respondInParts([chunk('wrong'), 'data: {"error":{"message":"internal","type":"server_error"}}\n\n']),
      answers('fine'),
    ])
    const { outcome } = await callAll({
      candidates: [{ provider: at(vendor) }],
      attempts: { maxAttemptsPerCandidate: 4 },
    })
    expect(outcome.text).toBe('fine')
    expect(outcome.chunks.flatMap((part) => (part.type === 'text-delta' ? [part.text] : []))).toEqual([
      'half',
      'broken',
      'wrong',
      'fine',
    ])
    expect(outcome.failed.map((line) => line.split(' ')[0])).toEqual(['INVALID_STREAM', 'NETWORK', 'SERVER'])
  })

  test('a vendor that is not there gives way', async () => {
    const gone = await openVendor([])
    await gone[Symbol.asyncDispose]()
    await using other = await openVendor([answers('fine')])
    const { outcome } = await callAll({
      candidates: [{ provider: at(gone) }, { provider: at(other, null, 'other') }],
      attempts: { maxAttemptsPerCandidate: 1 },
    })
    expect(outcome).toMatchObject({ text: 'fine', failed: ['NETWORK fallback 0'] })
  })

  test('a vendor that says nothing gives way, and its connection is closed', async () => {
    await using silent = await openVendor([() => undefined])
    await using other = await openVendor([answers('fine')])
    const { outcome } = await callAll({
      candidates: [{ provider: at(silent) }, { provider: at(other, null, 'other') }],
      attempts: { maxAttemptsPerCandidate: 1 },
      timeouts: { firstChunkMs: 30 },
    })
    expect(outcome).toMatchObject({ text: 'fine', failed: ['TIMEOUT fallback 0'] })
    await silent.allClosed()
  })

  test('a vendor that stops in the middle gives way, and its connection is closed', async () => {
    await using silent = await openVendor([
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        await write(response, chunk('half'))
      },
    ])
    await using other = await openVendor([answers('fine')])
    const { outcome } = await callAll({
      candidates: [{ provider: at(silent) }, { provider: at(other, null, 'other') }],
      attempts: { maxAttemptsPerCandidate: 1 },
      timeouts: { betweenChunksMs: 30 },
    })
    expect(outcome).toMatchObject({ text: 'fine', failed: ['TIMEOUT fallback 0'] })
    await silent.allClosed()
  })

  test('a cancel closes the connection of a silent vendor', async () => {
    const arrived = Promise.withResolvers<undefined>()
    await using silent = await openVendor([() => arrived.resolve(undefined)])
    const reason = new Error('the reason of the abort')
    const controller = new AbortController()
    const provider = createResilientProvider({ candidates: [{ provider: at(silent) }] })
    const outcome = outcomeOf(provider.stream(REQUEST, { signal: controller.signal }))
    await arrived.promise
    controller.abort(reason)
    expect((await outcome).error).toBe(reason)
    await silent.allClosed()
  })

  test('whole answers leave their connection open for the next one', async () => {
    await using vendor = await openVendor([answers('fine')])
    const options = { candidates: [{ provider: at(vendor) }], cooldowns: createCooldowns() }
    for (let calls = 0; calls < 6; calls += 1) expect((await callAll(options)).outcome.text).toBe('fine')
    // A connection that has just been used may not be free yet for the very next call.
    expect(vendor.connections.opened).toBeLessThanOrEqual(2)
  })

  test('runs that go on at once learn from each other which key is limited', async () => {
    await using vendor = await openLoopbackServer((response, request) => {
      const isFirst = request.headers['authorization'] === 'Bearer sk-loopback-key-one'
      return isFirst
        ? respondWith(429, '{}', { 'retry-after': '3600' })(response, request)
        : answers('fine')(response, request)
    })
    const provider = createResilientProvider({
      candidates: [{ keys: KEYS, provider: (key) => at(vendor, key) }],
      cooldowns: createCooldowns(),
    })
    const wave = (): Promise<Outcome[]> =>
      Promise.all(Array.from({ length: 5 }, () => outcomeOf(provider.stream(REQUEST))))
    for (const { text } of [...(await wave()), ...(await wave())]) expect(text).toBe('fine')
    // The first wave finds out, the second one knows.
    expect(vendor.requests).toHaveLength(5 + 5 + 5)
  })
})

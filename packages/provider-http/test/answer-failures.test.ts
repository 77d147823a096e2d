import { describe, expect, test } from 'vitest'
import {
  type CallContext,
  errorFromContentType,
  errorFromResponse,
  errorFromStream,
  errorFromTransport,
  errorOfText,
  parseVendorError,
  resolveConnection,
} from '../src/index.ts'
import { LINE_VENDOR } from './support/line-vendor.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')
const CONTEXT: CallContext = {
  connection: resolveConnection({ apiKey: null, env: {}, now: () => NOW }, LINE_VENDOR),
  endpoint: 'https://api.line.test/v1/x',
  hasKey: true,
  redact: (text) => text.replaceAll('secret', '[redacted]'),
}

describe('errorFromResponse', () => {
  test.each([
    [400, {}, 'PROVIDER_REJECTED', false],
    [400, { code: 'too_long' }, 'PROVIDER_CONTEXT_OVERFLOW', false],
    [429, { code: 'no_money' }, 'PROVIDER_BILLING', false],
    [400, { code: 'busy' }, 'PROVIDER_OVERLOADED', true],
    [402, {}, 'PROVIDER_BILLING', false],
    [401, { code: 'bad_request' }, 'PROVIDER_AUTH', false],
    [408, {}, 'PROVIDER_TIMEOUT', true],
    [429, {}, 'PROVIDER_RATE_LIMIT', true],
    [503, {}, 'PROVIDER_OVERLOADED', true],
    [529, {}, 'PROVIDER_OVERLOADED', true],
    [500, {}, 'PROVIDER_SERVER', true],
    [501, {}, 'PROVIDER_SERVER', false],
    [307, {}, 'PROVIDER_REJECTED', false],
  ])('%d with %j is %s', (status, error, ...[code, retryable]) => {
    expect(failed(status, { error })).toMatchObject({ code, status, retryable })
  })

  test('the header of the vendor decides whether to try again, except where nothing would change', () => {
    expect(failed(409, {}, { 'x-should-retry': 'true' }).retryable).toBe(true)
    expect(failed(503, {}, { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(failed(429, { code: 'no_money' }, { 'x-should-retry': 'true' }).retryable).toBe(false)
    expect(failed(503, {}, { 'x-should-retry': 'perhaps' }).retryable).toBe(true)
  })

  test('how long to wait is in the headers, or in the error where the vendor says it there', () => {
    const date = 'Sat, 21 Nov 2026 10:00:30 GMT'
    expect(failed(429, { wait_ms: 40 }, { 'retry-after': date }).retryAfterMs).toBe(30_000)
    expect(failed(429, { wait_ms: 40 }).retryAfterMs).toBe(40)
    expect(failed(429, {}).retryAfterMs).toBeUndefined()
    expect(failed(429, {}, { 'line-limit-resets-ms': '700' }).retryAfterMs).toBe(700)
  })

  test('the line names endpoint, status, words, codes and request, and no secret', () => {
    const error = failed(500, { message: 'broke the secret', code: 'secret', type: 'oops' }, { 'line-request': 'r-1' })
    expect(error.message).toBe(
      'https://api.line.test/v1/x answered 500: broke the [redacted] ([redacted], oops, request r-1)',
    )
  })
})

describe('errorFromStream', () => {
  test.each([
    [{}, 'PROVIDER_SERVER', true],
    [{ code: 'busy' }, 'PROVIDER_OVERLOADED', true],
    [{ code: 'no_money' }, 'PROVIDER_BILLING', false],
    [{ code: 'no_money', status: 429 }, 'PROVIDER_BILLING', false],
    [{ code: 'bad_request' }, 'PROVIDER_REJECTED', false],
    [{ code: 'bad_request', status: 503 }, 'PROVIDER_OVERLOADED', true],
    [{ code: 429 }, 'PROVIDER_RATE_LIMIT', true],
    [{ code: 'busy', status: 400 }, 'PROVIDER_OVERLOADED', true],
  ])('%j is %s', (fields, code, retryable) => {
    expect(errorFromStream(parseVendorError(fields), CONTEXT)).toMatchObject({ code, retryable })
  })

  test('says what failed, and how long to wait', () => {
    const error = errorFromStream(parseVendorError({ message: 'a secret', code: 'x', wait_ms: 5 }), CONTEXT)
    expect(error.message).toBe('https://api.line.test/v1/x failed while streaming: a [redacted] (x)')
    expect(error.retryAfterMs).toBe(5)
    expect(errorFromStream(errorOfText(''), CONTEXT).message).toMatch(/: an error without a message$/)
  })

  test('names the request, once the vendor has', () => {
    const begun = { ...CONTEXT, requestId: 'req-1-secret' }
    expect(errorFromStream(parseVendorError({ message: 'm', code: 'x' }), begun).message).toBe(
      'https://api.line.test/v1/x failed while streaming: m (x, request req-1-[redacted])',
    )
    expect(errorFromStream(errorOfText('m'), begun).message).toMatch(/: m \(request req-1-\[redacted\]\)$/)
  })
})

describe('errorFromTransport', () => {
  test('names the host and keeps the cause', () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const error = errorFromTransport(cause, CONTEXT)
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK', retryable: true, cause })
    expect(error.message).toContain('api.line.test')
  })

  test('names the request that broke off', () => {
    const error = errorFromTransport(new TypeError('terminated'), { ...CONTEXT, requestId: 'req-1' })
    expect(error.message).toMatch(/^cannot reach api\.line\.test \(request req-1\): /)
  })

  test('drops a cause that quotes a secret', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('sent secret') })
    expect(errorFromTransport(cause, CONTEXT).cause).toBeUndefined()
  })
})

describe('what only the headers say', () => {
  const vendor: CallContext['connection']['vendor'] = {
    ...LINE_VENDOR,
    completeBody: (body, headers) => JSON.stringify({ message: body, code: headers.get('line-error') }),
  }
  const call: CallContext = { ...CONTEXT, connection: { vendor, now: () => NOW } }

  test('counts for a refusal', () => {
    const response = new Response(null, { status: 400, headers: { 'line-error': 'no_money' } })
    const error = errorFromResponse(response, 'pay first', call)
    expect(error).toMatchObject({ code: 'PROVIDER_BILLING', message: expect.stringMatching(/pay first \(no_money\)$/) })
  })

  test('counts for a success that is none', () => {
    const response = new Response(null, { headers: { 'line-error': 'busy', 'content-type': 'text/html' } })
    expect(errorFromContentType(response, 'later', call)).toMatchObject({ code: 'PROVIDER_OVERLOADED' })
  })
})

describe('errorFromContentType', () => {
  test('an error object is that error, anything else is no stream', () => {
    const said = errorFromContentType(typed('application/json'), '{"error":{"code":"busy","message":"m"}}', CONTEXT)
    expect(said).toMatchObject({ code: 'PROVIDER_OVERLOADED', retryable: true })
    const page = errorFromContentType(typed('text/html'), '<title>Sign in</title>', CONTEXT)
    expect(page.message).toBe('https://api.line.test/v1/x answered with text/html instead of a stream: Sign in')
    expect(page).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
  })

  test.each([
    { type: 'message', role: 'assistant', content: [], stop_reason: 'end_turn' },
    { object: 'response', status: 'completed', error: null, output: [] },
    { object: 'chat.completion', choices: [], code: 'busy' },
    { error: {} },
    ['error'],
  ])('an answer that was not streamed is no error of the vendor: %j', (body) => {
    expect(errorFromContentType(typed('application/json'), JSON.stringify(body), CONTEXT)).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      retryable: false,
      message: expect.stringMatching(/ answered with application\/json instead of a stream(?:: error)?$/),
    })
  })

  test.each([
    { error: { code: 'busy' } },
    [{ error: { code: 'busy' } }],
    { type: 'error', code: 'busy' },
    { object: 'error', code: 'busy' },
  ])('an object that calls itself an error is one: %j', (body) => {
    const error = errorFromContentType(typed('application/json'), JSON.stringify(body), CONTEXT)
    expect(error).toMatchObject({ code: 'PROVIDER_OVERLOADED', retryable: true })
  })

  test('the type of the content shows no secret and is one short line', () => {
    const error = errorFromContentType(typed(`text/html; x=secret${'y'.repeat(400)}`), '', CONTEXT)
    expect(error.message).toMatch(/with text\/html; x=\[redacted\]y+… instead of a stream$/)
    expect(errorFromContentType(new Response(null), '', CONTEXT).message).toContain('answered with no content type')
  })
})

function failed(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
  return errorFromResponse(new Response(null, { status, headers }), JSON.stringify(body), CONTEXT)
}

function typed(contentType: string): Response {
  return new Response(null, { headers: { 'content-type': contentType } })
}

import {
  APICallError,
  EmptyResponseBodyError,
  InvalidArgumentError,
  InvalidPromptError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  LoadSettingError,
  NoContentGeneratedError,
  NoSuchModelError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider'
import { ProviderError, type ProviderErrorCode } from '@starling/provider'
import { createRedact } from '@starling/provider-http'
import { describe, expect, test } from 'vitest'
import { classifyFailure, type FailureContext } from '../src/classify-failure.ts'

const KEY = 'a-key-that-nobody-may-see'
const NOW = Date.parse('2026-11-21T12:00:00Z')
const CONTEXT: FailureContext = { target: 'test.chat/test-model', redact: createRedact([KEY]), now: () => NOW }

describe('an answer with a status', () => {
  test.for<[number, ProviderErrorCode, boolean]>([
    [400, 'PROVIDER_REJECTED', false],
    [401, 'PROVIDER_AUTH', false],
    [402, 'PROVIDER_BILLING', false],
    [403, 'PROVIDER_AUTH', false],
    [404, 'PROVIDER_REJECTED', false],
    [408, 'PROVIDER_TIMEOUT', true],
    [409, 'PROVIDER_REJECTED', true],
    [413, 'PROVIDER_REJECTED', false],
    [429, 'PROVIDER_RATE_LIMIT', true],
    [500, 'PROVIDER_SERVER', true],
    [501, 'PROVIDER_SERVER', false],
    [503, 'PROVIDER_OVERLOADED', true],
    [504, 'PROVIDER_TIMEOUT', true],
    [529, 'PROVIDER_OVERLOADED', true],
  ])('%i is %s', ([statusCode, code, retryable]) => {
    expect(classify(apiCall({ statusCode }))).toMatchObject({ code, retryable, status: statusCode })
  })

  test.for<[number, string, ProviderErrorCode]>([
    [429, '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}', 'PROVIDER_BILLING'],
    [400, '{"error":{"message":"too long","code":"context_length_exceeded"}}', 'PROVIDER_CONTEXT_OVERFLOW'],
    [413, '{"type":"error","error":{"type":"request_too_large","message":"too long"}}', 'PROVIDER_CONTEXT_OVERFLOW'],
    [400, '{"error":{"message":"no","code":"content_filter"}}', 'PROVIDER_CONTENT_FILTER'],
    [400, '{"type":"error","error":{"type":"billing_error","message":"pay"}}', 'PROVIDER_BILLING'],
    [400, '{"error":{"message":"rate limit context length billing"}}', 'PROVIDER_REJECTED'],
  ])('%i with %s is %s: a code says more, words say nothing', ([statusCode, responseBody, code]) => {
    expect(classify(apiCall({ statusCode, responseBody }))).toMatchObject({ code, retryable: false })
  })

  test("the vendor's words and codes are in the message, in one line", () => {
    const responseBody =
      '{"error":{"message":"too\\nlong","type":"invalid_request_error","code":"context_length_exceeded"}}'
    const error = classify(apiCall({ statusCode: 400, responseBody }))
    expect(error.message).toBe(
      'test.chat/test-model answered 400: too long (context_length_exceeded, invalid_request_error)',
    )
  })

  test("without a body the package's words are", () => {
    expect(classify(apiCall({ statusCode: 500, message: 'Internal Server Error' })).message).toBe(
      'test.chat/test-model answered 500: Internal Server Error',
    )
    expect(classify(apiCall({ statusCode: 500, message: '' })).message).toContain('an error without a message')
  })

  test('the page of a proxy is told by its title', () => {
    const responseBody = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
    expect(classify(apiCall({ statusCode: 502, responseBody })).message).toMatch(/answered 502: 502 Bad Gateway$/)
  })

  test.for<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('the headers %j ask to wait for %s ms', ([responseHeaders, retryAfterMs]) => {
    expect(classify(apiCall({ statusCode: 429, responseHeaders }))).toMatchObject({ retryAfterMs })
  })

  test('a package that knows better whether to try again is believed', () => {
    expect(classify(apiCall({ statusCode: 400, isRetryable: true }))).toMatchObject({ retryable: true })
    expect(classify(apiCall({ statusCode: 500, isRetryable: false }))).toMatchObject({ retryable: false })
    const responseBody = '{"error":{"code":"insufficient_quota"}}'
    expect(classify(apiCall({ statusCode: 400, responseBody, isRetryable: true }))).toMatchObject({ retryable: false })
  })

  test('an error of any class that names a status is classified by it', () => {
    const error = Object.assign(new Error('Rate limited'), { name: 'GatewayRateLimitError', statusCode: 429 })
    expect(classify(error)).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', status: 429, retryable: true })
  })
})

describe('an error inside the stream', () => {
  test.for<[unknown, ProviderErrorCode, boolean]>([
    [{ message: 'busy', type: 'overloaded_error' }, 'PROVIDER_OVERLOADED', true],
    [{ message: 'busy', type: 'server_error' }, 'PROVIDER_SERVER', true],
    [{ message: 'slow down', type: 'rate_limit_error' }, 'PROVIDER_RATE_LIMIT', true],
    [{ message: 'no money', code: 'insufficient_quota' }, 'PROVIDER_BILLING', false],
    [{ message: 'bad', type: 'invalid_request_error' }, 'PROVIDER_REJECTED', false],
    [{ error: { message: 'busy', code: 503 } }, 'PROVIDER_OVERLOADED', true],
    ['the engine is on fire', 'PROVIDER_SERVER', true],
    [undefined, 'PROVIDER_SERVER', true],
    [null, 'PROVIDER_SERVER', true],
  ])('%j is %s', ([error, code, retryable]) => {
    expect(classify(error)).toMatchObject({ code, retryable })
  })

  test("a package's own form of it names status and whether to try again", () => {
    const error = { message: 'Overloaded', type: 'overloaded_error', statusCode: 529, isRetryable: true, data: {} }
    expect(classify(error)).toMatchObject({ code: 'PROVIDER_OVERLOADED', status: 529, retryable: true })
    expect(classify({ message: 'odd', statusCode: undefined, isRetryable: false })).toMatchObject({
      code: 'PROVIDER_SERVER',
      status: undefined,
      retryable: false,
    })
  })

  test('says that the stream failed', () => {
    expect(classify({ message: 'busy', type: 'overloaded_error' }).message).toBe(
      'test.chat/test-model failed while streaming: busy (overloaded_error)',
    )
  })
})

describe('a call that did not get through', () => {
  const socket = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })

  test.for<[string, Error, ProviderErrorCode, boolean]>([
    ['refused', apiCall({ cause: withCode('ECONNREFUSED') }), 'PROVIDER_NETWORK', true],
    ['unknown host', apiCall({ cause: withCode('ENOTFOUND') }), 'PROVIDER_NETWORK', false],
    ['certificate', apiCall({ cause: withCode('CERT_HAS_EXPIRED') }), 'PROVIDER_NETWORK', false],
    ['handshake', apiCall({ cause: withCode('ERR_TLS_CERT_ALTNAME_INVALID') }), 'PROVIDER_NETWORK', false],
    ['timeout', apiCall({ cause: withCode('UND_ERR_HEADERS_TIMEOUT') }), 'PROVIDER_TIMEOUT', true],
    [
      'broken',
      apiCall({ statusCode: 200, cause: new TypeError('terminated', { cause: socket }) }),
      'PROVIDER_NETWORK',
      true,
    ],
    // What the SDK makes of a port that `fetch` does not use: an error without a status and without a code.
    [
      'a bad port',
      apiCall({ message: 'Cannot connect to API: bad port', cause: new Error('bad port') }),
      'PROVIDER_NETWORK',
      true,
    ],
    ['without a word', apiCall({}), 'PROVIDER_NETWORK', true],
    ['in a browser', new TypeError('Failed to fetch'), 'PROVIDER_NETWORK', true],
    ['in another browser', new TypeError('NetworkError when attempting to fetch resource.'), 'PROVIDER_NETWORK', true],
    ['on an edge', new Error('Network connection lost.'), 'PROVIDER_NETWORK', true],
    ['no address', new TypeError('Failed to parse URL from nowhere'), 'PROVIDER_INVALID_OPTIONS', false],
    [
      'no header',
      new TypeError('Headers.append: "é\n" is an invalid header value.'),
      'PROVIDER_INVALID_OPTIONS',
      false,
    ],
    ['by itself', socket, 'PROVIDER_NETWORK', true],
    ['a time limit', new DOMException('too slow', 'TimeoutError'), 'PROVIDER_TIMEOUT', true],
  ])('%s', ([, error, code, retryable]) => {
    expect(classify(error)).toMatchObject({ code, retryable })
  })
})

describe('a package that gave up', () => {
  test.for<[Error, ProviderErrorCode, boolean]>([
    [new LoadAPIKeyError({ message: 'Test API key is missing.' }), 'PROVIDER_AUTH', false],
    [new LoadSettingError({ message: 'Test resource name is missing.' }), 'PROVIDER_INVALID_OPTIONS', false],
    [new UnsupportedFunctionalityError({ functionality: 'audio' }), 'PROVIDER_INVALID_OPTIONS', false],
    [new InvalidPromptError({ prompt: [], message: 'no' }), 'PROVIDER_INVALID_OPTIONS', false],
    [new InvalidArgumentError({ argument: 'a', message: 'no' }), 'PROVIDER_INVALID_OPTIONS', false],
    [new NoSuchModelError({ modelId: 'm', modelType: 'languageModel' }), 'PROVIDER_INVALID_OPTIONS', false],
    [new InvalidResponseDataError({ data: {} }), 'PROVIDER_INVALID_STREAM', true],
    [new EmptyResponseBodyError(), 'PROVIDER_INVALID_STREAM', true],
    [new NoContentGeneratedError(), 'PROVIDER_INVALID_STREAM', true],
    [new JSONParseError({ text: '<html>', cause: null }), 'PROVIDER_INVALID_STREAM', false],
    [new TypeValidationError({ value: {}, cause: null }), 'PROVIDER_INVALID_STREAM', false],
    [apiCall({ statusCode: 200, cause: new EmptyResponseBodyError() }), 'PROVIDER_INVALID_STREAM', true],
    [new TypeError('x is not a function'), 'PROVIDER_SERVER', false],
    [Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' }), 'PROVIDER_SERVER', false],
  ])('%s', ([error, code, retryable]) => {
    expect(classify(error)).toMatchObject({ code, retryable, status: undefined })
  })

  test('is recognised whichever copy of the SDK made the error', () => {
    const foreign = Object.assign(new Error('missing'), { [Symbol.for('vercel.ai.error.AI_LoadAPIKeyError')]: true })
    expect(classify(foreign)).toMatchObject({ code: 'PROVIDER_AUTH' })
  })

  test('a loop of causes ends', () => {
    const loop = new Error('around')
    loop.cause = loop
    expect(classify(loop)).toMatchObject({ code: 'PROVIDER_SERVER' })
  })
})

test('an error that is classified already passes', () => {
  const error = new ProviderError('PROVIDER_TIMEOUT', 'no chunk')
  expect(classify(error)).toBe(error)
})

test.for<[string, unknown]>([
  ['the body', apiCall({ statusCode: 401, responseBody: `{"error":{"message":"bad key ${KEY}"}}` })],
  ['the words', apiCall({ statusCode: 500, message: `x ${KEY}` })],
  ['the code', { message: 'x', code: KEY }],
  ['a page', apiCall({ statusCode: 502, responseBody: `<html>${KEY}</html>` })],
  ['the transport', apiCall({ cause: Object.assign(new Error(KEY), { code: KEY }) })],
  ['a package', new InvalidPromptError({ prompt: KEY, message: KEY })],
  ['a bearer token', { message: 'sent Bearer abc.def-123' }],
])('no key is shown: %s', ([, failure]) => {
  const error = classify(failure)
  const shown = JSON.stringify([error.message, error.cause, Object.entries(error)])
  expect(shown).not.toContain(KEY)
  expect(shown).not.toContain('abc.def-123')
  // The error of a package holds the request, the headers and the body.
  expect(error.cause).toBeUndefined()
})

test('a long message is cut', () => {
  expect(classify(apiCall({ statusCode: 500, message: 'x'.repeat(5000) })).message.length).toBeLessThan(400)
})

function classify(failure: unknown): ProviderError {
  return classifyFailure(failure, CONTEXT)
}

function apiCall(details: Partial<ConstructorParameters<typeof APICallError>[0]>): APICallError {
  return new APICallError({
    message: 'Failed',
    url: 'https://vendor.test/v1',
    requestBodyValues: { headers: { authorization: `Bearer ${KEY}` } },
    ...details,
  })
}

function withCode(code: string): Error {
  return Object.assign(new Error('it did not work'), { code })
}

import { hasCode } from '@starling/event'
import { describe, expect, test } from 'vitest'
import { createOpenAIProvider, type OpenAIProviderOptions } from '../src/index.ts'
import { resolveSettings } from '../src/resolve-settings.ts'

const KEY = 'sk-secret-of-the-test'

describe('where requests go', () => {
  test('without options and with a key in the environment it is OpenAI', () => {
    const settings = resolveSettings({ env: { OPENAI_API_KEY: KEY } })
    expect(settings.url).toBe('https://api.openai.com/v1/chat/completions')
    expect(settings.headers.get('authorization')).toBe(`Bearer ${KEY}`)
    expect(settings).toMatchObject({ id: 'openai', apiVersion: 'v1', hasKey: true })
  })

  test.each([
    ['http://localhost:11434/v1', 'http://localhost:11434/v1/chat/completions'],
    ['http://localhost:11434/v1/', 'http://localhost:11434/v1/chat/completions'],
    ['http://localhost:11434', 'http://localhost:11434/chat/completions'],
    ['https://host/a/b//?x=1#frag', 'https://host/a/b/chat/completions?x=1'],
  ])('the base %s leads to %s', (baseUrl, url) => {
    expect(resolveSettings({ baseUrl, apiKey: null, env: {} }).url).toBe(url)
  })

  test('the query is added, and is not part of what people see', () => {
    const settings = resolveSettings({
      baseUrl: 'https://host/v1?a=1',
      query: { 'api-version': '2024-10-21', a: '2' },
      apiKey: null,
      env: {},
    })
    expect(settings.url).toBe('https://host/v1/chat/completions?a=2&api-version=2024-10-21')
    expect(settings.endpoint).toBe('https://host/v1/chat/completions')
  })

  test('OPENAI_BASE_URL counts when no base is given, and an empty one does not', () => {
    const fromEnv = resolveSettings({ env: { OPENAI_BASE_URL: 'http://localhost:1/v1' } })
    expect(fromEnv.endpoint).toBe('http://localhost:1/v1/chat/completions')
    const empty = resolveSettings({ env: { OPENAI_BASE_URL: '', OPENAI_API_KEY: KEY } })
    expect(empty.endpoint).toBe('https://api.openai.com/v1/chat/completions')
    const given = resolveSettings({ baseUrl: 'http://given/v1', env: { OPENAI_BASE_URL: 'http://localhost:1/v1' } })
    expect(given.endpoint).toBe('http://given/v1/chat/completions')
  })

  test.each([
    ['localhost:8080/v1', 'baseUrl "localhost:8080/v1" is not a URL that begins with http:// or https://'],
    ['', 'baseUrl "" is not a URL that begins with http:// or https://'],
    ['ftp://host/v1', 'baseUrl "ftp://host/v1" is not a URL that begins with http:// or https://'],
    [KEY, 'baseUrl "[redacted]" is not a URL that begins with http:// or https://'],
    ['https://me:hunter2@host/v1', 'baseUrl for host carries a user name or password: pass them in headers'],
  ])('the base %j is refused', (baseUrl, message) => {
    expect(() => resolveSettings({ baseUrl, apiKey: null, env: {} })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }),
    )
  })
})

describe('the key', () => {
  test('OpenAI without a key is refused at the first call, before anything is sent, in one line that says what to do', async () => {
    let sent = 0
    const fetch = (): Promise<Response> => Promise.reject(new Error(`request ${(sent += 1)}`))
    const provider = createOpenAIProvider({ env: {}, fetch })
    const answer = provider.stream({ model: 'm', systemPrompt: '', messages: [], tools: [] })
    const calling = answer[Symbol.asyncIterator]().next()
    await expect(calling).rejects.toMatchObject({
      code: 'PROVIDER_AUTH',
      message: 'no API key for api.openai.com: set OPENAI_API_KEY or pass apiKey',
    })
    expect(sent).toBe(0)
  })

  test('an empty key is refused and does not fall back to the environment', () => {
    expect(() => resolveSettings({ apiKey: ' ', env: { OPENAI_API_KEY: KEY } })).toThrow(
      'apiKey is empty: pass null to send none',
    )
  })

  test('null sends none, wherever it goes', () => {
    const settings = resolveSettings({ apiKey: null, env: { OPENAI_API_KEY: KEY } })
    expect(settings.headers.has('authorization')).toBe(false)
    expect(settings.hasKey).toBe(false)
  })

  test('the line feed that a key file ends with is no part of the key', () => {
    const settings = resolveSettings({ apiKey: `${KEY}\n`, env: {} })
    expect(settings.headers.get('authorization')).toBe(`Bearer ${KEY}`)
  })

  test.each<[string, OpenAIProviderOptions, string | null]>([
    ['another host', { baseUrl: 'https://openrouter.ai/api/v1' }, null],
    ['a host that only looks like OpenAI', { baseUrl: 'https://evilopenai.com/v1' }, null],
    ['a regional host of OpenAI', { baseUrl: 'https://eu.api.openai.com/v1' }, `Bearer ${KEY}`],
    ['the endpoint of the environment', {}, `Bearer ${KEY}`],
    ['the endpoint of the environment, named again', { baseUrl: 'http://gateway/v1' }, `Bearer ${KEY}`],
  ])('the key of the environment, towards %s', (_, options, authorization) => {
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: 'http://gateway/v1' }
    expect(resolveSettings({ ...options, env }).headers.get('authorization')).toBe(authorization)
  })

  test("a server of one's own needs no key", () => {
    const settings = resolveSettings({ baseUrl: 'http://localhost:11434/v1', env: {} })
    expect(settings.hasKey).toBe(false)
  })
})

describe('headers', () => {
  test('organization and project go out under their names', () => {
    const { headers } = resolveSettings({ apiKey: KEY, organization: 'org-1', project: 'proj-1', env: {} })
    expect(Object.fromEntries(headers)).toEqual({
      accept: 'text/event-stream',
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
    })
  })

  test('given headers win, however they are written', () => {
    const { headers } = resolveSettings({ apiKey: KEY, headers: { Authorization: 'Basic x', 'X-Title': 'T' }, env: {} })
    expect(headers.get('authorization')).toBe('Basic x')
    expect(headers.get('x-title')).toBe('T')
  })

  test('a header that HTTP does not allow is named without its value', () => {
    const error = failureOf({ apiKey: 'two\nlines-of-secret', env: {} })
    expect(hasCode(error, 'PROVIDER_INVALID_OPTIONS')).toBe(true)
    expect(String(error)).toContain('the header "authorization" has a name or value that HTTP does not allow')
    expect(String(error)).not.toContain('lines-of-secret')
    expect(failureOf({ apiKey: null, headers: { 'bad name': 'x' }, env: {} })).toMatchObject({
      message: 'the header "bad name" has a name or value that HTTP does not allow',
    })
  })
})

describe('the other options', () => {
  test('an option that does not exist is named, with those that do', () => {
    const misspelt: object = { apiKey: null, baseURL: 'http://localhost/v1' }
    expect(() => createOpenAIProvider(misspelt)).toThrow('unknown option "baseURL": known are apiKey, baseUrl,')
  })

  test('limits default to five minutes and may be switched off', () => {
    expect(resolveSettings({ apiKey: null, env: {} })).toMatchObject({
      firstChunkMs: 300_000,
      betweenChunksMs: 300_000,
    })
    const timeouts = { firstChunkMs: 0, betweenChunksMs: 1 }
    expect(resolveSettings({ apiKey: null, timeouts, env: {} })).toMatchObject(timeouts)
  })

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('a limit of %d is refused', (firstChunkMs) => {
    expect(() => resolveSettings({ apiKey: null, timeouts: { firstChunkMs }, env: {} })).toThrow(
      `timeouts.firstChunkMs is ${firstChunkMs}, not a whole number of milliseconds from 0 to 2147483647`,
    )
  })

  test('a made-up call id is different every time', () => {
    const { generateCallId } = resolveSettings({ apiKey: null, env: {} })
    expect(generateCallId()).toMatch(/^call_[0-9a-f-]{36}$/)
    expect(generateCallId()).not.toBe(generateCallId())
  })

  test('names and capabilities need no network', () => {
    const provider = createOpenAIProvider({ apiKey: null, providerId: 'local', apiVersion: 'v2', env: {} })
    expect(provider.info).toEqual({ id: 'local', apiVersion: 'v2' })
    expect(provider.capabilities).toEqual({
      tools: true,
      toolChoice: true,
      reasoning: true,
      stopSequences: true,
      requestId: true,
    })
  })
})

function failureOf(options: OpenAIProviderOptions): unknown {
  try {
    return createOpenAIProvider(options)
  } catch (error) {
    return error
  }
}

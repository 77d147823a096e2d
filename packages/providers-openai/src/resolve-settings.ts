import { ProviderError } from '@starling/provider'
import type { ChatRequestSettings } from './convert-to-chat-request.ts'
import type { OpenAIProviderOptions, OpenAITimeouts } from './openai-provider-options.ts'
import { createRedact, type Redact } from './redact.ts'

/** The options of a provider, checked and with every default filled in. */
export interface Settings {
  readonly id: string
  readonly apiVersion: string
  /** Where requests go, with the query. */
  readonly url: string
  /** The same for people: without the query, which may hold keys. */
  readonly endpoint: string
  readonly headers: Headers
  readonly hasKey: boolean
  /** Why no call can be made: OpenAI would get no key. A replay makes none, and needs none. */
  readonly missingKey: string | undefined
  readonly redact: Redact
  readonly body: ChatRequestSettings
  readonly firstChunkMs: number
  readonly betweenChunksMs: number
  readonly fetch: typeof globalThis.fetch
  readonly generateCallId: () => string
  readonly now: () => number
}

const DEFAULT_BASE_URL = 'https://api.openai.com/v1'
const DEFAULT_TIMEOUT_MS = 300_000
// A longer timer fires at once.
const MAX_TIMEOUT_MS = 2 ** 31 - 1

const OPTION_NAMES: { readonly [Name in keyof Required<OpenAIProviderOptions>]: true } = {
  apiKey: true,
  baseUrl: true,
  organization: true,
  project: true,
  headers: true,
  query: true,
  providerId: true,
  apiVersion: true,
  timeouts: true,
  maxTokensField: true,
  includeUsage: true,
  fetch: true,
  env: true,
  generateCallId: true,
  now: true,
}

/**
 * Checks the options and fills in the defaults, from the environment too.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`, or `PROVIDER_AUTH` for an empty key.
 */
export function resolveSettings(options: OpenAIProviderOptions): Settings {
  assertKnown(options)
  const env = options.env ?? process.env
  const base = parseBaseUrl(options.baseUrl ?? (env['OPENAI_BASE_URL'] || DEFAULT_BASE_URL))
  const key = resolveKey(options, env, base)
  const url = endpointUrl(base, options.query)
  return {
    id: options.providerId ?? 'openai',
    apiVersion: options.apiVersion ?? 'v1',
    url: url.href,
    endpoint: url.origin + url.pathname,
    headers: buildHeaders(options, key),
    hasKey: key !== null,
    missingKey:
      key === null && options.apiKey !== null && isOpenAI(base)
        ? `no API key for ${base.host}: set OPENAI_API_KEY or pass apiKey`
        : undefined,
    redact: createRedact([
      ...(key === null ? [] : [key]),
      ...Object.values(options.headers ?? {}),
      ...url.searchParams.values(),
    ]),
    body: {
      maxTokensField: options.maxTokensField ?? 'max_completion_tokens',
      includeUsage: options.includeUsage ?? true,
    },
    firstChunkMs: timeoutMs(options.timeouts, 'firstChunkMs'),
    betweenChunksMs: timeoutMs(options.timeouts, 'betweenChunksMs'),
    // Looked up on every call, so that instrumentation installed later is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    generateCallId: options.generateCallId ?? (() => `call_${crypto.randomUUID()}`),
    now: options.now ?? Date.now,
  }
}

function assertKnown(options: OpenAIProviderOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTION_NAMES, name))
  if (unknown === undefined) return
  throw invalid(`unknown option "${unknown}": known are ${Object.keys(OPTION_NAMES).join(', ')}`)
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(`baseUrl "${createRedact([])(text)}" is not a URL that begins with http:// or https://`)
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(`baseUrl for ${url.host} carries a user name or password: pass them in headers`)
  }
  return url
}

function resolveKey(
  options: OpenAIProviderOptions,
  env: Readonly<Record<string, string | undefined>>,
  base: URL,
): string | null {
  if (options.apiKey === null) return null
  if (options.apiKey !== undefined) {
    if (options.apiKey.trim() !== '') return options.apiKey.trim()
    throw new ProviderError('PROVIDER_AUTH', 'apiKey is empty: pass null to send none')
  }
  const isFromEnv = options.baseUrl === undefined || options.baseUrl === env['OPENAI_BASE_URL']
  const key = isOpenAI(base) || isFromEnv ? env['OPENAI_API_KEY']?.trim() : undefined
  return key === undefined || key === '' ? null : key
}

function isOpenAI(base: URL): boolean {
  return base.hostname === 'openai.com' || base.hostname.endsWith('.openai.com')
}

function endpointUrl(base: URL, query: OpenAIProviderOptions['query']): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/chat/completions`
  url.hash = ''
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
  return url
}

function buildHeaders(options: OpenAIProviderOptions, key: string | null): Headers {
  const headers = new Headers()
  const entries = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    ...(key !== null && { authorization: `Bearer ${key}` }),
    ...(options.organization !== undefined && { 'openai-organization': options.organization }),
    ...(options.project !== undefined && { 'openai-project': options.project }),
    ...options.headers,
  }
  for (const [name, value] of Object.entries(entries)) {
    try {
      headers.set(name, value)
    } catch {
      // The reason quotes the value, which may be a key.
      throw invalid(`the header "${name}" has a name or value that HTTP does not allow`)
    }
  }
  return headers
}

function timeoutMs(timeouts: OpenAITimeouts = {}, name: keyof OpenAITimeouts): number {
  const value = timeouts[name] ?? DEFAULT_TIMEOUT_MS
  if (Number.isInteger(value) && value >= 0 && value <= MAX_TIMEOUT_MS) return value
  throw invalid(`timeouts.${name} is ${value}, not a whole number of milliseconds from 0 to ${MAX_TIMEOUT_MS}`)
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}

import { ProviderError } from '@starling/provider'
import { checkOptionNames, resolveTimeouts, type Transport } from '@starling/provider-http'
import { BEDROCK } from './bedrock-failures.ts'
import type { BedrockCredentials, BedrockProviderOptions } from './bedrock-provider-options.ts'

/** How to reach Bedrock, checked and with the defaults filled in. */
export interface Settings extends Transport {
  readonly citeDocuments: boolean
}

const OPTIONS: { readonly [Name in keyof BedrockProviderOptions]-?: true } = {
  region: true,
  credentials: true,
  apiKey: true,
  baseUrl: true,
  citeDocuments: true,
  timeouts: true,
  providerId: true,
  apiVersion: true,
  fetch: true,
  now: true,
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`, or `PROVIDER_AUTH` for keys that are empty.
 */
export function resolveSettings(options: BedrockProviderOptions): Settings {
  checkOptionNames(options, Object.keys(OPTIONS))
  checkRegion(options.region)
  checkEndpoint(options.baseUrl)
  checkIdentity(options)
  return {
    info: { id: options.providerId ?? 'bedrock', apiVersion: options.apiVersion ?? '2023-09-30' },
    vendor: BEDROCK,
    citeDocuments: options.citeDocuments ?? false,
    ...resolveTimeouts(options.timeouts),
    // Looked up on every call, so that instrumentation installed later is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    now: options.now ?? Date.now,
  }
}

/**
 * Checks the keys of an identity, without showing any of them.
 *
 * @throws ProviderError `PROVIDER_AUTH` for an empty one, `PROVIDER_INVALID_OPTIONS` for one that is no text.
 */
export function checkCredentials(credentials: BedrockCredentials): void {
  for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
    const value: unknown = credentials[name]
    if (name === 'sessionToken' && value === undefined) continue
    checkSecret(`credentials.${name}`, value)
  }
}

function checkIdentity({ credentials, apiKey }: BedrockProviderOptions): void {
  if (credentials !== undefined && apiKey !== undefined) {
    throw invalid('credentials and apiKey are both given: a request is signed with the one or carries the other')
  }
  if (apiKey !== undefined) checkSecret('apiKey', apiKey)
  if (credentials !== undefined && typeof credentials !== 'function') checkCredentials(credentials)
}

function checkSecret(name: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(`${name} is ${typeof value}, not a text`)
  if (value.trim() === '') throw new ProviderError('PROVIDER_AUTH', `${name} is empty`)
}

function checkRegion(region: string | undefined): void {
  // It becomes a part of the host name: anything else could send the request elsewhere.
  if (region !== undefined && !/^[a-z0-9-]+$/i.test(region)) {
    throw invalid(`region "${region}" is not the name of an AWS region, such as us-east-1`)
  }
}

function checkEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) return
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid('baseUrl is not a URL that begins with http:// or https://')
  }
  if (url.username !== '' || url.password !== '') throw invalid(`baseUrl for ${url.host} carries a user name`)
  if (url.search !== '') throw invalid(`baseUrl for ${url.host} carries a query`)
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}

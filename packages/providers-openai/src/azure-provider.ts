import { type Provider, ProviderError } from '@starling/provider'
import { isHostOf, resolveConnection } from '@starling/provider-http'
import type { AzureProviderOptions } from './azure-provider-options.ts'
import { createChatProvider } from './chat-provider.ts'
import { classifyChatError } from './openai-vendor.ts'
import { createResponsesProvider } from './responses-provider.ts'

const DOMAINS = ['openai.azure.com', 'services.ai.azure.com', 'cognitiveservices.azure.com'] as const

/**
 * Creates a provider for OpenAI's models on Azure: the model of a request is the name of a deployment.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to Azure without one.
 */
export function createAzureProvider(options: AzureProviderOptions = {}): Provider {
  const { datedVersion, keyHeader = 'api-key', api = 'chat' } = options
  if (datedVersion !== undefined && api === 'responses') {
    throw invalid(`the Responses API has no dated version, got datedVersion "${datedVersion}"`)
  }
  // The key of the environment belongs to the endpoint of the environment, whatever its host.
  const isFromEnv = options.baseUrl === undefined && options.resource === undefined
  const connection = resolveConnection(
    {
      ...options,
      baseUrl: baseUrlOf(options),
      ...(datedVersion !== undefined && { query: { 'api-version': datedVersion, ...options.query } }),
    },
    {
      name: 'azure',
      apiVersion: datedVersion ?? 'v1',
      keyVariables: ['AZURE_OPENAI_API_KEY'],
      defaultBaseUrl: '',
      isOwnHost: (url) => isFromEnv || DOMAINS.some((domain) => isHostOf(domain, url)),
      keyHeaders: (key) => ({ [keyHeader]: keyHeader === 'api-key' ? key : `Bearer ${key}` }),
      requestIdHeader: 'x-request-id',
      ownOptions: {
        resource: true,
        api: true,
        datedVersion: true,
        keyHeader: true,
        reasoningSummary: true,
        encryptedReasoning: true,
      },
      classify: classifyChatError,
    },
  )
  if (api === 'responses') return createResponsesProvider(connection, { settings: options })
  if (datedVersion === undefined) return createChatProvider(connection)
  return createChatProvider(connection, {
    path: ({ model }) => `/deployments/${encodeURIComponent(model)}/chat/completions`,
  })
}

function baseUrlOf(options: AzureProviderOptions): string {
  const { baseUrl, resource, datedVersion, env = process.env } = options
  if (baseUrl !== undefined) return baseUrl
  if (resource !== undefined && !/^[a-z0-9][a-z0-9-]*$/i.test(resource)) {
    throw invalid(`resource "${resource}" is not the name of a resource`)
  }
  const endpoint =
    resource === undefined ? env['AZURE_OPENAI_ENDPOINT']?.trim() : `https://${resource}.openai.azure.com`
  if (endpoint === undefined || endpoint === '') {
    throw invalid('no Azure endpoint: pass resource or baseUrl, or set AZURE_OPENAI_ENDPOINT')
  }
  return `${endpoint.replace(/\/+$/, '')}${datedVersion === undefined ? '/openai/v1' : '/openai'}`
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}

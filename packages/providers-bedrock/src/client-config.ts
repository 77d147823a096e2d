import type { BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { isHostOf } from '@starling/provider-http'
import type { BedrockCredentials, BedrockProviderOptions } from './bedrock-provider-options.ts'
import { checkCredentials } from './resolve-settings.ts'

/** The keys as the SDK takes them. */
type Identity = Extract<NonNullable<BedrockRuntimeClientConfig['credentials']>, { readonly accessKeyId: string }>

/** Where AWS and its partitions are. */
const AWS_DOMAINS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws', 'aws.dev'] as const

/** Writes the options of a provider as those of the SDK's client, which is only to find the endpoint and to sign. */
export function clientConfig(options: BedrockProviderOptions): BedrockRuntimeClientConfig {
  const { region, credentials, apiKey, baseUrl } = options
  return {
    ...(region !== undefined && { region }),
    ...(baseUrl !== undefined && { endpoint: baseUrl }),
    ...(credentials !== undefined && {
      credentials: typeof credentials === 'function' ? asked(credentials) : identity(credentials),
    }),
    ...(apiKey !== undefined && { token: { token: apiKey } }),
    ...schemeOf(options),
    // Retrying is for the layers above, which record it.
    maxAttempts: 1,
    // Without it the SDK would sign for HTTP/2, which `fetch` does not speak.
    requestHandler: { metadata: { handlerProtocol: 'http/1.1' }, handle: () => Promise.reject(new Error('not used')) },
  }
}

function schemeOf({ credentials, apiKey, baseUrl }: BedrockProviderOptions): { authSchemePreference?: string[] } {
  if (apiKey !== undefined) return { authSchemePreference: ['httpBearerAuth'] }
  // A key in the environment would win over credentials that are given, and a host that is not of AWS would get it whole.
  const isElsewhere = baseUrl !== undefined && !isAwsHost(new URL(baseUrl))
  return credentials !== undefined || isElsewhere ? { authSchemePreference: ['sigv4'] } : {}
}

function isAwsHost(url: URL): boolean {
  return AWS_DOMAINS.some((domain) => isHostOf(domain, url))
}

function asked(ask: () => BedrockCredentials | Promise<BedrockCredentials>): () => Promise<Identity> {
  return async () => {
    const credentials = await ask()
    checkCredentials(credentials)
    return identity(credentials)
  }
}

function identity({ accessKeyId, secretAccessKey, sessionToken, expiration }: BedrockCredentials): Identity {
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration !== undefined && { expiration }),
  }
}

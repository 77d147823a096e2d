import { describe, expect, test } from 'vitest'
import { type BedrockProviderOptions, createBedrockProvider } from '../src/index.ts'
import { resolveSettings } from '../src/resolve-settings.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' }

describe('the options', () => {
  test('without any, everything has a default', () => {
    expect(resolveSettings({})).toMatchObject({
      info: { id: 'bedrock', apiVersion: '2023-09-30' },
      citeDocuments: false,
      firstChunkMs: 300_000,
      betweenChunksMs: 300_000,
    })
  })

  test('the provider is named as it is told', () => {
    const { info } = createBedrockProvider({ providerId: 'bedrock-eu', apiVersion: 'v9' })
    expect(info).toEqual({ id: 'bedrock-eu', apiVersion: 'v9' })
  })

  test('the limits are taken, and 0 is none', () => {
    expect(resolveSettings({ timeouts: { firstChunkMs: 0, betweenChunksMs: 12 } })).toMatchObject({
      firstChunkMs: 0,
      betweenChunksMs: 12,
    })
  })

  test('a fetch that is installed later is used', async () => {
    const settings = resolveSettings({})
    const original = globalThis.fetch
    const response = new Response('later')
    globalThis.fetch = () => Promise.resolve(response)
    try {
      expect(await settings.fetch('http://vendor.test')).toBe(response)
    } finally {
      globalThis.fetch = original
    }
  })

  test.for([
    [{ region: 'us-east-1.evil.example/' }, /^region ".*" is not the name of an AWS region, such as us-east-1$/],
    [{ region: '' }, /^region "" is not the name of an AWS region/],
    [{ baseUrl: 'bedrock.local' }, /^baseUrl is not a URL that begins with http/],
    [{ baseUrl: 'ftp://bedrock.local' }, /^baseUrl is not a URL/],
    [{ baseUrl: 'https://me:pass@bedrock.local' }, /^baseUrl for bedrock\.local carries a user name$/],
    [{ baseUrl: 'https://bedrock.local/?key=1' }, /^baseUrl for bedrock\.local carries a query$/],
    [{ timeouts: { firstChunkMs: -1 } }, /^timeouts\.firstChunkMs is -1, not a whole number of milliseconds/],
    [{ timeouts: { betweenChunksMs: 1.5 } }, /^timeouts\.betweenChunksMs is 1\.5/],
    [{ timeouts: { betweenChunksMs: 2 ** 31 } }, /^timeouts\.betweenChunksMs is 2147483648/],
    [{ credentials: KEYS, apiKey: 'key-of-bedrock' }, /^credentials and apiKey are both given/],
  ] as const satisfies readonly (readonly [BedrockProviderOptions, RegExp])[])(
    '%j is refused',
    ([options, message]) => {
      expect(() => createBedrockProvider(options)).toThrow(
        expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringMatching(message) }),
      )
    },
  )

  test('an option that does not exist is refused, with the one that was meant', () => {
    const options = { regoin: 'us-east-1' }
    expect(() => createBedrockProvider(options as BedrockProviderOptions)).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'unknown option "regoin": did you mean "region"?',
      }),
    )
  })
})

describe('keys that are given', () => {
  test.for([
    [{ credentials: { ...KEYS, accessKeyId: '' } }, 'credentials.accessKeyId is empty'],
    [{ credentials: { ...KEYS, secretAccessKey: ' ' } }, 'credentials.secretAccessKey is empty'],
    [{ credentials: { ...KEYS, sessionToken: '' } }, 'credentials.sessionToken is empty'],
    [{ apiKey: '' }, 'apiKey is empty'],
  ] as const)('%j is refused when the provider is made', ([options, message]) => {
    expect(() => createBedrockProvider(options)).toThrow(expect.objectContaining({ code: 'PROVIDER_AUTH', message }))
  })

  test('keys of another type are refused without being shown', () => {
    const options = { credentials: { ...KEYS, secretAccessKey: ['wJalrXUtnFEMI'] } }
    // What plain JavaScript may pass.
    expect(() => createBedrockProvider(options as unknown as BedrockProviderOptions)).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'credentials.secretAccessKey is object, not a text',
      }),
    )
  })

  test('printing the provider shows none of them', () => {
    const provider = createBedrockProvider({ region: 'us-east-1', credentials: KEYS })
    expect(JSON.stringify(provider)).not.toContain('wJalrXUtnFEMI')
    expect(Object.keys(provider)).toEqual(['info', 'capabilities'])
  })
})

import { inspect } from 'node:util'

import {
  ClientCredentialsProvider,
  type OAuthClientProvider,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { CLIENT, openProtected } from './servers/protected.ts'

describe('a server that asks for a token', () => {
  test('says so in one line when there is none', async () => {
    await using server = await openProtected()
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url } })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: 'mcp server "p" cannot be connected: the server refuses the credentials (HTTP 401)',
    })
  })

  test('says so in one line when it is the wrong one, without the token', async () => {
    await using server = await openProtected()
    const auth = (): string => 'wrong-token-1'
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth } })
    const error: unknown = await source.list({}).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: 'mcp server "p" cannot be connected: the server asks for authorization (HTTP 401)',
    })
    expect(inspect(error, { depth: 8 })).not.toContain('wrong-token-1')
  })

  test('takes the token of a header', async () => {
    await using server = await openProtected()
    const token = await tokenOf(server.url)
    const headers = { authorization: `Bearer ${token}` }
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, headers } })
    expect(await call(await listTools(source), 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test('takes the token that a function returns, asked at every request', async () => {
    await using server = await openProtected()
    let token = await tokenOf(server.url)
    const auth = async (): Promise<string> => token
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth } })
    const tools = await listTools(source)
    server.revoke()
    const refused: unknown = await call(tools, 'add', { input: { a: 1, b: 1 } }).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: 'mcp tool "add" of server "p": the server asks for authorization (HTTP 401)',
    })
    token = await tokenOf(server.url)
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })
})

describe('OAuth', () => {
  test('gets a token with the credentials of a client, and another when it is worth nothing any more', async () => {
    await using server = await openProtected()
    const auth = new ClientCredentialsProvider({ ...CLIENT })
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth } })
    const { tools, recorded } = await source.list({})
    expect(tools.length).toBeGreaterThan(0)
    expect(server.tokens).toHaveLength(1)
    for (const secret of [...server.tokens, CLIENT.clientSecret]) expect(recorded).not.toContain(secret)
    server.revoke()
    expect(await call(await listTools(source), 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
    expect(server.tokens).toHaveLength(2)
  })

  test('says in one line that the client is refused, without its secret', async () => {
    await using server = await openProtected()
    const auth = new ClientCredentialsProvider({ clientId: 'agent', clientSecret: 'wrong-secret-1' })
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth } })
    const error: unknown = await source.list({}).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: 'mcp server "p" cannot be connected: the authorization server refuses (invalid_client)',
    })
    expect(inspect(error, { depth: 8 })).not.toContain('wrong-secret-1')
  })

  test('sends a user to the authorization server and goes on with the code that comes back', async () => {
    await using server = await openProtected()
    const provider = new BrowserProvider()
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth: provider } })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: 'mcp server "p" cannot be connected: the server asks for authorization (HTTP 401)',
    })
    const response = await fetch(provider.visited ?? '', { redirect: 'manual' })
    const callback = new URL(response.headers.get('location') ?? '')
    expect(callback.searchParams.get('state')).toBe('state-1')
    await source.finishAuth(callback.searchParams)
    expect(await call(await listTools(source), 'add', { input: { a: 2, b: 2 } })).toEqual({ sum: 4 })
  })

  test('refuses a code that the server did not give', async () => {
    await using server = await openProtected()
    const provider = new BrowserProvider()
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: server.url, auth: provider } })
    await source.list({}).catch(() => undefined)
    const callback = new URLSearchParams({ code: 'forged-code', iss: new URL(server.url).origin })
    await expect(source.finishAuth(callback)).rejects.toMatchObject({
      code: 'MCP_UNAUTHORIZED',
      message: expect.stringMatching(/^mcp server "p": the authorization was not completed \(\w+\)$/),
    })
  })

  test('cannot be ended where it cannot begin', async () => {
    await using source = createMcpSource({ name: 'p', transport: { type: 'http', url: 'http://127.0.0.1:9/' } })
    await expect(source.finishAuth(new URLSearchParams({ code: 'x' }))).rejects.toMatchObject({
      code: 'MCP_INVALID_OPTIONS',
      message: 'mcp source p has no OAuth provider',
    })
  })
})

/** What an application with a user does: remembers, and sends the user's browser somewhere. */
class BrowserProvider implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:9/callback'
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' }
  visited: URL | undefined
  #tokens: StoredOAuthTokens | undefined
  #verifier = ''

  state(): string {
    return 'state-1'
  }

  clientInformation() {
    return { client_id: CLIENT.clientId }
  }

  tokens() {
    return this.#tokens
  }

  saveTokens(tokens: StoredOAuthTokens) {
    this.#tokens = tokens
  }

  redirectToAuthorization(url: URL) {
    this.visited = url
  }

  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier
  }

  codeVerifier() {
    return this.#verifier
  }
}

async function tokenOf(url: string): Promise<string> {
  const authorization = `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.clientSecret}`)}`
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  const response = await fetch(new URL('/token', url), { method: 'POST', body, headers: { authorization } })
  const { access_token: token } = (await response.json()) as { access_token: string }
  return token
}

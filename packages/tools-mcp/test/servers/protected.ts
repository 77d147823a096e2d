import { createHash, randomUUID } from 'node:crypto'

import {
  createMcpHandler,
  OAuthError,
  OAuthErrorCode,
  requireBearerAuth,
  type AuthInfo,
} from '@modelcontextprotocol/server'

import { openLoopback, type LoopbackServer } from './http.ts'
import { createWorkshop } from './workshop.ts'

/** A workshop that asks for a token, and the authorization server that gives them, on one address. */
export interface ProtectedServer extends LoopbackServer {
  /** Every token that was given so far. */
  readonly tokens: readonly string[]
  /** Makes every token that was given so far worth nothing. */
  revoke(): void
}

/** The one client that the authorization server knows. */
export const CLIENT = { clientId: 'agent', clientSecret: 'client-secret-1' } as const

const PATH = '/mcp'

/** Opens one on a free port. It does client credentials and the authorization code with PKCE. */
export async function openProtected(): Promise<ProtectedServer> {
  const state = new AuthorizationState()
  const handler = createMcpHandler(createWorkshop())
  const server = await openLoopback(async (request, base) => {
    const { pathname } = new URL(request.url)
    if (pathname === `/.well-known/oauth-protected-resource${PATH}`) {
      return Response.json({ resource: base + PATH, authorization_servers: [base] })
    }
    if (pathname === '/.well-known/oauth-authorization-server') return Response.json(metadataOf(base))
    if (pathname === '/authorize') return state.authorize(new URL(request.url), base)
    if (pathname === '/token') return state.token(request)
    if (pathname !== PATH) return new Response(null, { status: 404 })
    const guard = requireBearerAuth({
      verifier: { verifyAccessToken: async (token) => state.verify(token) },
      resourceMetadataUrl: `${base}/.well-known/oauth-protected-resource${PATH}`,
    })
    const authorized = await guard(request)
    return authorized instanceof Response ? authorized : handler.fetch(request, { authInfo: authorized })
  })
  return {
    url: server.url + PATH,
    tokens: state.given,
    revoke: () => state.valid.clear(),
    async [Symbol.asyncDispose]() {
      await handler.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

class AuthorizationState {
  readonly given: string[] = []
  readonly valid = new Set<string>()
  /** The PKCE challenge of each code. */
  readonly #codes = new Map<string, string>()

  authorize({ searchParams }: URL, base: string): Response {
    const code = randomUUID()
    this.#codes.set(code, searchParams.get('code_challenge') ?? '')
    const back = new URL(searchParams.get('redirect_uri') ?? base)
    back.search = String(new URLSearchParams({ code, state: searchParams.get('state') ?? '', iss: base }))
    return Response.redirect(back, 302)
  }

  async token(request: Request): Promise<Response> {
    const body = new URLSearchParams(await request.text())
    if (body.get('grant_type') === 'authorization_code') {
      const code = body.get('code') ?? ''
      const challenge = createHash('sha256')
        .update(body.get('code_verifier') ?? '')
        .digest('base64url')
      if (this.#codes.get(code) !== challenge) return Response.json({ error: 'invalid_grant' }, { status: 400 })
      this.#codes.delete(code)
      return this.#give()
    }
    const expected = `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.clientSecret}`)}`
    const isKnown = request.headers.get('authorization') === expected
    return isKnown ? this.#give() : Response.json({ error: 'invalid_client' }, { status: 401 })
  }

  verify(token: string): AuthInfo {
    if (!this.valid.has(token)) throw new OAuthError(OAuthErrorCode.InvalidToken, 'unknown token')
    return { token, clientId: CLIENT.clientId, scopes: [], expiresAt: 4_000_000_000 }
  }

  #give(): Response {
    const token = `access-${randomUUID()}`
    this.given.push(token)
    this.valid.add(token)
    return Response.json({ access_token: token, token_type: 'Bearer', expires_in: 3600 })
  }
}

function metadataOf(base: string): object {
  return {
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    authorization_response_iss_parameter_supported: true,
  }
}

import { openLoopback, type LoopbackServer } from './http.ts'

/** A call that a server by hand got. */
export interface HandCall {
  readonly name: string
  readonly id: number
  /** Whose `signal` is aborted when the client has gone. */
  readonly request: Request
  /** The session that the client is in. */
  readonly session: string | undefined
  /** The answer with a text. */
  text(said: string): Response
  /** The answer of a tool that failed. */
  fail(said: string): Response
}

/** What a server by hand is. */
export interface ByHand {
  readonly names: readonly string[]
  call(call: HandCall): Response | Promise<Response>
  /** Hears what the client answers to a question. */
  answered?(result: unknown): void
  /** Gives the session of a client that begins. Default: none. */
  session?(): string | undefined
}

/** Opens a server of 2025-11-25 over HTTP of which a test answers the calls itself. */
export function openByHand({ names, call, answered, session }: ByHand): Promise<LoopbackServer> {
  return openLoopback(async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's client writes it
    const { id, method, params, result: answer } = (await request.json()) as Message
    if (answer !== undefined) answered?.(answer)
    if (id === undefined || method === undefined) return new Response(null, { status: 202 })
    const result = (value: object, headers = {}): Response =>
      Response.json({ jsonrpc: '2.0', id, result: value }, { headers })
    if (method === 'initialize') {
      const serverInfo = { name: 'by hand', version: '1' }
      const given = session?.()
      const headers = given === undefined ? {} : { 'mcp-session-id': given }
      return result({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }, headers)
    }
    if (method === 'tools/list') {
      return result({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) })
    }
    if (method !== 'tools/call') {
      return Response.json({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } })
    }
    return call({
      name: params?.name ?? '',
      id,
      request,
      session: request.headers.get('mcp-session-id') ?? undefined,
      text: (said) => result({ content: [{ type: 'text', text: said }] }),
      fail: (said) => result({ content: [{ type: 'text', text: said }], isError: true }),
    })
  })
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly name?: string }
  readonly result?: unknown
}

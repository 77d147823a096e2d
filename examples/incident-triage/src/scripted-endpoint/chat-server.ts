import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { parseChatRequest, type ChatRequest } from './chat-request.ts'
import { chunksOf } from './chunks.ts'
import type { ScriptedAnswer } from './script.ts'

/** A small server that speaks streaming Chat Completions on loopback. */
export interface ChatServer extends AsyncDisposable {
  /** Where its API begins. */
  readonly baseUrl: string
}

/** Opens a server on a free port of the loopback interface. */
export async function openChatServer(answer: (request: ChatRequest) => ScriptedAnswer): Promise<ChatServer> {
  const server = createServer((request, response) => {
    serve(request, response, answer).catch((error: unknown) => response.destroy(toError(error)))
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await listening
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections() // clients keep theirs open for a next request
      await closed
    },
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: ChatRequest) => ScriptedAnswer,
): Promise<void> {
  response.setHeader('x-request-id', `req_${crypto.randomUUID()}`)
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    refuse(
      response,
      404,
      `there is no ${request.method ?? ''} ${request.url ?? ''} here, only POST /v1/chat/completions`,
    )
    return
  }
  const body = await readText(request)
  let chat: ChatRequest
  try {
    chat = parseChatRequest(body)
  } catch (error) {
    refuse(response, 400, toError(error).message)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const chunk of chunksOf(answer(chat), { model: chat.model, promptLength: body.length })) {
    response.write(`data: ${chunk}\n\n`)
    await setImmediate() // every chunk travels alone, as from a model that is still thinking
  }
  response.end('data: [DONE]\n\n')
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }))
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}

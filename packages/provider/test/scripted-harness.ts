import { toBase64 } from '@starling/event'

import {
  answerTo,
  type ConformanceScenario,
  type OpenedScenario,
  type ProviderHarness,
  type VendorAnswer,
  type VendorReply,
} from '../src/conformance/index.ts'
import {
  errorFromStatus,
  parseRetryAfter,
  partsOf,
  ProviderError,
  type ModelChunk,
  type ModelRequest,
} from '../src/index.ts'
import { createScriptedProvider, replyToChunks, type ScriptedFault, type ScriptedTurn } from '../src/scripted/index.ts'

/** Plays the scenarios of the suite with a scripted provider. */
export const scriptedHarness: ProviderHarness = {
  name: 'scripted',
  earlyUsage: true,
  open: async (scenario) => openScripted(scenario),
}

/** Opens one scenario without waiting. */
export function openScripted(scenario: ConformanceScenario): OpenedScenario {
  const provider = createScriptedProvider({
    turns: (_request, callIndex) => turnOf(answerTo(scenario, callIndex)),
    responseHash: 'chunks',
  })
  return {
    provider,
    requests: () => provider.requests.map((request) => ({ url: '', headers: {}, body: asBody(request) })),
    openConnections: () => provider.activeCalls,
    async [Symbol.asyncDispose]() {},
  }
}

function turnOf(answer: VendorAnswer): ScriptedTurn {
  switch (answer.type) {
    case 'reply':
      return replyTurn(answer)
    case 'status': {
      const retryAfterMs = parseRetryAfter(new Headers(answer.headers), 0)
      const error = errorFromStatus(answer.status, `scripted status ${answer.status}`, { retryAfterMs })
      return { fault: { kind: 'error', error } }
    }
    case 'unreachable':
      return { fault: { kind: 'error', error: broken() } }
    case 'silence':
      return { fault: { kind: 'hang' } }
  }
}

function replyTurn({ reply, ending }: VendorAnswer & { type: 'reply' }): ScriptedTurn {
  const chunks = replyChunks(reply)
  const afterChunks = chunks.findIndex((chunk) => chunk.type === 'end')
  const cut = new ProviderError('PROVIDER_INVALID_STREAM', 'the script was cut', { retryable: true })
  const faults: Record<typeof ending, ScriptedFault | undefined> = {
    complete: undefined,
    cut: { kind: 'error', afterChunks, error: cut },
    unterminated: { kind: 'error', afterChunks, error: cut },
    garbage: { kind: 'error', afterChunks, error: cut },
    disconnect: { kind: 'error', afterChunks, error: broken() },
    error: { kind: 'error', afterChunks },
    silence: { kind: 'hang', afterChunks },
  }
  return { chunks, fault: faults[ending] }
}

function replyChunks(reply: VendorReply): ModelChunk[] {
  const toolCalls = reply.toolCalls.map((call) => ({
    id: call.callId,
    name: call.name,
    arguments: call.argumentPieces,
  }))
  const chunks = replyToChunks({ ...reply, toolCalls })
  // Early, as of a vendor that names it with the first event.
  return [...chunks.filter(({ type }) => type === 'usage'), ...chunks.filter(({ type }) => type !== 'usage')]
}

function broken(): ProviderError {
  return new ProviderError('PROVIDER_NETWORK', 'scripted disconnection', { retryable: true })
}

/** A request as a vendor would see it: answers as their parts, bytes as base64. */
export function asBody(request: ModelRequest): unknown {
  const messages = request.messages.map((message) =>
    message.role === 'assistant' ? { role: message.role, parts: partsOf(message) } : message,
  )
  const replacer = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? toBase64(value) : value)
  return JSON.parse(JSON.stringify({ ...request, messages }, replacer))
}

import {
  errorFromStatus,
  isProviderError,
  parseRetryAfter,
  partsOf,
  ProviderError,
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
} from '@starling/provider'
import {
  answerTo,
  describeProvider,
  type ConformanceScenario,
  type ProviderHarness,
  type VendorAnswer,
} from '@starling/provider/conformance'
import {
  createScriptedProvider,
  replyToChunks,
  type ScriptedFault,
  type ScriptedProvider,
  type ScriptedTurn,
} from '@starling/provider/scripted'
import { toBase64 } from '@starling/event'
import { expect } from 'vitest'
import { createCooldowns, createResilientProvider } from '../src/index.ts'
import { fails } from './support/calls.ts'

/** The wrapper alone: one candidate, one attempt. */
describeProvider(
  harness('one candidate', (vendor) =>
    createResilientProvider({
      candidates: [{ provider: vendor }],
      attempts: { maxAttempts: 1 },
      breaker: false,
      cooldowns: createCooldowns(),
    }),
  ),
)

/** The scenarios as a fallback plays them, after a primary that fails. */
describeProvider(
  harness('a fallback', (vendor) =>
    createResilientProvider({
      candidates: [
        { provider: createScriptedProvider({ id: 'broken', turns: () => fails('PROVIDER_BILLING') }) },
        { provider: vendor },
      ],
      attempts: { maxAttempts: 2, maxAttemptsPerCandidate: 1 },
      policy: { PROVIDER_BILLING: { cooldownMs: 0 } },
      breaker: false,
      cooldowns: createCooldowns(),
    }),
  ),
)

/** The scenarios as the second key of a vendor plays them. */
describeProvider(
  harness('a second key', (vendor) =>
    createResilientProvider({
      candidates: [
        {
          keys: ['refused', 'accepted'],
          provider: (key) => {
            if (key === 'accepted') return vendor
            return createScriptedProvider({ id: vendor.info.id, turns: () => fails('PROVIDER_AUTH') })
          },
        },
      ],
      attempts: { maxAttempts: 1 },
      breaker: false,
      cooldowns: createCooldowns(),
    }),
  ),
)

function harness(name: string, wrap: (vendor: Provider) => Provider): ProviderHarness {
  return {
    name: `resilient, ${name}`,
    async open(scenario) {
      const vendor = vendorOf(scenario)
      return {
        provider: unwrapFailures(wrap(vendor)),
        requests: () => vendor.requests.map((request) => ({ url: '', headers: {}, body: bodyOf(request) })),
        openConnections: () => vendor.activeCalls,
        async [Symbol.asyncDispose]() {},
      }
    },
  }
}

/**
 * A resilient provider throws every failure as its last word: not retryable,
 * with the vendor's own error as the cause. The suite wants to see that one.
 */
function unwrapFailures(provider: Provider): Provider {
  return {
    info: provider.info,
    capabilities: provider.capabilities,
    async *stream(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelChunk> {
      try {
        yield* provider.stream(request, options)
      } catch (error) {
        if (!isProviderError(error)) throw error
        expect(error.retryable).toBe(false)
        throw isProviderError(error.cause) ? error.cause : error
      }
    },
  }
}

/** A vendor that plays a scenario without a network. */
function vendorOf(scenario: ConformanceScenario): ScriptedProvider {
  return createScriptedProvider({
    turns: (_request, callIndex) => turnOf(answerTo(scenario, callIndex)),
    responseHash: 'chunks',
  })
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
      return { fault: { kind: 'error', error: disconnected() } }
    case 'silence':
      return { fault: { kind: 'hang' } }
  }
}

function replyTurn({ reply, ending }: VendorAnswer & { type: 'reply' }): ScriptedTurn {
  const toolCalls = reply.toolCalls.map(({ callId, name, argumentPieces }) => {
    return { id: callId, name, arguments: argumentPieces }
  })
  const chunks = replyToChunks({ ...reply, toolCalls })
  const afterChunks = chunks.findIndex((chunk) => chunk.type === 'usage')
  const cut = new ProviderError('PROVIDER_INVALID_STREAM', 'the script was cut', { retryable: true })
  const faults: Record<typeof ending, ScriptedFault | undefined> = {
    complete: undefined,
    // The end never comes, and nobody says so: the wrapper has to notice.
    cut: { kind: 'eof', afterChunks },
    unterminated: { kind: 'eof' },
    garbage: { kind: 'error', afterChunks, error: cut },
    disconnect: { kind: 'error', afterChunks, error: disconnected() },
    error: { kind: 'error', afterChunks },
    silence: { kind: 'hang', afterChunks },
  }
  return { chunks, fault: faults[ending] }
}

function disconnected(): ProviderError {
  return new ProviderError('PROVIDER_NETWORK', 'scripted disconnection', { retryable: true })
}

/** A request as a vendor would see it: answers as their parts, bytes as base64. */
function bodyOf(request: ModelRequest): unknown {
  const messages = request.messages.map((message) =>
    message.role === 'assistant' ? { role: message.role, parts: partsOf(message) } : message,
  )
  const replacer = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? toBase64(value) : value)
  return JSON.parse(JSON.stringify({ ...request, messages }, replacer))
}

import type { ModelRequest, Provider } from '@starling/provider'
import {
  openLoopbackServer,
  respondInParts,
  type LoopbackServer,
  type Respond,
} from '@starling/provider-http/conformance'
import { createOpenAIProvider } from '@starling/providers-openai'
import { createCooldowns, createResilientProvider, type ResilientProviderOptions } from '../../src/index.ts'
import { outcomeOf, REQUEST, type Outcome } from './calls.ts'
import { createFakeTime } from './fake-time.ts'

/** When it is, for all who answer and ask here. */
export const CLOCK_MS: number = Date.UTC(2026, 10, 21, 12, 0, 0)

/** A server that answers call after call; the last answer repeats. */
export function openVendor(responses: readonly Respond[]): Promise<LoopbackServer> {
  let calls = 0
  return openLoopbackServer((response, request) => {
    const respond = responses[Math.min(calls, responses.length - 1)]
    calls += 1
    return respond?.(response, request)
  })
}

/** A provider whose vendor is the server. */
export function at({ url }: LoopbackServer, apiKey: string | null = null, providerId = 'loopback'): Provider {
  return createOpenAIProvider({ baseUrl: `${url}/v1`, apiKey, providerId, now: () => CLOCK_MS, env: {} })
}

/** Asks, with a clock that only moves when somebody sleeps, and reads to the end. */
export async function callAll(
  options: ResilientProviderOptions,
  request: ModelRequest = REQUEST,
): Promise<{ readonly outcome: Outcome; readonly sleeps: readonly number[] }> {
  const time = createFakeTime(CLOCK_MS)
  const provider = createResilientProvider({ cooldowns: createCooldowns(), now: time.now, ...options })
  const outcome = await outcomeOf(provider.stream(request, { sleep: time.sleep, random: () => 0 }))
  return { outcome, sleeps: time.sleeps }
}

/** One event of an answer. */
export function chunk(content: string): string {
  return `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content } }] })}\n\n`
}

/** Answers with a text, whole. */
export function answers(content: string): Respond {
  const finish = JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  return respondInParts([chunk(content), `data: ${finish}\n\n`, 'data: [DONE]\n\n'])
}

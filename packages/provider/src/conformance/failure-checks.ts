import { isStarlingError } from '@starling/event'
import { expect, vi } from 'vitest'

import { checkChunks } from '../check-chunks.ts'
import type { ProviderError, ProviderErrorCode } from '../provider-error.ts'
import type { ModelChunk, Usage } from '../provider.ts'
import { expectAnswer, replyOf } from './answer-checks.ts'
import { collectAnswer } from './collect-answer.ts'
import { call, type ProviderCheck } from './provider-check.ts'
import type { OpenedScenario } from './provider-harness.ts'
import { CONFORMANCE_KEY, SCENARIOS, type ScenarioName } from './scenarios.ts'

// Whether it failed or had too much to do is for the vendor's own words to say.
const OF_THE_VENDOR: readonly ProviderErrorCode[] = ['PROVIDER_SERVER', 'PROVIDER_OVERLOADED']

/** What a call that goes wrong rejects with. */
export const FAILURE_CHECKS: readonly ProviderCheck[] = [
  failsByStatus(400, 'PROVIDER_REJECTED'),
  failsByStatus(401, 'PROVIDER_AUTH'),
  failsByStatus(403, 'PROVIDER_AUTH'),
  failsByStatus(404, 'PROVIDER_REJECTED'),
  failsByStatus(429, 'PROVIDER_RATE_LIMIT'),
  failsByStatus(500, 'PROVIDER_SERVER'),
  failsByStatus(503, 'PROVIDER_OVERLOADED'),
  failsByStatus(529, 'PROVIDER_OVERLOADED'),
  fails('retry-after', 'the seconds of retry-after are reported in milliseconds', {
    code: 'PROVIDER_RATE_LIMIT',
    retryAfterMs: 7000,
  }),
  fails('retry-after-ms', 'retry-after-ms counts before retry-after', {
    code: 'PROVIDER_OVERLOADED',
    retryAfterMs: 1500,
  }),
  fails('error-page', 'an error page of a proxy is classified by its status', { code: 'PROVIDER_SERVER', status: 502 }),
  fails('error-without-body', 'a failure without a body is classified', { code: 'PROVIDER_SERVER', status: 500 }),
  fails('unreachable', 'a vendor that cannot be reached is a network failure', {
    code: 'PROVIDER_NETWORK',
    retryable: true,
  }),
  fails('disconnect', 'a connection that breaks is a network failure', { code: 'PROVIDER_NETWORK', retryable: true }),
  fails('cut', 'an answer that is cut off is an error', { code: 'PROVIDER_INVALID_STREAM', retryable: true }),
  fails('cut-tool-call', 'a tool call that is cut off is an error', {
    code: 'PROVIDER_INVALID_STREAM',
    retryable: true,
  }),
  fails('unterminated', "an answer without the vendor's last marker is an error", { code: 'PROVIDER_INVALID_STREAM' }),
  fails('error-in-stream', 'an error inside the stream is a failure of the vendor', { code: OF_THE_VENDOR }),
  fails('error-first-in-stream', 'an error before any content is a failure of the vendor', { code: OF_THE_VENDOR }),
  fails('garbage', 'a stream that is not in the protocol is an error', { code: 'PROVIDER_INVALID_STREAM' }),
  {
    title: 'the text before an error inside the stream arrives',
    scenario: 'error-in-stream',
    async run(opened) {
      let text = ''
      const error = await failureOf(call(opened), (chunk) => (text += chunk.type === 'text-delta' ? chunk.text : ''))
      const said = replyOf(SCENARIOS['error-in-stream'][0]).text.join('')
      if (text !== said) expect.fail(`expected "${said}" before the error, got "${text}" and then ${String(error)}`)
    },
  },
  reportsUsageBefore('cut', 'the usage that came before an answer was cut off arrives'),
  reportsUsageBefore('disconnect', 'the usage that came before a connection broke arrives'),
  reportsUsageBefore('error-in-stream', 'the usage that came before an error inside the stream arrives'),
  {
    title: 'a provider that failed answers the next call',
    scenario: 'failure-then-text',
    async run(opened, harness) {
      await failureOf(call(opened))
      expectAnswer(await collectAnswer(call(opened)), replyOf(SCENARIOS['failure-then-text'][1]), harness)
    },
  },
]

/** Waits until the provider holds no connection any more. */
export async function expectReleased(opened: OpenedScenario): Promise<void> {
  await vi.waitFor(() => expect(opened.openConnections(), 'open connections').toBe(0), { timeout: 2000, interval: 5 })
}

type ExpectedFailure = Partial<Pick<ProviderError, 'retryable' | 'status' | 'retryAfterMs'>> & {
  readonly code: ProviderErrorCode | readonly ProviderErrorCode[]
}

function failsByStatus(status: 400 | 401 | 403 | 404 | 429 | 500 | 503 | 529, code: ProviderErrorCode): ProviderCheck {
  const retryable = status === 429 || status >= 500
  return fails(`status-${status}`, `status ${status} is ${code}`, { code, status, retryable, retryAfterMs: undefined })
}

function fails(scenario: ScenarioName, title: string, expected: ExpectedFailure): ProviderCheck {
  return {
    title,
    scenario,
    async run(opened) {
      const error = await failureOf(call(opened))
      const { code, ...details } = expected
      expectCode(error, [code].flat())
      expect(error).toMatchObject(details)
      expect(error).toHaveProperty('message', expect.stringMatching(/^\S[^\n]*$/))
      for (const text of textsIn(error)) expect(text).not.toContain(CONFORMANCE_KEY)
      await expectReleased(opened)
    },
  }
}

/** What the vendor had counted by then is what the failed answer costs, as far as anybody knows. */
function reportsUsageBefore(scenario: ScenarioName, title: string): ProviderCheck {
  return {
    title,
    scenario,
    ofVendor: 'earlyUsage',
    async run(opened, harness) {
      const reply = replyOf(SCENARIOS[scenario][0])
      let usage: Usage | undefined
      await failureOf(call(opened), (chunk) => (usage = chunk.type === 'usage' ? chunk.usage : usage))
      const { input, cacheRead, cacheWrite } = (harness.carries?.(reply) ?? reply).usage
      expect(usage, 'the usage before the failure').toMatchObject({ input, cacheRead, cacheWrite })
    },
  }
}

/** Says in its own failure what the provider said: the code alone helps nobody. */
function expectCode(error: unknown, codes: readonly ProviderErrorCode[]): void {
  if (!isStarlingError(error)) expect.fail(`not a StarlingError: ${String(error)}`)
  if (!codes.some((code) => code === error.code)) {
    expect.fail(`expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`)
  }
}

async function failureOf(
  source: AsyncIterable<ModelChunk>,
  look: (chunk: ModelChunk) => void = () => undefined,
): Promise<unknown> {
  try {
    for await (const chunk of withoutEndCheck(source)) look(chunk)
  } catch (error) {
    return error
  }
  throw new RangeError('the call ended as if its answer were whole')
}

/** Checks the order of the chunks, but leaves it to the provider to notice a missing end. */
async function* withoutEndCheck(source: AsyncIterable<ModelChunk>): AsyncIterable<ModelChunk> {
  let sourceEnded = false
  const watched = (async function* (): AsyncIterable<ModelChunk> {
    yield* source
    sourceEnded = true
  })()
  try {
    yield* checkChunks(watched)
  } catch (error) {
    if (!sourceEnded) throw error
  }
}

/** Every text that printing or logging `value` could show. */
function textsIn(value: unknown, seen: Set<unknown> = new Set()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const own = Reflect.ownKeys(value).flatMap((key) => [String(key), ...textsIn(Reflect.get(value, key), seen)])
  const items = value instanceof Headers || value instanceof Map ? [...value] : []
  return [...own, ...items.flatMap((item) => textsIn(item, seen))]
}

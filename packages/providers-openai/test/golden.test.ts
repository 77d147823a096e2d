import { isProviderError, type ModelChunk } from '@starling/provider'
import { isJsonObject } from '@starling/provider-http'
import {
  collectUntilFailure,
  goldenChunks,
  type GoldenReading,
  goldenRequest,
  type GoldenStream,
  openLoopbackServer,
  respondWith,
} from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { providerFor } from './support/chunks.ts'
import golden from './fixtures/golden/sse.json' with { type: 'json' }

// Recorded from the reference implementation: what its adapters sent for a
// request, and which chunks they made of a response. See the cases below for
// where ours differs, and why.

// The recording is of several adapters, each with fields of its own: only what all share is typed.
const CASES = (golden.cases as unknown as readonly GoldenStream[]).filter(
  ({ case: { adapter } }) => adapter === 'openai' || adapter === 'openrouter',
)

/** What ours makes of a response instead, and why. */
interface Difference {
  readonly reason: string
  /** The chunks before the failure or the end. Default: the recorded ones, with the usage before the calls end. */
  readonly chunks?: readonly ModelChunk[]
  readonly errorCode?: string
  readonly end?: { readonly hash: string; readonly requestId: string }
}

const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'openai-tool-calls-parallel': {
    reason: 'the usage is passed on as soon as it is told: a cut before the end must not hide what was used',
  },
  'openai-truncated': {
    reason: 'the stream closes without finish_reason and without [DONE]: the answer was cut off, not complete',
    chunks: [{ type: 'text-delta', text: 'x' }],
    errorCode: 'PROVIDER_INVALID_STREAM',
  },
  'openrouter-comment-line': {
    reason: 'a keep-alive comment carries no data and must not end the stream; reasoning is passed on',
    chunks: [
      { type: 'reasoning-delta', text: 'think' },
      { type: 'text-delta', text: 'x' },
      { type: 'usage', usage: { input: 7, cacheRead: 4, cacheWrite: 0, output: 5, reasoning: 0 } },
    ],
    // The same events without the comment hash to this in the recording.
    end: { hash: '1f9df8479959336b5ccf72fc95ea8bb40440bbf3554b0fcff5d4ac840c80ae1b', requestId: 'req_R' },
  },
  'openrouter-reasoning-no-comment': {
    reason: 'the reference drops reasoning that this vendor sends in `reasoning`; ours passes it on',
    chunks: [
      { type: 'reasoning-delta', text: 'think' },
      { type: 'text-delta', text: 'x' },
      { type: 'usage', usage: { input: 7, cacheRead: 4, cacheWrite: 0, output: 5, reasoning: 0 } },
    ],
    end: { hash: '1f9df8479959336b5ccf72fc95ea8bb40440bbf3554b0fcff5d4ac840c80ae1b', requestId: 'req_R' },
  },
}

const CODE_BY_CLASS: Readonly<Record<string, string>> = { rate_limit: 'PROVIDER_RATE_LIMIT' }

describe('golden streams of the reference', () => {
  test('every difference names a recorded case', () => {
    const names = CASES.map(({ case: { name } }) => name)
    expect(Object.keys(DIFFERENCES).filter((name) => !names.includes(name))).toEqual([])
    expect(names).toHaveLength(9)
  })

  for (const recorded of CASES) {
    const { name } = recorded.case
    const difference = DIFFERENCES[name]

    test(`${name}: the request is the recorded one`, async () => {
      const { requests } = await play(recorded)
      const [expected, ...others] = recorded.http_requests ?? []
      expect(others).toEqual([])
      expect(requests).toHaveLength(1)
      const [sent] = requests
      expect(sent?.body).toEqual(expected?.body)
      expect({ method: sent?.method, path: sent?.path }).toEqual({ method: expected?.method, path: expected?.path })
      // The reference's library asks for JSON although it wants a stream.
      const { accept: _, ...headers } = expected?.headers ?? {}
      expect(sent?.headers).toMatchObject(headers)
    })

    test(`${name}: ${difference?.reason ?? 'the chunks are the recorded ones, and so is the hash'}`, async () => {
      const { chunks, error } = await play(recorded)
      expect(chunks).toEqual(expectedChunks(recorded))
      expect(error === undefined ? undefined : codeOf(error)).toBe(expectedCode(recorded))
    })
  }

  test('a 429 carries its status and the words of the vendor', async () => {
    const { error } = await play(caseNamed('openai-http-429'))
    expect(error).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', status: 429, retryable: false })
    expect(String(error)).toContain('answered 429: Rate limit reached (rate_limit_exceeded, requests)')
  })
})

async function play(recorded: GoldenStream) {
  const { response_status, response_headers, response_body } = recorded.case
  await using server = await openLoopbackServer(respondWith(response_status, response_body, response_headers))
  const provider = providerFor(server.url, {
    providerId: recorded.provider_id,
    apiVersion: recorded.api_version,
    ...(recorded.case.adapter === 'openrouter' && {
      headers: { 'http-referer': 'https://ref.example', 'x-title': 'T' },
    }),
  })
  expect(provider.info).toEqual({ id: recorded.provider_id, apiVersion: recorded.api_version })
  return { ...(await collectUntilFailure(provider.stream(goldenRequest(recorded)))), requests: server.requests }
}

function expectedCode(recorded: GoldenStream): string | undefined {
  const difference = DIFFERENCES[recorded.case.name]
  if (difference !== undefined) return difference.errorCode
  const [errorClass] = recorded.stream_error_classes ?? []
  return errorClass === undefined ? undefined : CODE_BY_CLASS[errorClass]
}

function codeOf(error: unknown): string {
  return isProviderError(error) ? error.code : String(error)
}

// The reference counts cached tokens twice: in `input` and in `cache_read`.
const READING: GoldenReading = {
  stopReasons: { stop: 'stop', tool_calls: 'tool_use', '': 'other' },
  isCacheInInput: true,
}

function expectedChunks(recorded: GoldenStream): unknown[] {
  const difference = DIFFERENCES[recorded.case.name]
  if (difference === undefined) return goldenChunks(recorded.chunks, READING)
  if (difference.chunks === undefined) return usageFirst(goldenChunks(recorded.chunks, READING))
  if (difference.end === undefined) return [...difference.chunks]
  const { hash, requestId } = difference.end
  const end = { kind: 'ChunkEnd', stop_reason: 'stop', raw_response_hash_hex: hash, provider_request_id: requestId }
  return [...difference.chunks, ...goldenChunks([end], READING)]
}

function usageFirst(chunks: readonly unknown[]): unknown[] {
  const isOf = (type: string) => (chunk: unknown) => isJsonObject(chunk) && chunk['type'] === type
  const others = chunks.filter((chunk) => !isOf('usage')(chunk))
  const firstEnd = others.findIndex(isOf('tool-call-end'))
  return [...others.slice(0, firstEnd), ...chunks.filter(isOf('usage')), ...others.slice(firstEnd)]
}

function caseNamed(name: string): GoldenStream {
  const found = CASES.find((recorded) => recorded.case.name === name)
  if (found === undefined) throw new Error(`no golden case ${name}`)
  return found
}

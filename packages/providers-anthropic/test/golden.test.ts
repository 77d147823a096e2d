import { isProviderError } from '@starling/provider'
import {
  collectUntilFailure,
  goldenChunks,
  goldenRequest,
  type GoldenStream,
  openLoopbackServer,
  respondWith,
  withUsageLast,
} from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import golden from './fixtures/golden/sse.json' with { type: 'json' }
import { providerFor } from './support/provider.ts'

// Recorded from the reference implementation: what its adapter sent for a
// request, and which chunks it made of a response. See the cases below for
// where ours differs, and why.

interface GoldenBody {
  readonly max_tokens: number
  readonly messages: readonly object[]
}

// The fields of the recording depend on the case: only what all share is typed.
const CASES = golden.cases as unknown as readonly GoldenStream<GoldenBody>[]

/** What ours makes of a case instead, and why. */
interface Difference {
  readonly reason: string
  /** The fields of the body that are different. */
  readonly body?: object
  /** The error, instead of the end and of the usage before it. */
  readonly errorCode?: string
}

const TOOL_RESULT = { type: 'tool_result' }

const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'anthropic-history-request': {
    reason: 'the results of one answer share a message, with what the user says next: the vendor wants them together',
    body: {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'do <it>' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'ok' },
            { type: 'tool_use', id: 'call_1', name: 'calc', input: { a: 1, b: [2] } },
            { type: 'tool_use', id: 'call_2', name: 'calc', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { ...TOOL_RESULT, tool_use_id: 'call_1', is_error: false, content: [{ type: 'text', text: '{"r":1}' }] },
            { ...TOOL_RESULT, tool_use_id: 'call_2', is_error: true, content: [{ type: 'text', text: 'boom' }] },
            { type: 'text', text: 'and é?' },
          ],
        },
      ],
    },
  },
  'anthropic-cache-annotation': {
    reason: 'a request marks its last message as a whole, not single messages',
    body: {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'long' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'a' }] },
        { role: 'user', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }] },
      ],
    },
  },
  'anthropic-tool-use-flat-params': {
    reason: 'the schema is whole: the library of the reference loses additionalProperties',
    body: {
      tools: [
        {
          name: 'calc',
          description: 'Adds',
          input_schema: {
            type: 'object',
            properties: { a: { type: 'integer' } },
            required: ['a'],
            additionalProperties: false,
          },
        },
      ],
    },
  },
  'anthropic-truncated-stream': {
    reason: 'the stream closes without message_stop: the answer was cut off, not complete',
    errorCode: 'PROVIDER_INVALID_STREAM',
  },
  'anthropic-error-event': {
    reason: 'the type of the error is classified',
    errorCode: 'PROVIDER_OVERLOADED',
  },
  'anthropic-http-401': { reason: 'a failed response is classified', errorCode: 'PROVIDER_AUTH' },
}

// The reference cannot send a nested parameter: it fails before it sends anything.
const NESTED = 'anthropic-nested-params-refused'

describe('golden streams of the reference', () => {
  test('every difference names a recorded case', () => {
    const names = CASES.map(({ case: { name } }) => name)
    expect(Object.keys(DIFFERENCES).filter((name) => !names.includes(name))).toEqual([])
    expect(names).toHaveLength(10)
  })

  for (const recorded of CASES.filter(({ case: { name } }) => name !== NESTED)) {
    const { name } = recorded.case
    const difference = DIFFERENCES[name]

    test(`${name}: the request is the recorded one, but for its limit${reasonOf(difference?.body, difference)}`, async () => {
      const { requests } = await play(recorded)
      const [expected] = recorded.http_requests ?? []
      expect(requests).toHaveLength(1)
      expect(requests[0]?.path).toBe(expected?.path)
      expect(requests[0]?.body).toEqual({
        ...expected?.body,
        // The reference stops every answer after 4096 tokens, unless the agent says otherwise.
        max_tokens: recorded.case.max_output_tokens || 128_000,
        ...difference?.body,
      })
      // The reference's library asks for JSON although it wants a stream.
      const { accept: _, ...headers } = expected?.headers ?? {}
      expect(requests[0]?.headers).toMatchObject(headers)
    })

    test(`${name}: the chunks are the recorded ones, and so is the hash${reasonOf(difference?.errorCode, difference)}`, async () => {
      const { chunks, error } = await play(recorded)
      // The reference keeps the usage to the end, and that of a failure to itself.
      const content = chunks.filter(({ type }) => type !== 'usage' || error === undefined)
      expect(withUsageLast(content)).toEqual(expectedChunks(recorded, difference))
      expect(isProviderError(error) ? error.code : error).toBe(difference?.errorCode)
    })
  }

  test(`${NESTED}: nested parameters are sent as they are`, async () => {
    const recorded = CASES.find(({ case: { name } }) => name === NESTED)
    const flat = CASES.find(({ case: { name } }) => name === 'anthropic-tool-use-flat-params')
    if (recorded === undefined || flat === undefined) throw new Error('a recorded case is missing')
    const { requests, chunks, error } = await play(recorded)
    expect(error).toBeUndefined()
    expect(requests[0]?.body).toMatchObject({ temperature: 0.5, metadata: { user_id: 'u' } })
    expect(withUsageLast(chunks).slice(0, -1)).toEqual(expectedChunks(flat, undefined).slice(0, -1))
  })
})

function reasonOf(differs: unknown, difference: Difference | undefined): string {
  return differs === undefined || difference === undefined ? '' : `; ${difference.reason}`
}

async function play(recorded: GoldenStream) {
  const { response_status, response_headers, response_body } = recorded.case
  await using server = await openLoopbackServer(respondWith(response_status, response_body, response_headers))
  const provider = providerFor({ baseUrl: server.url })
  expect(provider.info).toEqual({ id: recorded.provider_id, apiVersion: recorded.api_version })
  return { ...(await collectUntilFailure(provider.stream(goldenRequest(recorded)))), requests: server.requests }
}

function expectedChunks({ chunks }: GoldenStream, difference: Difference | undefined): unknown[] {
  const kept = (chunks ?? []).filter(
    ({ kind }) => difference?.errorCode === undefined || (kind !== 'ChunkUsage' && kind !== 'ChunkEnd'),
  )
  return goldenChunks(kept, { stopReasons: { end_turn: 'stop', tool_use: 'tool_use' } })
}

import { type AssistantPart, checkChunks, type ModelChunk } from '@starling/provider'
import { collectChunks, partsOfAnswer } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { createBedrockProvider } from '../src/index.ts'
import { bodyText, requestWith } from './support/request.ts'
import { framesOf, readTranscript } from './support/transcript.ts'
import { openVendor, respondWithEvents } from './support/vendor.ts'

describe('an answer as Bedrock streams it', () => {
  test('signed reasoning, text, a tool call and cached tokens', async () => {
    expect(await play('reasoning-and-tool-call')).toMatchInlineSnapshot(`
      [
        {
          "text": "The user wants the weather in Łódź. ",
          "type": "reasoning-delta",
        },
        {
          "text": "I should call get_weather.",
          "type": "reasoning-delta",
        },
        {
          "signature": "EqQBCkYIBxgCKkDsignaturePartOneAndPartTwo==",
          "text": "",
          "type": "reasoning-delta",
        },
        {
          "text": "Let me check ",
          "type": "text-delta",
        },
        {
          "text": "the weather.",
          "type": "text-delta",
        },
        {
          "callId": "tooluse_Yg0uXcMfR0u1N3wq",
          "name": "get_weather",
          "type": "tool-call-start",
        },
        {
          "argumentsText": "{"city"",
          "callId": "tooluse_Yg0uXcMfR0u1N3wq",
          "type": "tool-call-delta",
        },
        {
          "argumentsText": ": "Łódź", "station",
          "callId": "tooluse_Yg0uXcMfR0u1N3wq",
          "type": "tool-call-delta",
        },
        {
          "argumentsText": "": 12345678901234567890}",
          "callId": "tooluse_Yg0uXcMfR0u1N3wq",
          "type": "tool-call-delta",
        },
        {
          "callId": "tooluse_Yg0uXcMfR0u1N3wq",
          "type": "tool-call-end",
        },
        {
          "type": "usage",
          "usage": {
            "cacheRead": 4096,
            "cacheWrite": 512,
            "cacheWriteLong": 512,
            "input": 21,
            "output": 187,
            "reasoning": 0,
          },
        },
        {
          "rawResponseHash": 32,
          "rawStopReason": "tool_use",
          "requestId": "request-1",
          "stopReason": "tool_use",
          "type": "end",
        },
      ]
    `)
  })

  test('tool calls side by side', async () => {
    expect(await play('parallel-tool-calls')).toMatchInlineSnapshot(`
      [
        {
          "text": "I'll look up both.",
          "type": "text-delta",
        },
        {
          "callId": "tooluse_a",
          "name": "lookup",
          "type": "tool-call-start",
        },
        {
          "argumentsText": "{"id":",
          "callId": "tooluse_a",
          "type": "tool-call-delta",
        },
        {
          "argumentsText": "1}",
          "callId": "tooluse_a",
          "type": "tool-call-delta",
        },
        {
          "callId": "tooluse_a",
          "type": "tool-call-end",
        },
        {
          "callId": "tooluse_b",
          "name": "lookup",
          "type": "tool-call-start",
        },
        {
          "argumentsText": "{"id":2}",
          "callId": "tooluse_b",
          "type": "tool-call-delta",
        },
        {
          "callId": "tooluse_b",
          "type": "tool-call-end",
        },
        {
          "callId": "tooluse_c",
          "name": "now",
          "type": "tool-call-start",
        },
        {
          "callId": "tooluse_c",
          "type": "tool-call-end",
        },
        {
          "type": "usage",
          "usage": {
            "cacheRead": 0,
            "cacheWrite": 0,
            "input": 402,
            "output": 96,
            "reasoning": 0,
          },
        },
        {
          "rawResponseHash": 32,
          "rawStopReason": "tool_use",
          "requestId": "request-1",
          "stopReason": "tool_use",
          "type": "end",
        },
      ]
    `)
  })

  test('a tool on the server, and citations', async () => {
    expect(await play('server-tool-and-citations')).toMatchInlineSnapshot(`
      [
        {
          "text": "I will search. ",
          "type": "text-delta",
        },
        {
          "data": "{"toolUse":{"name":"nova_grounding","toolUseId":"tooluse_s1","type":"server_tool_use","input":{"query":"population of Gdynia"}}}",
          "type": "opaque",
        },
        {
          "data": "{"toolResult":{"toolUseId":"tooluse_s1","type":"nova_grounding_result","status":"success","content":[{"json":{"results":[{"url":"https://example.org/gdynia","rank":1}]}}]}}",
          "type": "opaque",
        },
        {
          "text": "Gdynia has about ",
          "type": "text-delta",
        },
        {
          "text": "244 000 inhabitants.",
          "type": "text-delta",
        },
        {
          "citations": [
            "{"title":"Gdynia","source":"https://example.org/gdynia","location":{"web":{"url":"https://example.org/gdynia","domain":"example.org"}}}",
          ],
          "type": "text-end",
        },
        {
          "text": " Older figures are higher.",
          "type": "text-delta",
        },
        {
          "citations": [
            "{"title":"Census","sourceContent":[{"text":"253 000 in 2002"}],"location":{"documentPage":{"documentIndex":0,"start":3,"end":4}}}",
            "{"title":"Census 2","location":{"documentChunk":{"documentIndex":1,"start":0,"end":2}}}",
          ],
          "type": "text-end",
        },
        {
          "type": "usage",
          "usage": {
            "cacheRead": 0,
            "cacheWrite": 0,
            "input": 611,
            "output": 143,
            "reasoning": 0,
          },
        },
        {
          "rawResponseHash": 32,
          "rawStopReason": "end_turn",
          "requestId": "request-1",
          "stopReason": "stop",
          "type": "end",
        },
      ]
    `)
  })

  test('redacted reasoning', async () => {
    expect(await play('redacted-reasoning')).toMatchInlineSnapshot(`
      [
        {
          "data": "RXJyb3I6IHRoaXMgaXMgb3BhcXVl",
          "type": "redacted-reasoning",
        },
        {
          "text": "Visible again.",
          "type": "reasoning-delta",
        },
        {
          "signature": "c2lnMg==",
          "text": "",
          "type": "reasoning-delta",
        },
        {
          "text": "Done.",
          "type": "text-delta",
        },
        {
          "type": "usage",
          "usage": {
            "cacheRead": 0,
            "cacheWrite": 0,
            "input": 50,
            "output": 20,
            "reasoning": 0,
          },
        },
        {
          "rawResponseHash": 32,
          "rawStopReason": "end_turn",
          "requestId": "request-1",
          "stopReason": "stop",
          "type": "end",
        },
      ]
    `)
  })

  test('a guardrail that stepped in', async () => {
    expect(await play('guardrail')).toMatchInlineSnapshot(`
      [
        {
          "text": "Sorry, I cannot talk about that.",
          "type": "text-delta",
        },
        {
          "type": "usage",
          "usage": {
            "cacheRead": 0,
            "cacheWrite": 0,
            "input": 33,
            "output": 9,
            "reasoning": 0,
          },
        },
        {
          "rawResponseHash": 32,
          "rawStopReason": "guardrail_intervened",
          "requestId": "request-1",
          "stopReason": "filtered",
          "type": "end",
        },
      ]
    `)
  })

  test('a failure in the middle', async () => {
    await expect(play('exception-in-stream')).rejects.toMatchObject({
      code: 'PROVIDER_SERVER',
      retryable: true,
      message: expect.stringContaining(
        'The model produced invalid output. (ModelStreamErrorException, request request-1)',
      ),
    })
  })
})

describe('the next turn', () => {
  test.for(['reasoning-and-tool-call', 'parallel-tool-calls', 'server-tool-and-citations', 'redacted-reasoning'])(
    'what came in %s goes back as it was',
    async (name) => {
      const chunks = await answerOf(name)
      expect(contentSentBack(partsOfAnswer(chunks))).toMatchSnapshot()
    },
  )

  test('the digits of arguments survive the way there and back', async () => {
    const chunks = await answerOf('reasoning-and-tool-call')
    expect(textSentBack(partsOfAnswer(chunks))).toContain('{"city": "Łódź", "station": 12345678901234567890}')
  })
})

/** The chunks of a transcript in a form that is easy to read: hashes and bytes as what they are. */
async function play(name: string): Promise<unknown[]> {
  const chunks = await answerOf(name)
  return chunks.map((chunk) => {
    if (chunk.type === 'end') return { ...chunk, rawResponseHash: chunk.rawResponseHash?.length }
    if (chunk.type !== 'reasoning-delta' || chunk.signature === undefined) return chunk
    return { ...chunk, signature: new TextDecoder().decode(chunk.signature) }
  })
}

async function answerOf(name: string): Promise<ModelChunk[]> {
  await using vendor = await openVendor(respondWithEvents(...framesOf(readTranscript(name))))
  const provider = createBedrockProvider({
    region: 'us-east-1',
    baseUrl: vendor.url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
  })
  return await collectChunks(checkChunks(provider.stream(requestWith())))
}

function textSentBack(parts: readonly AssistantPart[]): string {
  return bodyText({
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', toolUses: [], parts },
    ],
  })
}

function contentSentBack(parts: readonly AssistantPart[]): unknown {
  const body: unknown = JSON.parse(textSentBack(parts))
  return Reflect.get(Object(Reflect.get(Object(Reflect.get(Object(body), 'messages')), '1')), 'content')
}

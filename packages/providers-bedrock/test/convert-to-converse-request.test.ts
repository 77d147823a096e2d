import { utf8Encode } from '@starling/event'
import type { Message } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { bodyOf, bodyText } from './support/request.ts'

const SEARCH = {
  name: 'search',
  description: 'Searches the handbook.',
  inputSchema: '{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}',
}

describe('the body of a request', () => {
  test('a question alone is a message and nothing else', () => {
    expect(bodyText()).toBe('{"messages":[{"role":"user","content":[{"text":"hi"}]}]}')
  })

  test('everything that a request can say', () => {
    expect(
      bodyOf({
        systemPrompt: 'Be brief.',
        tools: [SEARCH],
        toolChoice: 'any',
        stopSequences: ['END'],
        maxOutputTokens: 40_000,
        temperature: 0,
        topP: 0.9,
        topK: 40,
        reasoningEffort: 'high',
        responseFormat: { type: 'json-schema', name: 'answer', schema: '{"type":"object","properties":{}}' },
        cache: { systemPrompt: true, tools: true, messages: true, ttl: '1h' },
        params: {
          serviceTier: 'flex',
          requestMetadata: { team: 'a' },
          additionalModelRequestFields: { x: { y: [1] } },
        },
      }),
    ).toMatchInlineSnapshot(`
      {
        "additionalModelRequestFields": {
          "thinking": {
            "type": "adaptive",
          },
          "top_k": 40,
          "x": {
            "y": [
              1,
            ],
          },
        },
        "inferenceConfig": {
          "maxTokens": 40000,
          "stopSequences": [
            "END",
          ],
          "temperature": 0,
          "topP": 0.9,
        },
        "messages": [
          {
            "content": [
              {
                "text": "hi",
              },
              {
                "cachePoint": {
                  "ttl": "1h",
                  "type": "default",
                },
              },
            ],
            "role": "user",
          },
        ],
        "outputConfig": {
          "effort": "high",
          "textFormat": {
            "structure": {
              "jsonSchema": {
                "name": "answer",
                "schema": "{"type":"object","properties":{},"additionalProperties":false}",
              },
            },
            "type": "json_schema",
          },
        },
        "requestMetadata": {
          "team": "a",
        },
        "serviceTier": {
          "type": "flex",
        },
        "system": [
          {
            "text": "Be brief.",
          },
          {
            "cachePoint": {
              "ttl": "1h",
              "type": "default",
            },
          },
        ],
        "toolConfig": {
          "toolChoice": {
            "any": {},
          },
          "tools": [
            {
              "toolSpec": {
                "description": "Searches the handbook.",
                "inputSchema": {
                  "json": {
                    "properties": {
                      "q": {
                        "type": "string",
                      },
                    },
                    "required": [
                      "q",
                    ],
                    "type": "object",
                  },
                },
                "name": "search",
              },
            },
            {
              "cachePoint": {
                "ttl": "1h",
                "type": "default",
              },
            },
          ],
        },
      }
    `)
  })

  test('settings that ask for nothing are left out', () => {
    expect(bodyOf({ maxOutputTokens: 0, stopSequences: [], toolChoice: '', cache: {}, params: {} })).toEqual(bodyOf())
  })

  test('Claude gets a schema that it takes', () => {
    const schema = '{"type":"object","properties":{"n":{"type":"integer","maximum":12345678901234567890}}}'
    for (const model of ['anthropic.claude-sonnet-4-6', 'us.anthropic.claude-haiku-4-5-20251001-v1:0']) {
      const body = bodyOf({ model, responseFormat: { type: 'json-schema', name: 'answer', schema } })
      const sent =
        '{"type":"object","properties":{"n":{"type":"integer","description":"{maximum: 12345678901234567890}"}},"additionalProperties":false}'
      expect(body).toMatchObject({
        outputConfig: {
          textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: sent, name: 'answer' } } },
        },
      })
    }
  })

  test('to other models the schema of a response format is the exact text', () => {
    const schema = '{"type":"object", "properties":{"n":{"maximum":12345678901234567890}}}'
    const body = bodyOf({
      model: 'qwen.qwen3-32b-v1:0',
      responseFormat: { type: 'json-schema', name: 'answer', schema },
    })
    expect(body).toMatchObject({
      outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema, name: 'answer' } } } },
    })
  })

  test.for([
    [{ model: '' }, 'the request names no model'],
    [
      { responseFormat: { type: 'json-schema', name: 'a', schema: '{' } } as const,
      'the schema of responseFormat is not a JSON object',
    ],
    [
      { temperature: 1, params: { temperature: 0.5 } },
      'params may not set inferenceConfig.temperature: a setting of the request does',
    ],
    [
      { topK: 4, params: { additionalModelRequestFields: { top_k: 5 } } },
      'params may not set additionalModelRequestFields.top_k: a setting of the request does',
    ],
    [
      { reasoningEffort: 'low', params: { outputConfig: { effort: 'high' } } } as const,
      'params may not set outputConfig.effort: a setting of the request does',
    ],
    [{ temperature: Number.NaN }, 'request.inferenceConfig.temperature is NaN, which is not JSON data'],
  ] as const)('%j is refused', ([differing, message]) => {
    expect(() => bodyText(differing)).toThrow(expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }))
  })

  test('settings and parameters that do not meet go out together', () => {
    expect(
      bodyOf({
        topK: 4,
        maxOutputTokens: 100,
        responseFormat: { type: 'json-schema', name: 'a', schema: '{"type":"string"}' },
        params: {
          topP: 0.5,
          additionalModelRequestFields: { seed: 12_345_678_901_234_567_890n },
          outputConfig: { effort: 'low' },
        },
      }),
    ).toMatchObject({
      inferenceConfig: { maxTokens: 100, topP: 0.5 },
      additionalModelRequestFields: { top_k: 4 },
      outputConfig: { effort: 'low', textFormat: { type: 'json_schema' } },
    })
  })

  test('large numbers in parameters keep their digits', () => {
    expect(bodyText({ params: { additionalModelRequestFields: { seed: 12_345_678_901_234_567_890n } } })).toContain(
      '"additionalModelRequestFields":{"seed":12345678901234567890}',
    )
  })
})

describe('what is to be cached', () => {
  const all = { systemPrompt: true, tools: true, messages: true } as const
  const request = { systemPrompt: 'Be brief.', tools: [SEARCH] }

  test('a marker follows each part', () => {
    expect(bodyOf({ ...request, cache: all })).toMatchObject({
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
      toolConfig: { tools: [{ toolSpec: { name: 'search' } }, { cachePoint: { type: 'default' } }] },
      messages: [{ role: 'user', content: [{ text: 'hi' }, { cachePoint: { type: 'default' } }] }],
    })
  })

  test.for(['systemPrompt', 'tools', 'messages'] as const)('%s alone is marked', (place) => {
    expect(markersIn(bodyText({ ...request, cache: { [place]: true } }))).toBe(1)
  })

  test('nothing is marked that is not there', () => {
    expect(markersIn(bodyText({ cache: { systemPrompt: true, tools: true } }))).toBe(0)
  })

  test('the marker of the messages follows the results of tools', () => {
    const body = bodyOf({
      ...request,
      cache: { messages: true },
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: '', toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }] },
        { role: 'tool', callId: 'a', content: '1', isError: false },
      ],
    })
    expect(body).toMatchObject({
      messages: [{}, {}, { content: [{ toolResult: { toolUseId: 'a' } }, { cachePoint: { type: 'default' } }] }],
    })
  })

  test('the time to live goes along', () => {
    expect(bodyText({ ...request, cache: { systemPrompt: true, ttl: '5m' } })).toContain(
      '{"cachePoint":{"type":"default","ttl":"5m"}}',
    )
  })

  test('Nova takes no marker after the tools and no time to live', () => {
    const text = bodyText({ ...request, model: 'us.amazon.nova-2-lite-v1:0', cache: { ...all, ttl: '1h' } })
    expect(markersIn(text)).toBe(2)
    expect(text).not.toContain('ttl')
    expect(JSON.parse(text)).toMatchObject({ toolConfig: { tools: [{ toolSpec: { name: 'search' } }] } })
  })

  test.for(['openai.gpt-oss-120b-1:0', 'cohere.command-r-v1:0', 'us.deepseek.r1-v1:0'])(
    '%s, which refuses markers, gets none',
    (model) => {
      expect(markersIn(bodyText({ ...request, model, cache: all }))).toBe(0)
    },
  )

  test('an inference profile that does not tell its model gets what was asked for', () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123'
    expect(markersIn(bodyText({ ...request, model, cache: all }))).toBe(3)
  })
})

function markersIn(text: string): number {
  return text.split('cachePoint').length - 1
}

const OWN_CALL: Message = {
  role: 'assistant',
  content: '',
  toolUses: [],
  parts: [
    { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
    { type: 'tool-use', callId: 'call-1', name: 'search', arguments: '{}' },
  ],
}
const FOREIGN_CALL: Message = { ...OWN_CALL, providerId: 'bedrock', model: 'amazon.nova-2-lite-v1:0' }
const ASKED: Message = { role: 'user', content: 'go' }
const RESULT: Message = { role: 'tool', callId: 'call-1', content: '1', isError: false }
const BUDGET_MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const DISABLED = { additionalModelRequestFields: { thinking: { type: 'disabled' } } }

describe('a budget of thinking in a tool loop', () => {
  test('that another model began is switched off, and back on when a person speaks', () => {
    const settings = { model: BUDGET_MODEL, reasoningEffort: 'low', topK: 5 } as const
    expect(bodyOf({ ...settings, messages: [ASKED, FOREIGN_CALL, RESULT] })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'disabled' }, top_k: 5 },
      messages: [{}, { content: [{ toolUse: {} }] }, { content: [{ toolResult: {} }] }],
    })
    expect(bodyOf({ ...settings, messages: [ASKED, FOREIGN_CALL, RESULT, OWN_CALL, ASKED] })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'enabled' } },
    })
  })

  test('that began with its own thought stays', () => {
    const messages = [ASKED, OWN_CALL, RESULT]
    expect(bodyOf({ model: BUDGET_MODEL, reasoningEffort: 'low', messages })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'enabled' } },
      messages: [{}, { content: [{ reasoningContent: {} }, { toolUse: {} }] }, {}],
    })
  })

  test('is switched off where another model had a turn in between, and its own thoughts of the loop stay behind', () => {
    const messages = [ASKED, OWN_CALL, RESULT, FOREIGN_CALL, RESULT]
    const text = bodyText({ model: BUDGET_MODEL, reasoningEffort: 'low', messages })
    expect(JSON.parse(text)).toMatchObject(DISABLED)
    expect(text).not.toContain('reasoningContent')
  })

  test('is switched off too where params ask for it', () => {
    const params = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2048 } } }
    const messages = [ASKED, FOREIGN_CALL, RESULT]
    expect(bodyOf({ model: 'anthropic.claude-opus-4-6-v1', params, messages })).toMatchObject(DISABLED)
  })

  test('leaves thinking that decides itself, and other models, as they are', () => {
    const messages = [ASKED, OWN_CALL, RESULT, FOREIGN_CALL, RESULT]
    const adaptive = { model: 'anthropic.claude-sonnet-4-6', reasoningEffort: 'low', messages } as const
    expect(bodyOf(adaptive)).toMatchObject({ additionalModelRequestFields: { thinking: { type: 'adaptive' } } })
    const nova = { model: 'amazon.nova-2-pro-v1:0', reasoningEffort: 'low', messages } as const
    expect(bodyOf(nova)).toMatchObject({ additionalModelRequestFields: { reasoningConfig: { type: 'enabled' } } })
    expect(bodyText(adaptive)).toContain('reasoningContent')
  })
})

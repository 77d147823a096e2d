import { hasCode, utf8Encode } from '@starling/event'
import type {
  BlockedReason,
  Content,
  FinishReason,
  GenerateContentConfig,
  GenerationConfig,
  Part,
  SafetySetting,
  ThinkingLevel,
  Tool,
  ToolConfig,
} from '@google/genai'
import type { ModelRequest, StopReason } from '@starling/provider'
import { collectUntilFailure, createFakeVendor } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { mapStopReason } from '../src/map-stop-reason.ts'
import { sse, sseEnd } from './support/events.ts'
import { bodyOf, HELLO, providerFor } from './support/provider.ts'

/** A type of the SDK with its enums as the texts they are on the wire. */
type Wire<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Wire<T[Name]> }
      : T

/** The body of a request, made of the SDK's own types: it has none for the whole. */
interface GenerateContentBody {
  readonly contents: readonly Wire<Content>[]
  readonly systemInstruction?: Wire<Content>
  readonly tools?: readonly Wire<Tool>[]
  readonly toolConfig?: Wire<ToolConfig>
  readonly generationConfig?: Wire<GenerationConfig>
  readonly safetySettings?: readonly Wire<SafetySetting>[]
  readonly cachedContent?: GenerateContentConfig['cachedContent']
}

const SCHEMA = {
  type: 'object',
  properties: { q: { type: ['string', 'null'], const: 'x' } },
  required: ['q'],
  additionalProperties: false,
}

const HI: Wire<Content> = { role: 'user', parts: [{ text: 'hi' }] }

/** Requests, each with the body that the SDK's types allow for the same. */
const REQUESTS: readonly (readonly [string, Partial<ModelRequest>, GenerateContentBody])[] = [
  [
    'settings',
    {
      systemPrompt: 'Be brief.',
      tools: [{ name: 'search', description: 'Searches.', inputSchema: JSON.stringify(SCHEMA) }],
      toolChoice: 'search',
      model: 'gemini-3.5-flash',
      maxOutputTokens: 4000,
      temperature: 0,
      topP: 0.9,
      topK: 20,
      seed: 0,
      stopSequences: ['END', 'STOP'],
      reasoningEffort: 'medium',
      responseFormat: { type: 'json-schema', name: 'answer', schema: JSON.stringify(SCHEMA) },
    },
    {
      contents: [HI],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      tools: [{ functionDeclarations: [{ name: 'search', description: 'Searches.', parametersJsonSchema: SCHEMA }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['search'] } },
      generationConfig: {
        maxOutputTokens: 4000,
        temperature: 0,
        topP: 0.9,
        topK: 20,
        seed: 0,
        stopSequences: ['END', 'STOP'],
        thinkingConfig: { thinkingLevel: 'MEDIUM', includeThoughts: true },
        responseMimeType: 'application/json',
        responseJsonSchema: SCHEMA,
      },
    },
  ],
  [
    'parameters of the vendor',
    {
      tools: [{ name: 'now', description: '', inputSchema: '' }],
      toolChoice: 'auto',
      seed: 7,
      reasoningEffort: 'low',
      params: {
        presencePenalty: 0.25,
        generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW', thinkingConfig: { includeThoughts: false } },
        tools: [{ googleSearch: {} }, { urlContext: {} }, { codeExecution: {} }],
        toolConfig: { includeServerSideToolInvocations: true },
        safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
        cachedContent: 'cachedContents/abc',
      },
    },
    {
      contents: [HI],
      tools: [
        { functionDeclarations: [{ name: 'now' }] },
        { googleSearch: {} },
        { urlContext: {} },
        { codeExecution: {} },
      ],
      toolConfig: { functionCallingConfig: { mode: 'AUTO' }, includeServerSideToolInvocations: true },
      generationConfig: {
        seed: 7,
        presencePenalty: 0.25,
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: false },
      },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/abc',
    },
  ],
  [
    'attachments',
    {
      messages: [
        {
          role: 'user',
          content: 'see',
          attachments: [
            { type: 'image', mediaType: 'image/png', data: utf8Encode('pixels') },
            { type: 'file', mediaType: 'application/pdf', data: 'https://example.com/a.pdf', name: 'a.pdf' },
          ],
        },
        { role: 'assistant', content: '', toolUses: [{ callId: 'a', name: 'draw', arguments: '{}' }], providerId: 'x' },
        {
          role: 'tool',
          callId: 'a',
          content: '{"ok":true}',
          isError: false,
          attachments: [{ type: 'image', mediaType: 'image/webp', data: utf8Encode('pixels'), name: 'chart' }],
        },
      ],
    },
    {
      contents: [
        {
          role: 'user',
          parts: [
            { inlineData: { mimeType: 'image/png', data: btoa('pixels') } },
            { fileData: { mimeType: 'application/pdf', displayName: 'a.pdf', fileUri: 'https://example.com/a.pdf' } },
            { text: 'see' },
          ],
        },
        {
          role: 'model',
          parts: [
            {
              thoughtSignature: 'skip_thought_signature_validator',
              functionCall: { id: 'a', name: 'draw', args: {} },
            },
          ],
        },
        {
          role: 'user',
          parts: [
            {
              functionResponse: {
                id: 'a',
                name: 'draw',
                response: { result: { ok: true } },
                parts: [{ inlineData: { mimeType: 'image/webp', displayName: 'chart', data: btoa('pixels') } }],
              },
            },
          ],
        },
      ],
    },
  ],
  [
    'a conversation',
    {
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: '',
          toolUses: [],
          parts: [
            { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
            { type: 'text', text: 'Blue.', citations: ['{"groundingMetadata":{"a":1}}'] },
            { type: 'opaque', data: '{"executableCode":{"language":"PYTHON","code":"1"}}' },
            { type: 'opaque', data: '{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}' },
            { type: 'text', text: 'So:', signature: utf8Encode('dGV4dA==') },
            {
              type: 'tool-use',
              callId: 'a',
              name: 'search',
              arguments: '{"q":"x"}',
              signature: utf8Encode('Y2FsbA=='),
            },
            { type: 'tool-use', callId: 'b', name: 'search', arguments: '{"q":"y"}' },
          ],
        },
        { role: 'tool', callId: 'a', content: '["x"]', isError: false },
        { role: 'tool', callId: 'b', content: 'it failed', isError: true },
        { role: 'user', content: 'and now?' },
      ],
    },
    {
      contents: [
        HI,
        {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' },
            { text: 'Blue.' },
            { executableCode: { language: 'PYTHON', code: '1' } },
            { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
            { text: 'So:', thoughtSignature: 'dGV4dA==' },
            { functionCall: { id: 'a', name: 'search', args: { q: 'x' } }, thoughtSignature: 'Y2FsbA==' },
            { functionCall: { id: 'b', name: 'search', args: { q: 'y' } } },
          ] satisfies Wire<Part>[],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a', name: 'search', response: { result: ['x'] } } },
            { functionResponse: { id: 'b', name: 'search', response: { error: 'it failed' } } },
          ],
        },
        { role: 'user', parts: [{ text: 'and now?' }] },
      ],
    },
  ],
]

describe('the body of a request', () => {
  test.for(REQUESTS)("is what the vendor's own types allow: %s", async ([, request, body]) => {
    expect(JSON.parse(await bodyOf(request))).toEqual(body)
  })
})

describe('the reasons to stop', () => {
  // A reason that a later SDK adds fails to compile here.
  const REASONS: Readonly<Record<`${FinishReason}`, StopReason>> = {
    FINISH_REASON_UNSPECIFIED: 'other',
    STOP: 'stop',
    MAX_TOKENS: 'max_tokens',
    SAFETY: 'filtered',
    RECITATION: 'filtered',
    LANGUAGE: 'filtered',
    OTHER: 'error',
    BLOCKLIST: 'filtered',
    PROHIBITED_CONTENT: 'filtered',
    SPII: 'filtered',
    MALFORMED_FUNCTION_CALL: 'error',
    IMAGE_SAFETY: 'filtered',
    UNEXPECTED_TOOL_CALL: 'error',
    TOO_MANY_TOOL_CALLS: 'error',
    IMAGE_PROHIBITED_CONTENT: 'filtered',
    NO_IMAGE: 'error',
    IMAGE_RECITATION: 'filtered',
    IMAGE_OTHER: 'error',
    CONTINUATION: 'max_tokens',
    MALFORMED_RESPONSE: 'error',
  }

  test.for(Object.entries(REASONS))('%s is %s', ([word, reason]) => {
    expect(mapStopReason(word, false)).toBe(reason)
  })

  // The reference names it, the SDK does not.
  test('a missing signature is an error', () => {
    expect(mapStopReason('MISSING_THOUGHT_SIGNATURE', false)).toBe('error')
  })

  test.each([
    ['STOP', 'tool_use'],
    ['MAX_TOKENS', 'max_tokens'],
    ['SAFETY', 'filtered'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
  ])('%s after a tool call is %s', (word, reason) => {
    expect(mapStopReason(word, true)).toBe(reason)
  })

  test('a reason of the future is other, also one that is a name of every object', () => {
    expect(['A_REASON_OF_THE_FUTURE', 'constructor', 'stop'].map((word) => mapStopReason(word, false))).toEqual([
      'other',
      'other',
      'other',
    ])
  })
})

describe('the reasons to block a prompt', () => {
  // A reason that a later SDK adds fails to compile here.
  const BLOCKS: Readonly<Record<`${BlockedReason}`, boolean>> = {
    BLOCKED_REASON_UNSPECIFIED: false,
    SAFETY: true,
    OTHER: true,
    BLOCKLIST: true,
    PROHIBITED_CONTENT: true,
    IMAGE_SAFETY: true,
    MODEL_ARMOR: true,
    JAILBREAK: true,
  }

  test.for(Object.entries(BLOCKS))('%s leaves no answer: %s', async ([blockReason, isBlocked]) => {
    const stream = sse({ promptFeedback: { blockReason } }) + sseEnd('STOP')
    const { error } = await collectUntilFailure(providerFor({ fetch: createFakeVendor(stream).fetch }).stream(HELLO))
    expect(hasCode(error, 'PROVIDER_CONTENT_FILTER')).toBe(isBlocked)
    expect(error === undefined).toBe(!isBlocked)
  })
})

describe('the parameters of the vendor', () => {
  // A field that a later SDK adds fails to compile here.
  const FIELDS: Readonly<Record<keyof GenerationConfig, unknown>> = {
    audioTimestamp: true,
    audioTranscriptionConfig: {},
    candidateCount: 1,
    enableAffectiveDialog: true,
    enableEnhancedCivicAnswers: true,
    frequencyPenalty: 0.5,
    logprobs: 3,
    maxOutputTokens: 10,
    mediaResolution: 'MEDIA_RESOLUTION_LOW',
    modelSelectionConfig: {},
    presencePenalty: 0.5,
    responseFormat: [],
    responseJsonSchema: {},
    responseLogprobs: true,
    responseMimeType: 'text/plain',
    responseModalities: ['TEXT'],
    responseSchema: {},
    routingConfig: {},
    seed: 1,
    speechConfig: {},
    stopSequences: ['END'],
    temperature: 0.5,
    thinkingConfig: { thinkingLevel: 'LOW' satisfies `${ThinkingLevel}` },
    topK: 3,
    topP: 0.5,
    translationConfig: {},
  }

  test.for(Object.entries(FIELDS))('%s is a field of generationConfig, with or without it', async ([name, value]) => {
    const body = JSON.parse(await bodyOf({ params: { [name]: value } }))
    expect(body).toEqual({ contents: [HI], generationConfig: { [name]: value } })
    expect(JSON.parse(await bodyOf({ params: { generationConfig: { [name]: value } } }))).toEqual(body)
  })
})

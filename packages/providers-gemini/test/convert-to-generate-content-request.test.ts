import { utf8Encode } from '@starling/event'
import type { AssistantPart, ModelRequest, ToolMessage } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { convertToGenerateContentRequest } from '../src/convert-to-generate-content-request.ts'
import { HELLO } from './support/provider.ts'

const SEARCH = { name: 'search', description: '', inputSchema: '{"type":"object"}' }

describe('texts that the log holds', () => {
  test('schemas, arguments, results and opaque parts go out digit for digit', () => {
    const schema = '{ "type":"object", "properties":{"n":{"maximum":12345678901234567890,"minimum":1.0}} }'
    const text = bodyText({
      tools: [{ ...SEARCH, inputSchema: schema }],
      responseFormat: { type: 'json-schema', name: 'answer', schema },
      messages: [
        { role: 'user', content: 'hi' },
        answer(
          { type: 'opaque', data: '{"toolCall":{"args":{"n":12345678901234567890}}}' },
          { type: 'tool-use', callId: 'a', name: 'search', arguments: '{"n": 12345678901234567890, "m": 1.0}' },
        ),
        result('a', '[12345678901234567890, 1.0]'),
      ],
    })
    expect(text.split(schema)).toHaveLength(3)
    expect(text).toContain('{"toolCall":{"args":{"n":12345678901234567890}}}')
    expect(text).toContain('"args":{"n": 12345678901234567890, "m": 1.0}')
    expect(text).toContain('"response":{"result":[12345678901234567890, 1.0]}')
  })

  test('large numbers of params keep their digits', () => {
    expect(bodyText({ params: { labels: { n: 12345678901234567890n } } })).toContain('{"n":12345678901234567890}')
  })

  test('an empty request is one content and nothing else', () => {
    expect(bodyText({ maxOutputTokens: 0, toolChoice: '', stopSequences: [], params: {} })).toBe(
      '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
    )
  })

  test.each([
    [{ tools: [{ ...SEARCH, inputSchema: '[]' }] }, 'the input schema of tool "search" is not a JSON object'],
    [
      { responseFormat: { type: 'json-schema', name: 'a', schema: 'nonsense' } },
      'the schema of responseFormat is not a JSON object',
    ],
    [
      { messages: [...HELLO.messages, answer({ type: 'opaque', data: '"text"' })] },
      'an opaque part of the conversation is not a JSON object',
    ],
  ] satisfies [Partial<ModelRequest>, string][])('what is no JSON object is refused: %j', (request, message) => {
    expect(() => bodyText(request)).toThrow(expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }))
  })
})

describe('a format of the answer beside tools', () => {
  const schemaFormat = { type: 'json-schema', name: 'answer', schema: '{"type":"object"}' } as const
  const beside = 'beside tools: leave one of them out, or let the agent ask in words, with outputVia "prompt"'

  test.each<[string, Partial<ModelRequest>, string]>([
    ['a schema', { tools: [SEARCH], responseFormat: schemaFormat }, 'responseFormat'],
    ['plain JSON', { tools: [SEARCH], responseFormat: { type: 'json' } }, 'responseFormat'],
    ['tools of Google', { params: { tools: [{ googleSearch: {} }] }, responseFormat: schemaFormat }, 'responseFormat'],
    [
      'a format of params',
      { tools: [SEARCH], params: { responseMimeType: 'application/json' } },
      'params.responseMimeType "application/json"',
    ],
  ])('%s is refused for the models before Gemini 3, which answer it with a 400', (_, setting, named) => {
    for (const model of ['gemini-2.5-pro', 'models/gemini-2.5-flash', 'gemini-2.0-flash', 'gemini-1.5-pro']) {
      expect(() => bodyText({ model, ...setting })).toThrow(
        expect.objectContaining({
          code: 'PROVIDER_INVALID_OPTIONS',
          message: `${model} takes no ${named} ${beside}`,
        }),
      )
    }
  })

  test.each(['gemini-3-pro-preview', 'gemini-3.8-flash', 'gemini-4-hydrogen', 'some-other-model'])(
    '%s takes both',
    (model) => {
      expect(JSON.parse(bodyText({ model, tools: [SEARCH], responseFormat: schemaFormat }))).toMatchObject({
        tools: [{ functionDeclarations: [{ name: 'search' }] }],
        generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
      })
    },
  )

  test('each alone goes to every model, and so does plain text beside tools', () => {
    const model = 'gemini-2.5-flash'
    expect(bodyText({ model, responseFormat: schemaFormat })).toContain('responseJsonSchema')
    expect(bodyText({ model, tools: [SEARCH] })).toContain('functionDeclarations')
    expect(bodyText({ model, tools: [SEARCH], params: { responseMimeType: 'text/plain' } })).toContain('text/plain')
  })
})

describe('the results of tools', () => {
  test.each([
    ['{"a":1}', false, { result: { a: 1 } }],
    ['"words"', false, { result: 'words' }],
    ['null', false, { result: null }],
    ['plain words', false, { result: 'plain words' }],
    ['', false, { result: '' }],
    ['it failed', true, { error: 'it failed' }],
    ['{"code":7}', true, { error: { code: 7 } }],
    // There it would refer to an attachment.
    ['{"$ref":"#/definitions/a"}', false, { result: '{"$ref":"#/definitions/a"}' }],
  ])('%s, an error: %s', (content, isError, response) => {
    const messages = [...HELLO.messages, calls('a'), { ...result('a', content), isError }]
    expect(contentsOf({ messages }).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: 'a', name: 'tool-a', response } }],
    })
  })

  test('of one answer are one content, of the next one another', () => {
    const messages = [
      ...HELLO.messages,
      calls('a', 'b', 'c'),
      ...['a', 'b', 'c'].map((id) => result(id, '1')),
      calls('d'),
      result('d', '1'),
      { role: 'user', content: 'thanks' } as const,
    ]
    const contents = contentsOf({ messages })
    expect(contents.map(({ role, parts }) => [role, parts.length])).toEqual([
      ['user', 1],
      ['model', 3],
      ['user', 3],
      ['model', 1],
      ['user', 1],
      ['user', 1],
    ])
    expect(contents[2]?.parts.map(nameOf)).toEqual(['tool-a', 'tool-b', 'tool-c'])
  })

  test('find the name of their tool in the parts of an answer too', () => {
    const messages = [
      ...HELLO.messages,
      answer({ type: 'tool-use', callId: 'a', name: 'only-in-parts', arguments: '{}' }),
      result('a', '1'),
    ]
    expect(contentsOf({ messages }).at(-1)?.parts.map(nameOf)).toEqual(['only-in-parts'])
  })

  test('that answer no call are refused', () => {
    expect(() => bodyText({ messages: [...HELLO.messages, result('z', '1')] })).toThrow(
      'a tool message answers the call "z", which no answer before it made',
    )
  })

  test('take no attachments before Gemini 3', () => {
    const attachments = [{ type: 'image', mediaType: 'image/png', data: utf8Encode('x') } as const]
    const messages = [...HELLO.messages, calls('a'), { ...result('a', '1'), attachments }]
    expect(() => bodyText({ model: 'gemini-2.5-pro', messages })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'gemini-2.5-pro takes no images or files in tool results: models from Gemini 3 on do',
      }),
    )
  })
})

describe('earlier answers', () => {
  const parts: readonly AssistantPart[] = [
    { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
    { type: 'reasoning', text: 'b3BhcXVl', redacted: true },
    { type: 'reasoning', text: '' },
    { type: 'text', text: 'Well.', signature: utf8Encode('dGV4dA==') },
    { type: 'text', text: '', citations: ['{}'] },
    { type: 'opaque', data: '{"executableCode":{}}' },
    { type: 'tool-use', callId: 'a', name: 'search', arguments: '', signature: utf8Encode('Y2FsbA==') },
  ]

  test('of the provider itself go back with all that it signed', () => {
    expect(modelParts({ role: 'assistant', content: '', toolUses: [], parts, providerId: 'gemini' })).toEqual([
      { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' },
      { text: 'Well.', thoughtSignature: 'dGV4dA==' },
      { executableCode: {} },
      { functionCall: { id: 'a', name: 'search', args: {} }, thoughtSignature: 'Y2FsbA==' },
    ])
  })

  test('of another provider go back without what only that one understands', () => {
    expect(modelParts({ role: 'assistant', content: '', toolUses: [], parts, providerId: 'other' })).toEqual([
      { text: 'Well.' },
      {
        thoughtSignature: 'skip_thought_signature_validator',
        functionCall: { id: 'a', name: 'search', args: {} },
      },
    ])
  })

  test('of another model go back without its signatures, those of the same one with them', () => {
    const said = { role: 'assistant', content: '', toolUses: [], parts, providerId: 'gemini' } as const
    expect(modelParts({ ...said, model: 'gemini-3-flash-preview' })).toEqual(
      modelParts({ ...said, providerId: 'other' }),
    )
    expect(modelParts({ ...said, model: HELLO.model })).toEqual(modelParts(said))
  })

  test('have a word for calls that nobody signed, once, and only for models that ask for it', () => {
    const message = calls('a', 'b')
    expect(modelParts(message).map((part) => Object.keys(part))).toEqual([
      ['functionCall', 'thoughtSignature'],
      ['functionCall'],
    ])
    expect(modelParts(message, 'gemini-2.5-flash').map((part) => Object.keys(part))).toEqual([
      ['functionCall'],
      ['functionCall'],
    ])
  })

  test('tell of arguments that are no object', () => {
    const use = { type: 'tool-use', callId: 'a', name: 'search', signature: utf8Encode('c2ln') } as const
    expect(modelParts(answer({ ...use, arguments: '{"q":' }, { ...use, arguments: '[1]' }))).toMatchObject([
      { functionCall: { args: { INVALID_JSON: '{"q":' } } },
      { functionCall: { args: { INVALID_JSON: '[1]' } } },
    ])
  })

  test('of nothing are left out', () => {
    const messages = [...HELLO.messages, answer(), { role: 'user', content: 'well?' } as const]
    expect(contentsOf({ messages }).map(({ role }) => role)).toEqual(['user', 'user'])
  })

  test('without parts go back in the order of their fields', () => {
    const message = {
      role: 'assistant',
      content: 'Well.',
      toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }],
      reasoning: [{ text: 'Hm.' }],
    } as const
    expect(modelParts(message, 'gemini-2.5-flash')).toEqual([
      { text: 'Hm.', thought: true },
      { text: 'Well.' },
      { functionCall: { id: 'a', name: 'search', args: {} } },
    ])
  })

  test('an empty message of the user is refused', () => {
    expect(() => bodyText({ messages: [{ role: 'user', content: '' }] })).toThrow('message 0 of the user is empty')
  })
})

describe('the tool choice', () => {
  test.each([
    ['auto', { mode: 'AUTO' }],
    ['any', { mode: 'ANY' }],
    ['required', { mode: 'ANY' }],
    ['none', { mode: 'NONE' }],
    ['search', { mode: 'ANY', allowedFunctionNames: ['search'] }],
  ])('%s', (toolChoice, functionCallingConfig) => {
    const body = JSON.parse(bodyText({ tools: [SEARCH], toolChoice }))
    expect(body.toolConfig).toEqual({ functionCallingConfig })
  })

  test('may be about a tool of the vendor, whose functions only the vendor knows', () => {
    const params = { tools: [{ computerUse: { environment: 'ENVIRONMENT_BROWSER' } }] }
    const body = JSON.parse(bodyText({ toolChoice: 'click_at', params }))
    expect(body.toolConfig).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['click_at'] },
    })
    expect(body.tools).toEqual(params.tools)
  })

  test.each(['auto', 'none'])('%s says nothing where there are no tools', (toolChoice) => {
    expect(bodyText({ toolChoice })).toBe(bodyText({}))
  })

  test.each([
    [{ toolChoice: 'any' }, 'toolChoice is "any", but the request offers no tools'],
    [{ toolChoice: 'lookup', tools: [SEARCH] }, 'toolChoice names the tool "lookup", but the request offers "search"'],
    [
      { toolChoice: 'none', params: { tools: [{ googleSearch: {} }] } },
      'toolChoice is "none", but the vendor may use the tools of params.tools all the same: leave them out',
    ],
  ])('%j cannot be met', (request, message) => {
    expect(() => bodyText(request)).toThrow(expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }))
  })
})

describe('params', () => {
  test.each([
    [{ contents: [] }, 'params may not set "contents": the request itself does'],
    [{ model: 'x', systemInstruction: {} }, 'params may not set "model", "systemInstruction": the request itself does'],
    [{ generation_config: {} }, 'params may not set "generation_config": the request itself does'],
    [{ temperature: 1 }, 'params may not set "generationConfig.temperature": the request itself does'],
    [
      { generationConfig: { temperature: 1 } },
      'params may not set "generationConfig.temperature": the request itself does',
    ],
    [{ topK: 1, generationConfig: { topK: 2 } }, 'params may not set "generationConfig.topK": the request itself does'],
    [
      { thinkingConfig: { thinkingLevel: 'LOW' } },
      'params may not set "generationConfig.thinkingConfig.thinkingLevel": the request itself does',
    ],
    [
      { toolConfig: { functionCallingConfig: { mode: 'AUTO' } } },
      'params may not set "toolConfig.functionCallingConfig.mode": the request itself does',
    ],
    [{ generationConfig: 'odd' }, 'params.generationConfig is not an object'],
    [{ toolConfig: [] }, 'params.toolConfig is not an object'],
    [{ tools: {} }, 'params.tools is not a list of tools'],
    [{ tools: ['googleSearch'] }, 'params.tools is not a list of tools'],
    [
      { candidateCount: 2 },
      'params may not set "generationConfig.candidateCount" to anything but 1: an answer is one candidate',
    ],
    [{ labels: { now: new Date(0) } }, 'params.labels.now is Date, which is not JSON data'],
  ])('%j are refused', (params, message) => {
    const request = { tools: [SEARCH], toolChoice: 'any', temperature: 0.5, reasoningEffort: 'high', params } as const
    expect(() => bodyText(request)).toThrow(expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }))
  })

  test('that are undefined are not there', () => {
    expect(bodyText({ params: { labels: undefined, temperature: undefined } })).toBe(bodyText({}))
  })
})

function bodyText(request: Partial<ModelRequest>): string {
  return convertToGenerateContentRequest({ ...HELLO, ...request }, { providerId: 'gemini' })
}

interface ReadContent {
  readonly role: string
  readonly parts: readonly object[]
}

function contentsOf(request: Partial<ModelRequest>): readonly ReadContent[] {
  const { contents }: { contents: readonly ReadContent[] } = JSON.parse(bodyText(request))
  return contents
}

function modelParts(message: ModelRequest['messages'][number], model = HELLO.model): readonly object[] {
  return contentsOf({ model, messages: [...HELLO.messages, message] })[1]?.parts ?? []
}

function nameOf(part: object): unknown {
  return Reflect.get(Object(Reflect.get(part, 'functionResponse')), 'name')
}

function answer(...parts: readonly AssistantPart[]): ModelRequest['messages'][number] {
  return { role: 'assistant', content: '', toolUses: [], parts }
}

function calls(...ids: readonly string[]): ModelRequest['messages'][number] {
  const toolUses = ids.map((callId) => ({ callId, name: `tool-${callId}`, arguments: '{}' }))
  return { role: 'assistant', content: '', toolUses }
}

function result(callId: string, content: string): ToolMessage {
  return { role: 'tool', callId, content, isError: false }
}

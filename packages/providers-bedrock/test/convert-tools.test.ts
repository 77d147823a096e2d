import type { Message } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { bodyOf, bodyText } from './support/request.ts'

const SEARCH = { name: 'search', description: 'Searches.', inputSchema: '{"type":"object","properties":{}}' }
const LOOKUP = { name: 'lookup', description: '', inputSchema: '' }

const CALLED: Message[] = [
  { role: 'user', content: 'hi' },
  { role: 'assistant', content: '', toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }] },
  { role: 'tool', callId: 'a', content: '1', isError: false },
]

describe('the tools', () => {
  test('a tool has its name, its description and its schema', () => {
    expect(bodyOf({ tools: [SEARCH] })).toMatchObject({
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'search',
              description: 'Searches.',
              inputSchema: { json: { type: 'object', properties: {} } },
            },
          },
        ],
      },
    })
  })

  test('a tool without a description and a schema takes an object', () => {
    expect(bodyText({ tools: [LOOKUP] })).toContain(
      '"toolConfig":{"tools":[{"toolSpec":{"name":"lookup","inputSchema":{"json":{"type":"object"}}}}]}',
    )
  })

  test('a schema is the exact text', () => {
    const inputSchema = '{"type":"object", "properties":{"n":{"maximum":12345678901234567890, "minimum":1.0}}}'
    expect(bodyText({ tools: [{ ...SEARCH, inputSchema }] })).toContain(`{"json":${inputSchema}}`)
  })

  test('a schema that is not JSON is refused under the name of its tool', () => {
    expect(() => bodyOf({ tools: [{ ...SEARCH, inputSchema: '{' }] })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'the input schema of tool "search" is not JSON',
      }),
    )
  })
})

describe('the choice among them', () => {
  test.for([
    ['auto', { auto: {} }],
    ['any', { any: {} }],
    ['required', { any: {} }],
    ['lookup', { tool: { name: 'lookup' } }],
  ] as const)('%s', ([toolChoice, expected]) => {
    expect(bodyOf({ tools: [SEARCH, LOOKUP], toolChoice })).toMatchObject({ toolConfig: { toolChoice: expected } })
  })

  test('without a choice the vendor decides', () => {
    expect(bodyText({ tools: [SEARCH] })).not.toContain('toolChoice')
  })

  test('none leaves the tools out', () => {
    expect(bodyOf({ tools: [SEARCH], toolChoice: 'none' })).not.toHaveProperty('toolConfig')
  })

  test('none without tools is nothing to say', () => {
    expect(bodyOf({ toolChoice: 'none' })).toEqual(bodyOf())
  })

  test.for([
    [
      'none once the conversation has calls',
      { tools: [SEARCH], toolChoice: 'none', messages: CALLED },
      /toolChoice "none" cannot be expressed once/,
    ],
    ['a choice without tools', { toolChoice: 'any' }, /^toolChoice is "any", but the request offers no tools$/],
    [
      'a tool that is not offered',
      { tools: [SEARCH, LOOKUP], toolChoice: 'other' },
      /^toolChoice names the tool "other", but the request offers "search", "lookup"$/,
    ],
  ] as const)('%s is refused', ([, differing, message]) => {
    expect(() => bodyOf(differing)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringMatching(message) }),
    )
  })

  test.for(['us.anthropic.claude-opus-5-5', 'anthropic.claude-sonnet-5-5', 'anthropic.claude-fable-5-2'])(
    '%s cannot be made to call a tool',
    (model) => {
      for (const toolChoice of ['any', 'search']) {
        expect(() => bodyOf({ model, tools: [SEARCH], toolChoice })).toThrow(
          expect.objectContaining({
            code: 'PROVIDER_INVALID_OPTIONS',
            message: `${model} cannot be made to call a tool, so toolChoice cannot be "${toolChoice}"`,
          }),
        )
      }
      expect(bodyOf({ model, tools: [SEARCH], toolChoice: 'auto' })).toMatchObject({
        toolConfig: { toolChoice: { auto: {} } },
      })
    },
  )

  test('a model cannot be made to call a tool while it reasons within a budget, and else it can', () => {
    const forced = { tools: [SEARCH], toolChoice: 'any' }
    const within = { ...forced, model: 'anthropic.claude-opus-4-5-20251101-v1:0' }
    expect(() => bodyOf({ ...within, reasoningEffort: 'low' })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'toolChoice "any" does not go with reasoning: it can be "auto" or "none"',
      }),
    )
    const calling = { toolConfig: { toolChoice: { any: {} } } }
    expect(bodyOf({ ...within, reasoningEffort: 'none' })).toMatchObject(calling)
    expect(bodyOf({ ...forced, model: 'anthropic.claude-opus-5', reasoningEffort: 'low' })).toMatchObject(calling)
  })

  test('a call that only the parts tell of counts too', () => {
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: '',
        toolUses: [],
        parts: [{ type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' }],
      },
    ]
    expect(() => bodyOf({ tools: [SEARCH], toolChoice: 'none', messages })).toThrow('cannot be expressed')
  })
})

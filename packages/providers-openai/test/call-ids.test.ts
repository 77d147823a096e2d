import type { AssistantMessage, Message, Provider } from '@starling/provider'
import type { HttpProviderOptions } from '@starling/provider-http'
import { collectChunks, createFakeVendor } from '@starling/provider-http/conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatCallId, mistralCallId, nameCalls, responsesCallId } from '../src/call-ids.ts'
import {
  createAzureProvider,
  createCompatibleProvider,
  createOpenAIProvider,
  createOpenAIResponsesProvider,
} from '../src/index.ts'
import { HELLO, textAnswer } from './support/chunks.ts'
import { streamOf } from './support/responses.ts'

const READER = { providerId: 'openai', model: 'gpt-test' }

// As Gemini's calls are named here, as vLLM names its own, and longer than anybody does.
const GEMINI_ID = 'call_0b6ab5bb-24ba-4bd7-ae3b-51ab0dd51b0e'
const VLLM_ID = 'chatcmpl-tool-5f1c0dd22e0b4dd5a3a4e3d0f0a3d9a1'
const LONGEST_ID = 'x'.repeat(200)

describe('an id for Chat Completions', () => {
  test('is what it was up to the forty characters that the vendor takes', () => {
    for (const id of ['', 'call_1', 'x'.repeat(40)]) expect(chatCallId(id)).toBe(id)
  })

  test('that is longer is a hash within the limit, the same every time', () => {
    expect(GEMINI_ID).toHaveLength(41)
    expect(chatCallId(GEMINI_ID)).toBe('call_dae28d037f1e147365a82bcbbaf32040')
    fc.assert(
      fc.property(fc.string({ minLength: 41 }), (id) => {
        expect(chatCallId(id)).toMatch(/^call_[0-9a-f]{32}$/)
        expect(chatCallId(id)).toBe(chatCallId(id))
      }),
    )
  })
})

test('an id for the Responses API is what it was up to sixty-four characters, else a hash', () => {
  for (const id of [GEMINI_ID, VLLM_ID, 'x'.repeat(64)]) expect(responsesCallId(id)).toBe(id)
  expect(responsesCallId('x'.repeat(65))).toMatch(/^call_[0-9a-f]{32}$/)
})

describe('an id for Mistral', () => {
  test('is what it was when it is one of its own', () => {
    expect(mistralCallId('D681PevKs')).toBe('D681PevKs')
  })

  test('has nine letters and digits whatever it was, and is the same every time', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(mistralCallId(id)).toMatch(/^[a-zA-Z0-9]{9}$/)
        expect(mistralCallId(id)).toBe(mistralCallId(id))
      }),
    )
    expect(mistralCallId('call_1')).not.toBe(mistralCallId('call_2'))
  })
})

describe('the calls of a conversation', () => {
  test('keep the names that the recipient gave them, however long', () => {
    const own = [answer([VLLM_ID]), answer([LONGEST_ID], { providerId: 'openai', model: 'gpt-test' })]
    expect([VLLM_ID, LONGEST_ID].map(nameCalls(own, READER, chatCallId))).toEqual([VLLM_ID, LONGEST_ID])
  })

  test('are named anew where another provider named them, or another model of the same one', () => {
    for (const author of [{ providerId: 'gemini' }, { model: 'gpt-other' }]) {
      expect(nameCalls([answer([GEMINI_ID], author)], READER, chatCallId)(GEMINI_ID)).toBe(chatCallId(GEMINI_ID))
    }
  })

  test('never share a name, whoever gave which, and keep theirs when more is said', () => {
    // Few ids and fewer names, so that they meet all the time.
    const id = fc.stringMatching(/^[ab]{1,3}$/)
    const said = fc.array(fc.record({ ids: fc.array(id, { maxLength: 3 }), isForeign: fc.boolean() }), { maxLength: 8 })
    fc.assert(
      fc.property(said, fc.constantFrom(firstLetter, chatCallId, mistralCallId), (answers, write) => {
        const messages = answers.map(({ ids, isForeign }) => answer(ids, isForeign ? { providerId: 'gemini' } : {}))
        const nameOf = nameCalls(messages, READER, write)
        const ids = [...new Set(answers.flatMap((each) => each.ids))]
        expect(new Set(ids.map(nameOf)).size).toBe(ids.length)
        const before = messages.slice(0, -1)
        const nameBefore = nameCalls(before, READER, write)
        for (const { toolUses } of before) {
          for (const { callId } of toolUses) expect(nameOf(callId)).toBe(nameBefore(callId))
        }
      }),
    )
  })

  test('end up with one name where whoever writes them knows only one', () => {
    const nameOf = nameCalls([answer(['a', 'b'], { providerId: 'gemini' })], READER, () => 'same')
    expect(['a', 'b'].map(nameOf)).toEqual(['same', 'same'])
  })

  test('that nobody made are answered under the id that the answer has', () => {
    expect(nameCalls([], READER, chatCallId)(GEMINI_ID)).toBe(GEMINI_ID)
  })
})

describe('what is sent after a call of another vendor', () => {
  const env = { AZURE_OPENAI_ENDPOINT: 'https://azure.test/' }

  test.each<[name: string, create: (options: HttpProviderOptions) => Provider]>([
    ['OpenAI', createOpenAIProvider],
    ['Azure', (options) => createAzureProvider({ ...options, env })],
    ['Azure with a dated version', (options) => createAzureProvider({ ...options, env, datedVersion: '2024-10-21' })],
    ['Groq', (options) => createCompatibleProvider('groq', options)],
    ['xAI', (options) => createCompatibleProvider('xai', options)],
  ])('fits the limit of Chat Completions, in calls and results: %s', async (_, create) => {
    const body = await sent(create, textAnswer('ok'))
    const [, foreign, first, second, own, ...more] = body.messages
    expect(foreign).toMatchObject({ tool_calls: [{ id: chatCallId(GEMINI_ID) }, { id: chatCallId(VLLM_ID) }] })
    expect(first).toMatchObject({ tool_call_id: chatCallId(GEMINI_ID) })
    expect(second).toMatchObject({ tool_call_id: chatCallId(VLLM_ID) })
    expect(own).toMatchObject({ tool_calls: [{ id: 'call_own' }] })
    expect(more).toMatchObject([{ tool_call_id: 'call_own' }])
  })

  test.each<[name: string, create: (options: HttpProviderOptions) => Provider]>([
    ['OpenAI', createOpenAIResponsesProvider],
    ['Azure', (options) => createAzureProvider({ ...options, env, api: 'responses' })],
  ])('fits the limit of the Responses API, in calls and results: %s', async (_, create) => {
    const ids = [LONGEST_ID, VLLM_ID]
    const body = await sent(create, streamOf([{ type: 'message', content: [] }]), ids)
    const written = body.input.flatMap((item) => ('call_id' in item ? [item['call_id']] : []))
    expect(written).toEqual([
      responsesCallId(LONGEST_ID),
      VLLM_ID,
      responsesCallId(LONGEST_ID),
      VLLM_ID,
      'call_own',
      'call_own',
    ])
    expect(written.every((id) => String(id).length <= 64)).toBe(true)
  })
})

interface SentBody {
  readonly messages: readonly object[]
  readonly input: readonly Readonly<Record<string, unknown>>[]
}

/** Sends two calls of Gemini and an own one, each with its result, and returns the body of the request. */
async function sent(
  create: (options: HttpProviderOptions) => Provider,
  stream: string,
  ids: readonly string[] = [GEMINI_ID, VLLM_ID],
): Promise<SentBody> {
  const { fetch, bodies } = createFakeVendor(stream)
  const messages: Message[] = [
    { role: 'user', content: 'hi' },
    answer(ids, { providerId: 'gemini', model: 'gemini-3-pro' }),
    ...ids.map(result),
    answer(['call_own']),
    result('call_own'),
  ]
  await collectChunks(create({ apiKey: 'test-key', env: {}, fetch }).stream({ ...HELLO, messages }))
  return JSON.parse(bodies[0] ?? '')
}

function answer(ids: readonly string[], author: Partial<AssistantMessage> = {}): AssistantMessage {
  const toolUses = ids.map((callId) => ({ callId, name: 'f', arguments: '{}' }))
  return { role: 'assistant', content: '', toolUses, ...author }
}

function result(callId: string): Message {
  return { role: 'tool', callId, content: '1', isError: false }
}

function firstLetter(id: string): string {
  const [word = '', attempt = ''] = id.split('#')
  return word.slice(0, 1) + attempt
}

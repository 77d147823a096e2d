import { KIND } from '@starling/event'
import { ProviderError } from '@starling/provider'
import type { Provider } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import { expect, test } from 'vitest'
import { createAgent, defineAgent } from '../src/index.ts'
import type { AgentOptions } from '../src/index.ts'
import { createWorld, RUN, tool } from './support/world.ts'

const LOOK = tool('look', () => 1)

test.each<[string, Partial<AgentOptions>, string]>([
  ['two tools of one name', { tools: [LOOK, LOOK] }, 'two tools are named "look"'],
  ['a namespace with a slash', { namespace: 'a/b' }, 'namespace "a/b" must not contain a slash'],
  ['an empty model', { model: '' }, 'an agent needs the name of a model'],
  ['a fractional limit', { maxTurns: 1.5 }, 'maxTurns is 1.5, expected a whole number'],
  ['a negative limit', { maxFailedToolTurns: -1 }, 'maxFailedToolTurns is -1, expected a whole number'],
  ['no parallel call at all', { maxParallelTools: 0 }, 'maxParallelTools is 0, expected a whole number'],
  ['a negative cap', { budget: { maxUsd: -1 } }, 'budget maxUsd is -1, expected a number of 0 or more'],
  ['a cap that is no number', { budget: { maxInputTokens: Number.NaN } }, 'budget maxInputTokens is NaN'],
])('%s is refused when the agent is made', (_what, options, message) => {
  expect(() => createWorld([], options)).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(() => createWorld([], options)).toThrow(message)
})

test.each<[string, Record<string, unknown>, string]>([
  ['an unknown option', { maxTurn: 3 }, 'an agent has no option named maxTurn; did you mean maxTurns?'],
  ['an unknown profile', { profile: 'go' }, 'profile is "go", expected starling or reference'],
  ['an unknown onToolError', { onToolError: 'explode' }, 'onToolError is "explode", expected feedback or fail'],
  ['an unknown onTruncated', { onTruncated: 1 }, 'onTruncated is 1, expected complete or fail'],
  ['an unknown unknownPrice', { unknownPrice: 'guess' }, 'unknownPrice is "guess", expected refuse or ignore'],
  ['no attempt', { retry: { maxAttempts: 0 } }, 'retry maxAttempts is 0, expected a whole number of 1 or more'],
  ['a delay that is no number', { retry: { maxDelayMs: Number.NaN } }, 'retry maxDelayMs is NaN, expected a whole'],
  ['an unknown retry option', { retry: { attempts: 1 } }, 'retry has no option named attempts'],
  ['a tool that is null', { tools: [null] }, 'tool 0 is null, expected a tool'],
  ['a tool without a name', { tools: [{}] }, 'tool 0 has no name'],
  ['a tool without execute', { tools: [{ name: 'x' }] }, 'tool "x" has no execute function'],
  ['a tool without a schema', { tools: [{ name: 'x', execute: () => '1' }] }, 'tool "x" has no inputSchema text'],
  ['a system prompt that is no text', { systemPrompt: 5 }, 'systemPrompt is 5, expected a text'],
  ['a stop sequence that is no list', { stopSequences: 'x' }, 'stopSequences is "x", expected a list'],
  [
    'a stop sequence that is no text',
    { stopSequences: [1] },
    'stopSequences is [1], expected texts that are not empty',
  ],
  ['a tool choice that is no text', { toolChoice: {} }, 'toolChoice is {}, expected a text'],
  ['half a topK', { topK: 0.5 }, 'topK is 0.5, expected a whole number of 0 or more'],
  ['a provider without info', { provider: { stream: () => undefined } }, 'the provider has no info with an id'],
  ['a price that is no number', { prices: { m: { input: Number.NaN, output: 1 } } }, 'the input price of m is NaN'],
  ['a negative price', { prices: { m: { input: 1, output: -1 } } }, 'the output price of m is -1, expected a number'],
  ['half a price', { prices: { m: { input: 1 } } }, 'the price of m needs input and output'],
  ['params that are a list', { params: [1] }, 'params is not a map'],
  ['params that are no CBOR map', { params: new Uint8Array([0x81, 0x01]) }, 'params is not a CBOR map'],
  ['params that are not CBOR', { params: new Uint8Array([0xbf]) }, 'params is not one CBOR item'],
  ['params that cannot be recorded', { params: { f: () => 1 } }, 'params cannot be recorded'],
])('%s is refused in one line', (_what, options, message) => {
  const make = () => createWorld([], options)
  expect(make).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(make).toThrow(message)
  expect(make).not.toThrow('\n')
})

test('a goal that is no text is refused', async () => {
  const { agent } = createWorld([])
  const goal: string = JSON.parse('{}')
  await expect(agent.run(goal)).rejects.toMatchObject({
    code: 'CORE_INVALID_OPTIONS',
    message: 'the goal is an object, expected a text',
  })
  expect(() => agent.stream(goal)).toThrow('the goal is an object, expected a text')
})

test('integers that a JavaScript number cannot hold reach the provider as they are', async () => {
  const params = { seed: 2n ** 63n + 1n, nested: { small: 1, half: 0.5 } }
  const world = createWorld([{ text: 'Hello.' }], { params })
  await world.agent.runWithId(RUN, 'Go')
  expect(world.provider.requests[0]?.params).toEqual(params)
})

test.each([
  ['maxDollars', 'the caps are maxInputTokens, maxOutputTokens, maxUsd'],
  ['usd', 'did you mean maxUsd?'],
  ['maxUSD', 'did you mean maxUsd?'],
  ['maxToolCall', 'did you mean maxToolCalls?'],
  ['maxOutputToken', 'did you mean maxOutputTokens?'],
  ['maxTurn', 'maxTurns is an option of the agent itself'],
  ['maxTurns', 'maxTurns is an option of the agent itself'],
])('a cap named %s is refused with what may have been meant', (name, meant) => {
  const make = () => createWorld([], { budget: JSON.parse(`{${JSON.stringify(name)}:1}`) })
  expect(make).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(make).toThrow(`a budget has no cap named ${name}; ${meant}`)
})

test.each([
  ['provider', 'an agent needs a provider'],
  ['log', 'an agent needs a log'],
  ['model', 'an agent needs the name of a model'],
])('an agent without its %s is refused', (name, message) => {
  const { log, provider } = createWorld([])
  const options = { log, provider, model: 'gpt-4o', [name]: undefined }
  expect(() => createAgent(options as unknown as AgentOptions)).toThrow(message)
})

test('a definition is what it was', () => {
  const { provider } = createWorld([])
  const definition = { provider, model: 'gpt-4o' }
  expect(defineAgent(definition)).toBe(definition)
})

test('an id outside the namespace is refused before anything is written', async () => {
  const { agent, log } = createWorld([{ text: 'never' }], { namespace: 'team' })
  await expect(agent.runWithId('other', 'Go')).rejects.toMatchObject({ code: 'CORE_INVALID_OPTIONS' })
  expect(() => agent.stream('Go', { runId: 'other' })).toThrow("run other is not in the agent's namespace team")
  expect((await log.listRuns()).runs).toEqual([])
})

test('an empty id is refused', async () => {
  await expect(createWorld([]).agent.runWithId('', 'Go')).rejects.toThrow('a run id must not be empty')
})

test('a run has a fresh id in the namespace of its agent', async () => {
  const world = createWorld([{ text: 'Hello.' }], { namespace: 'team' })
  const { runId } = await world.agent.run('Go')
  expect(runId).toMatch(/^team\/[0-9A-HJKMNP-TV-Z]{26}$/)
  expect(await world.log.summary(runId)).toMatchObject({ status: 'completed' })
})

test('the start of a run records the agent', async () => {
  const world = createWorld([{ text: 'Hello.' }], {
    systemPrompt: 'Be brief.',
    tools: [tool('b', () => 1), tool('a', () => 1)],
    params: { temperature: 0.5 },
    appVersion: '1.2.3',
    starlingVersion: 'test',
  })
  await world.agent.runWithId(RUN, 'Go')
  expect(await world.payloads(KIND.RunStarted)).toMatchObject([
    {
      schemaVersion: 1,
      goal: 'Go',
      providerId: 'scripted',
      modelId: 'gpt-4o',
      apiVersion: 'v0',
      systemPrompt: 'Be brief.',
      toolSchemas: [{ name: 'a' }, { name: 'b' }],
      appVersion: '1.2.3',
      starlingVersion: 'test',
      engine: 3,
    },
  ])
})

test('tool names are recorded in the order of their UTF-8 bytes', async () => {
  const names = ['\u{1f600}', '\uffee', 'z', 'a', 'aa']
  const world = createWorld([{ text: 'Hello.' }], { tools: names.map((name) => tool(name, () => 1)) })
  await world.agent.runWithId(RUN, 'Go')
  const [started] = await world.payloads(KIND.RunStarted)
  expect(started?.toolSchemas?.map(({ name }) => name)).toEqual(['a', 'aa', 'z', '\uffee', '\u{1f600}'])
})

test('the hash of the registry does not depend on the order of the tools', async () => {
  const hashes = await Promise.all(
    [
      ['a', 'b'],
      ['b', 'a'],
    ].map(async (names) => {
      const world = createWorld([{ text: 'Hello.' }], { tools: names.map((name) => tool(name, () => 1)) })
      await world.agent.runWithId(RUN, 'Go')
      return (await world.payloads(KIND.RunStarted))[0]?.toolRegistryHash
    }),
  )
  expect(hashes[0]).toEqual(hashes[1])
})

test('the model gets every part of the request', async () => {
  const world = createWorld([{ text: 'Hello.' }], {
    systemPrompt: 'Be brief.',
    tools: [LOOK],
    params: { temperature: 0.5, nested: { list: [1, 'two', null] } },
    toolChoice: 'auto',
    stopSequences: ['END'],
    topK: 3,
    maxOutputTokens: 100,
  })
  await world.agent.runWithId(RUN, 'Go')
  expect(world.provider.requests[0]).toEqual({
    model: 'gpt-4o',
    systemPrompt: 'Be brief.',
    messages: [{ role: 'user', content: 'Go' }],
    tools: [{ name: 'look', description: 'the tool look', inputSchema: '{"type":"object"}' }],
    toolChoice: 'auto',
    stopSequences: ['END'],
    topK: 3,
    maxOutputTokens: 100,
    params: { temperature: 0.5, nested: { list: [1, 'two', null] } },
  })
})

test('in the profile of the reference a failed tool ends the run and no extension key is written', async () => {
  const world = createWorld([{ toolCalls: [{ id: 'c1', name: 'none' }] }], { profile: 'reference' })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { type: 'tool', message: 'starling: tool "none" (call c1): step: tool not found: none' },
  })
  expect((await world.payloads(KIND.RunStarted))[0]?.engine).toBeUndefined()
  expect((await world.payloads(KIND.ToolCallScheduled))[0]?.idempKey).toBeUndefined()
})

test('a model that the provider cannot serve is refused with its own words', () => {
  const { info, capabilities, stream } = createScriptedProvider({ turns: [] })
  const provider: Provider = {
    info,
    capabilities,
    stream,
    capabilitiesOf: (model) => {
      throw new ProviderError('PROVIDER_INVALID_OPTIONS', `the provider serves house-1 only, not ${model}`)
    },
  }
  expect(() => createWorld([], { provider, model: 'house-2' })).toThrow(
    expect.objectContaining({
      code: 'CORE_INVALID_OPTIONS',
      message: 'the provider serves house-1 only, not house-2',
    }),
  )
})

test.each<[string, Partial<AgentOptions>, string]>([
  ['of the agent', { approvalTimeoutMs: 1 }, 'approvalTimeoutMs has no place in the log of the profile reference'],
  [
    'of a tool',
    { tools: [tool('deploy', () => 1, { approval: true, approvalTimeoutMs: 1 })] },
    'approvalTimeoutMs of tool "deploy" has no place in the log of the profile reference',
  ],
])('a time for decisions, %s, is refused in the profile reference', (_whose, options, message) => {
  expect(() => createWorld([], { ...options, profile: 'reference' })).toThrow(message)
  expect(() => createWorld([], { approvalTimeoutMs: 0, profile: 'reference' })).not.toThrow()
})

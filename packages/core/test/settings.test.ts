import { decodeValue, encodePayload, encodeValue, KIND } from '@starling/event'
import type { ProviderCapabilities, ReasoningEffort } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import { createPrompt } from '@starling/step'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAgent } from '../src/index.ts'
import type { AgentOptions, ModelSettings } from '../src/index.ts'
import {
  createWorld,
  expectDiverged,
  expectReplays,
  readUpdates,
  RUN,
  seqOf,
  tampered,
  tool,
  truncated,
} from './support/world.ts'
import type { World } from './support/world.ts'

const ALL: Required<ModelSettings> = {
  toolChoice: 'auto',
  stopSequences: ['END'],
  topK: 3,
  maxOutputTokens: 100,
  temperature: 0.5,
  topP: 0.9,
  seed: 42,
  reasoningEffort: 'high',
  responseFormat: { type: 'json-schema', name: 'answer', schema: '{"type":"object"}' },
  parallelToolCalls: false,
  cache: { tools: true, systemPrompt: true, messages: false, ttl: '1h' },
}
const NAMES = Object.keys(ALL)
const TURNS = [{ toolCalls: [{ id: 'c1', name: 'look' }] }, { text: '{}' }]

function worldOf(settings: ModelSettings, options: Partial<AgentOptions> = {}): World {
  return createWorld(TURNS, { tools: [tool('look', () => 'seen')], ...settings, ...options })
}

test('every setting is recorded, sent with every request and replayed', async () => {
  const world = worldOf(ALL)
  await world.agent.runWithId(RUN, 'Go')
  const [started] = await world.payloads(KIND.RunStarted)
  expect(decodeValue(started?.settings ?? new Uint8Array())).toEqual(ALL)
  expect(world.provider.requests).toHaveLength(2)
  for (const request of world.provider.requests) expect(request).toMatchObject(ALL)
  await expectReplays(world)
})

test('a run without settings records none', async () => {
  const world = worldOf({ toolChoice: '', stopSequences: [], maxOutputTokens: 0 })
  await world.agent.runWithId(RUN, 'Go')
  expect((await world.payloads(KIND.RunStarted))[0]).not.toHaveProperty('settings')
  await expectReplays(world)
  await expectReplays(worldOf({}, { log: world.log }))
})

test('a run goes on with its settings after a crash', async () => {
  const world = worldOf(ALL)
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallCompleted))
  const resumed = createWorld([{ text: 'Done.' }], { tools: [tool('look', () => 'seen')], ...ALL, log })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(resumed.provider.requests[0]).toMatchObject(ALL)
  await expectReplays(resumed)
})

test.each(NAMES)('a resume and a replay without the setting %s name it', async (name) => {
  const world = worldOf(ALL)
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallCompleted))
  const other = worldOf({ ...ALL, [name]: undefined }, { log })
  const handle = other.agent.resume(RUN)
  await readUpdates(handle)
  await expect(handle.result).rejects.toMatchObject({
    code: 'CORE_AGENT_MISMATCH',
    message: expect.stringMatching(new RegExp(`${name} recorded .+, now unset`)),
  })
  const report = await expectDiverged(other)
  expect(report.divergences).toMatchObject([{ seq: 1, path: `settings.${name}` }])
})

test('a setting that is new is named as well, and forced a run goes on with it', async () => {
  const world = worldOf({})
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallCompleted))
  const other = worldOf({ temperature: 1 }, { log })
  await expect(other.agent.resume(RUN).result).rejects.toThrow('temperature recorded unset, now 1')
  expect(await other.agent.resume(RUN, { force: true }).result).toMatchObject({ status: 'completed' })
})

test.each([
  ['changed', { temperature: 0.7 }],
  ['of a name that no setting has', { temperature: 0.5, else: 1 }],
])('a recorded setting that was %s differs', async (_name, settings) => {
  const world = worldOf({ temperature: 0.5 })
  await world.agent.runWithId(RUN, 'Go')
  const [started] = await world.payloads(KIND.RunStarted)
  if (started === undefined) throw new Error('the run has not started')
  const payload = encodePayload(KIND.RunStarted, { ...started, settings: encodeValue(settings) })
  const log = await tampered(world, (events) =>
    events.slice(0, -1).map((event) => (event.seq === 1 ? { ...event, payload } : event)),
  )
  const report = await expectDiverged(worldOf({ temperature: 0.5 }, { log }))
  expect(report.divergences).toMatchObject([{ seq: 1, class: 'payload' }])
})

describe('the hash of a prompt', () => {
  const hashOf = (settings: ModelSettings): string => {
    const prompt = createPrompt({
      model: 'm',
      systemPrompt: '',
      tools: [],
      params: null,
      hashReasoning: true,
      settings,
    })
    return String(prompt.hash())
  }

  test('covers every setting', () => {
    const hashes = NAMES.map((name) => hashOf({ [name]: Reflect.get(ALL, name) }))
    expect(new Set([...hashes, hashOf({})]).size).toBe(NAMES.length + 1)
  })

  test('is the same for the same settings, in whatever order they are given', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(NAMES), (names) => {
        const settings = Object.fromEntries(names.map((name) => [name, Reflect.get(ALL, name)]))
        expect(hashOf(settings)).toBe(hashOf(Object.fromEntries(Object.entries(settings).toReversed())))
      }),
    )
  })

  test('does not change with a setting that is not set', () => {
    expect(hashOf({ temperature: undefined, cache: undefined })).toBe(hashOf({}))
  })
})

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['temperature', { temperature: -1 }, 'temperature is -1, expected a number of 0 or more'],
  ['temperature', { temperature: Number.NaN }, 'temperature is NaN, expected a number of 0 or more'],
  ['topP', { topP: 0 }, 'topP is 0, expected a number above 0 and up to 1'],
  ['topP', { topP: 1.1 }, 'topP is 1.1'],
  ['seed', { seed: 1.5 }, 'seed is 1.5, expected a whole number'],
  ['reasoningEffort', { reasoningEffort: 'huge' }, 'expected one of none, minimal, low, medium, high, max'],
  ['parallelToolCalls', { parallelToolCalls: 'yes' }, 'parallelToolCalls is "yes", expected true or false'],
  ['responseFormat', { responseFormat: 'json' }, 'responseFormat is "json", expected a format'],
  ['responseFormat', { responseFormat: { type: 'xml' } }, 'expected one of the type json or json-schema'],
  ['responseFormat', { responseFormat: { type: 'json-schema', name: 'a b', schema: '{}' } }, 'expected a name of 1'],
  ['responseFormat', { responseFormat: { type: 'json-schema', name: 'a', schema: 'x' } }, 'expected a schema that'],
  ['cache', { cache: true }, 'cache is true, expected an object'],
  ['cache', { cache: { ttl: '2h' } }, 'expected a ttl of 5m or 1h'],
  ['cache', { cache: { tools: 1 } }, 'expected tools to be true or false'],
  ['cache', { cache: { toolz: true } }, 'expected tools, systemPrompt, messages and ttl, not toolz'],
])('an unusable %s is refused', (_name, settings, message) => {
  expect(() => worldOf(settings)).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(() => worldOf(settings)).toThrow(message)
})

test.each(NAMES.filter((name) => name !== 'cache'))('%s is refused where the provider cannot do it', (name) => {
  const provider = createScriptedProvider({ turns: [], id: 'small', capabilities: { tools: true } })
  const create = (): unknown => worldOf({ [name]: Reflect.get(ALL, name) }, { provider })
  expect(create).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(create).toThrow(/the provider "small" cannot do .*/)
  expect(create).toThrow(name)
})

test('a format needs the capability of its type', () => {
  const create = (capabilities: ProviderCapabilities): unknown =>
    worldOf({ responseFormat: { type: 'json' } }, { provider: createScriptedProvider({ turns: [], capabilities }) })
  expect(() => create({ tools: true, schemaFormat: true })).toThrow('responseFormat of the type json')
  expect(create({ tools: true, jsonFormat: true })).toBeDefined()
})

test('a format beside tools is refused where one excludes the other', () => {
  const provider = createScriptedProvider({
    turns: [],
    capabilities: { tools: true, jsonFormat: true, formatExcludesTools: true },
  })
  const format: ModelSettings = { responseFormat: { type: 'json' } }
  expect(() => worldOf(format, { provider, tools: [tool('look', () => 1)] })).toThrow(
    'the provider "scripted" cannot do a responseFormat beside tools',
  )
  expect(() => worldOf(format, { provider, tools: [] })).not.toThrow()
})

test('what is refused goes by the model, and the refusal names it', () => {
  const provider = createScriptedProvider({
    turns: [],
    id: 'many',
    capabilitiesOf: (model) => ({ tools: true, temperature: model !== 'thinker' }),
  })
  expect(() => worldOf({ temperature: 1 }, { provider, model: 'talker' })).not.toThrow()
  expect(() => worldOf({ temperature: 1 }, { provider, model: 'thinker' })).toThrow(
    'the provider "many" with the model "thinker" cannot do temperature',
  )
  expect(() => worldOf({}, { provider: createScriptedProvider({ turns: [], capabilities: {} }) })).toThrow(
    'the provider "scripted" cannot do tools',
  )
})

test.for([
  ['nosuch', 'the agent has no tools'],
  ['any', 'the agent has no tools'],
  ['required', 'the agent has no tools'],
])('the tool choice %s needs tools that are there', ([toolChoice, reason]) => {
  const choice = toolChoice ?? ''
  expect(() => worldOf({ toolChoice: choice }, { tools: [] })).toThrow(`toolChoice is "${choice}", but ${reason}`)
  const params = { tools: [{ type: 'web_search' }] }
  expect(() => worldOf({ toolChoice: choice }, { tools: [], params })).not.toThrow()
})

test('a tool choice names a tool of the agent', () => {
  const tools = [tool('look', () => 1)]
  expect(() => worldOf({ toolChoice: 'look' }, { tools })).not.toThrow()
  expect(() => worldOf({ toolChoice: 'lock' }, { tools })).toThrow(
    'toolChoice is "lock", but the agent has only "look"',
  )
})

test('a provider that does not say what it can do is refused', () => {
  const { info, stream } = createScriptedProvider({ turns: [] })
  const { log } = worldOf({})
  // @ts-expect-error -- what plain JavaScript may pass
  expect(() => createAgent({ model: 'm', provider: { info, stream }, log })).toThrow('does not say what it can do')
  const create = (capabilitiesOf: unknown) => () =>
    // @ts-expect-error -- what plain JavaScript may pass
    createAgent({ model: 'm', provider: { info, stream, capabilities: {}, capabilitiesOf }, log })
  expect(create({})).toThrow('the capabilitiesOf of the provider is not a function')
  expect(create(() => 'all')).toThrow('does not say what it can do')
  expect(create(() => undefined)).not.toThrow()
})

test('the reference takes the settings that it has and refuses the others', async () => {
  const known: ModelSettings = { toolChoice: 'auto', stopSequences: ['x'], topK: 1, maxOutputTokens: 5 }
  const world = worldOf(known, { profile: 'reference' })
  await world.agent.runWithId(RUN, 'Go')
  expect((await world.payloads(KIND.RunStarted))[0]).not.toHaveProperty('settings')
  await expectReplays(world)
  expect(() => worldOf({ seed: 1 }, { profile: 'reference' })).toThrow('seed has no place in the log of the profile')
})

test('the types hold the settings to what the port knows', () => {
  const effort: ReasoningEffort = 'low'
  const settings: ModelSettings = { reasoningEffort: effort }
  // @ts-expect-error -- no such effort
  const wrong: ModelSettings = { reasoningEffort: 'huge' }
  expect([settings, wrong]).toHaveLength(2)
})

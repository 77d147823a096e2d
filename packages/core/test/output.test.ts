import { encodePayload, KIND } from '@starling/event'
import type { ProviderCapabilities } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createAgent, defineAgent } from '../src/index.ts'
import type { AgentOptions, RunResult } from '../src/index.ts'
import {
  createWorld,
  expectDiverged,
  expectReplays,
  gate,
  RUN,
  seqOf,
  tampered,
  tool,
  truncated,
} from './support/world.ts'
import type { World } from './support/world.ts'

interface City {
  readonly name: string
  readonly people: number
}

const CITY = {
  schema: {
    type: 'object',
    properties: { name: { type: 'string' }, people: { type: 'integer' } },
    required: ['name', 'people'],
    additionalProperties: false,
  },
  parse(value: unknown): City {
    const { name, people }: Partial<Record<string, unknown>> = { ...Object(value) }
    if (typeof name !== 'string') throw new Error('name must be a text')
    if (typeof people !== 'number') throw new Error('people must be a number')
    return { name, people }
  },
}
const SCHEMA_TEXT =
  '{"type":"object","properties":{"name":{"type":"string"},"people":{"type":"integer"}},"required":["name","people"],"additionalProperties":false}'
const GOOD = '{"name":"Oslo","people":717710}'
const BAD = '{"name":"Oslo"}'
const OSLO: City = { name: 'Oslo', people: 717_710 }

function worldOf(texts: readonly (string | ScriptedTurn)[], options: Partial<AgentOptions> = {}): World {
  const turns = texts.map((text) => (typeof text === 'string' ? { text } : text))
  return createWorld(turns, { output: CITY, ...options })
}

test('an answer that matches is the output of the run', async () => {
  const world = worldOf([GOOD])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO, finalText: GOOD })
  expect(world.provider.requests[0]?.responseFormat).toEqual({
    type: 'json-schema',
    name: 'output',
    schema: SCHEMA_TEXT,
  })
  expect(world.provider.requests[0]?.systemPrompt).toBe('')
  await expectReplays(world)
})

test('an answer that does not match is sent back with what is wrong with it', async () => {
  const world = worldOf([BAD, GOOD])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO, turnCount: 2 })
  const [repair] = await world.payloads(KIND.UserMessageAppended)
  expect(repair).toEqual({
    content:
      'The answer does not match its JSON Schema:\n- output: people must be a number\n' +
      'Answer again with the whole corrected JSON value and nothing else.',
    origin: 'output',
  })
  expect(world.provider.requests[1]?.messages).toMatchObject([
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: BAD },
    { role: 'user', content: repair?.content },
  ])
  await expectReplays(world)
})

test.each<[string, string, string]>([
  ['that is no JSON', 'Oslo has 717710 people', 'not valid JSON'],
  ['with more than JSON', `${GOOD} and that is it`, 'not valid JSON (trailing data after first value'],
  ['without a text', ' \n', 'the answer has no text'],
  ['with a property too many', '{"name":"Oslo","people":1,"mayor":"?"}', 'mayor: unknown property'],
  ['with a key twice', '{"name":"Oslo","people":1,"people":2}', 'people: the key comes twice'],
])('an answer %s does not match', async (_name, text, problem) => {
  const world = worldOf([text, GOOD])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO })
  expect((await world.payloads(KIND.UserMessageAppended))[0]?.content).toContain(`\n- ${problem}`)
  await expectReplays(world)
})

test.each([`\`\`\`json\n${GOOD}\n\`\`\``, `\n\`\`\`\n${GOOD}\n\`\`\`  `, `  ${GOOD}\n`])(
  'an answer in a code block or with space around it matches: %j',
  async (text) => {
    const world = worldOf([text])
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO, turnCount: 1 })
    await expectReplays(world)
  },
)

test.each([
  [undefined, 3],
  [0, 1],
  [1, 2],
])('with maxOutputRepairs %s the run fails after %i answers that do not match', async (maxOutputRepairs, turns) => {
  const world = worldOf([BAD, BAD, BAD, GOOD], { maxOutputRepairs })
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result).toMatchObject({
    status: 'failed',
    turnCount: turns,
    finalText: BAD,
    error: {
      type: 'output',
      message: 'starling: the final answer does not match the output schema: output: people must be a number',
    },
  })
  expect(result).not.toHaveProperty('output')
  await expectReplays(world)
})

test('many problems are told in few words', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, 1]))
  const text = JSON.stringify({ ...OSLO, ...many })
  const world = worldOf([text], { maxOutputRepairs: 0 })
  const { error } = await world.agent.runWithId(RUN, 'Go')
  expect(error?.message).toMatch(/p0: unknown property.*, and 29 more$/)
  const repaired = worldOf([text, GOOD])
  await repaired.agent.runWithId(RUN, 'Go')
  const content = (await repaired.payloads(KIND.UserMessageAppended))[0]?.content ?? ''
  expect(content.split('\n')).toHaveLength(23)
  expect(content).toContain('\n- and 10 more\n')
})

test('turns with tools come before the answer, and repairs count as turns', async () => {
  const turns: ScriptedTurn[] = [{ toolCalls: [{ name: 'look' }] }, { text: BAD }, { toolCalls: [{ name: 'look' }] }]
  const options = { tools: [tool('look', () => 'seen')] }
  const world = worldOf([...turns, GOOD], options)
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO, turnCount: 4 })
  await expectReplays(world)
  const short = worldOf([...turns, GOOD], { ...options, maxTurns: 2 })
  expect(await short.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'max_turns' } })
  await expectReplays(short)
})

test.each(['fail', 'complete'] as const)('half an answer is no success, whatever onTruncated is (%s)', async (rule) => {
  const world = worldOf([{ text: GOOD, stopReason: 'max_tokens' }], { onTruncated: rule })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'provider' } })
  await expectReplays(world)
})

test('an answer that ended for an unknown reason completes with onTruncated complete, when it matches', async () => {
  const turn: ScriptedTurn = { text: GOOD, stopReason: 'other', rawStopReason: 'eos' }
  const world = worldOf([turn], { onTruncated: 'complete' })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO })
  await expectReplays(world)
  expect(await worldOf([turn]).agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { type: 'provider' },
  })
})

describe('a provider that cannot be given a schema', () => {
  const ask = async (capabilities: ProviderCapabilities, options: Partial<AgentOptions> = {}) => {
    const provider = createScriptedProvider({ turns: [{ text: GOOD }], capabilities })
    const world = worldOf([], { provider, ...options })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO })
    await expectReplays(world)
    return provider.requests[0]
  }
  const TOLD = `Your final answer must be one JSON value and nothing else, as this JSON Schema describes it:\n${SCHEMA_TEXT}`

  test('is told in words, after the system prompt', async () => {
    expect(await ask({})).not.toHaveProperty('responseFormat')
    expect((await ask({}))?.systemPrompt).toBe(TOLD)
    expect((await ask({}, { systemPrompt: 'Be brief.' }))?.systemPrompt).toBe(`Be brief.\n\n${TOLD}`)
  })

  test('is told in words alone where the agent wants it so', async () => {
    const told = await ask({ schemaFormat: true, jsonFormat: true }, { outputVia: 'prompt' })
    expect(told).not.toHaveProperty('responseFormat')
    expect(told?.systemPrompt).toBe(TOLD)
  })

  test('is asked for JSON, when it can do that', async () => {
    expect(await ask({ jsonFormat: true })).toMatchObject({ responseFormat: { type: 'json' }, systemPrompt: TOLD })
  })
})

describe('a model that cannot be given a schema', () => {
  const SOME: ProviderCapabilities = { tools: true, schemaFormat: true, jsonFormat: true, formatExcludesTools: true }
  const LOOK = [tool('look', () => 'seen')]
  const provide = (capabilities: ProviderCapabilities, texts: readonly string[] = [GOOD]) =>
    createScriptedProvider({ turns: texts.map((text) => ({ text })), capabilitiesOf: () => capabilities })
  const ask = async (capabilities: ProviderCapabilities, options: Partial<AgentOptions> = {}) => {
    const provider = provide(capabilities)
    const world = worldOf([], { provider, ...options })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: OSLO })
    await expectReplays(world)
    return { ...provider.requests[0], world }
  }

  test('beside tools is told in words, and without them by its format', async () => {
    expect(await ask(SOME)).toMatchObject({ responseFormat: { type: 'json-schema' }, systemPrompt: '' })
    const told = await ask(SOME, { tools: LOOK })
    expect(told).toHaveProperty('systemPrompt', expect.stringContaining(SCHEMA_TEXT))
    expect(told).not.toHaveProperty('responseFormat')
    // A vendor's own tools are tools too.
    expect(await ask(SOME, { params: { tools: [{ type: 'search' }] } })).not.toHaveProperty('responseFormat')
  })

  test('is asked for JSON where other models of its provider take the schema', async () => {
    const provider = createScriptedProvider({
      turns: [{ text: GOOD }, { text: GOOD }],
      capabilitiesOf: (model) => ({ jsonFormat: true, schemaFormat: model === 'new' }),
    })
    for (const [model, type] of [
      ['old', 'json'],
      ['new', 'json-schema'],
    ] as const) {
      await worldOf([], { provider, model }).agent.runWithId(RUN, 'Go')
      expect(provider.requests.at(-1)).toMatchObject({ model, responseFormat: { type } })
    }
  })

  test('and could before, or can now, has its run replayed as it was', async () => {
    const forms: ProviderCapabilities[] = [{}, { jsonFormat: true }, { jsonFormat: true, schemaFormat: true }]
    for (const before of forms) {
      const { world } = await ask(before)
      for (const now of forms) await expectReplays(world.with([], { provider: provide(now) }))
    }
  })

  test('and can now, goes on with what its run was begun with', async () => {
    const { world } = await ask({ tools: true, jsonFormat: true }, { tools: LOOK })
    const log = await truncated(world.log, 1)
    const provider = provide({ tools: true, jsonFormat: true, schemaFormat: true })
    const resumed = world.with([], { log, provider })
    expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed', output: OSLO })
    expect(provider.requests[0]).toMatchObject({ responseFormat: { type: 'json' } })
    await expectReplays(resumed)
  })

  test('any more, goes on only where the difference is accepted', async () => {
    const { world } = await ask({ schemaFormat: true })
    const log = await truncated(world.log, 1)
    const provider = provide({})
    const resumed = world.with([], { log, provider })
    await expect(resumed.agent.resume(RUN).result).rejects.toMatchObject({
      code: 'CORE_AGENT_MISMATCH',
      message: expect.stringContaining('responseFormat recorded'),
    })
    expect(await resumed.agent.resume(RUN, { force: true }).result).toMatchObject({ output: OSLO })
    expect(provider.requests[0]).not.toHaveProperty('responseFormat')
  })

  test('differs from an agent that is told so by its own option', async () => {
    const { world } = await ask({ schemaFormat: true })
    await expectDiverged(world.with([], { outputVia: 'prompt' }))
  })

  test('differs from an agent without an output', async () => {
    const world = createWorld([{ text: GOOD }])
    await world.agent.runWithId(RUN, 'Go')
    const { divergences } = await expectDiverged(
      world.with([], { output: CITY, provider: provide({ schemaFormat: true }) }),
    )
    expect(divergences[0]?.message).toContain('responseFormat recorded unset')
  })
})

test('after a crash at any event the run ends with its output, and counts the repairs before it', async () => {
  const world = worldOf([BAD, BAD, GOOD])
  await world.agent.runWithId(RUN, 'Go')
  const events = await world.log.read(RUN)
  for (let count = 1; count < events.length; count += 1) {
    const log = await truncated(world.log, count)
    const answers = events.slice(0, count).filter(({ kind }) => kind === KIND.AssistantMessageCompleted).length
    const resumed = worldOf([BAD, BAD, GOOD].slice(answers), { log })
    expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed', output: OSLO })
    await expectReplays(resumed)
    const failing = worldOf([BAD, BAD, BAD].slice(answers), { log: await truncated(world.log, count) })
    const expected = answers === 3 ? { status: 'completed' } : { status: 'failed', error: { type: 'output' } }
    expect(await failing.agent.resume(RUN).result).toMatchObject(expected)
    await expectReplays(failing)
  }
})

test('whatever the model answers, the run ends, and replays', async () => {
  const answers = fc.array(fc.oneof(fc.constantFrom(GOOD, BAD, '', '{'), fc.json(), fc.string()), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(answers, fc.nat(3), async (texts, maxOutputRepairs) => {
      const world = worldOf([...texts, GOOD, GOOD], { maxOutputRepairs })
      const result = await world.agent.runWithId(RUN, 'Go')
      expect(result.turnCount).toBeLessThanOrEqual(maxOutputRepairs + 1)
      expect(result.status === 'completed').toBe(result.output !== undefined)
      expect(result.error?.type ?? 'output').toBe('output')
      await expectReplays(world)
    }),
    { numRuns: 60 },
  )
})

test('a message that comes while the answer is read is answered before the run ends', async () => {
  const { opened, open } = gate()
  const reading = gate()
  let reads = 0
  const output = {
    ...CITY,
    async parse(value: unknown) {
      reads += 1
      if (reads === 1) {
        reading.open()
        await opened
      }
      return CITY.parse(value)
    },
  }
  const world = worldOf([GOOD, '{"name":"Bergen","people":1}'], { output })
  const handle = world.agent.stream('Go', { runId: RUN })
  await reading.opened
  handle.send('No, the second largest.')
  open()
  expect(await handle.result).toMatchObject({ status: 'completed', output: { name: 'Bergen' }, turnCount: 2 })
  await expectReplays(world)
})

test('a run that is cancelled while its answer is read is cancelled', async () => {
  const controller = new AbortController()
  const output = {
    ...CITY,
    parse(value: unknown) {
      controller.abort()
      return CITY.parse(value)
    },
  }
  const world = worldOf([GOOD], { output })
  const { status, output: read } = await world.agent.runWithId(RUN, 'Go', { signal: controller.signal })
  expect([status, read]).toEqual(['cancelled', undefined])
  await expectReplays(world)
})

test('a replay by another schema differs at the start, and by another rule of the same schema at the answer', async () => {
  const world = worldOf([BAD, GOOD])
  await world.agent.runWithId(RUN, 'Go')
  const other = { ...CITY, schema: { type: 'object' } }
  expect((await expectDiverged(worldOf([], { output: other, log: world.log }))).divergences).toMatchObject([{ seq: 1 }])
  const lax = { ...CITY, parse: (value: unknown) => value }
  const report = await expectDiverged(worldOf([], { output: lax, log: world.log }))
  expect(report.divergences).toMatchObject([{ seq: 4, class: 'kind', expectedKind: 'UserMessageAppended' }])
})

test.each([
  ['its words', { content: 'Answer with more words.' }, 'content'],
  ['its origin', { origin: undefined }, undefined],
])('a request for another answer that was tampered with in %s differs', async (_name, change, path) => {
  const world = worldOf([BAD, GOOD])
  await world.agent.runWithId(RUN, 'Go')
  const seq = await seqOf(world.log, KIND.UserMessageAppended)
  const [repair] = await world.payloads(KIND.UserMessageAppended)
  const payload = encodePayload(KIND.UserMessageAppended, { content: '', ...repair, ...change })
  const log = await tampered(world, (events) =>
    events.slice(0, -1).map((event) => (event.seq === seq ? { ...event, payload } : event)),
  )
  // Without its origin it is a message like any other, and what follows is the same.
  const report = await worldOf([], { log }).agent.replay(RUN)
  expect(report.divergences[0]?.path).toBe(path)
})

test.each<[string, Partial<AgentOptions>, string]>([
  ['responseFormat', { responseFormat: { type: 'json' } }, 'output and responseFormat say the same twice'],
  ['the profile reference', { profile: 'reference' }, 'output has no place in the log of the profile reference'],
  ['half a repair', { maxOutputRepairs: 0.5 }, 'maxOutputRepairs is 0.5, expected a whole number of 0 or more'],
  ['a schema of no object', { output: { schema: { type: 'string' }, parse: String } }, 'its output schema is of type'],
])('output with %s is refused', (_name, options, message) => {
  expect(() => worldOf([], options)).toThrow(expect.objectContaining({ code: 'CORE_INVALID_OPTIONS' }))
  expect(() => worldOf([], options)).toThrow(message)
})

test('the result has the type of the schema', async () => {
  const provider = createScriptedProvider({ turns: [{ text: GOOD }, { text: GOOD }] })
  const definition = defineAgent({ provider, model: 'gpt-4o', output: CITY })
  const agent = createAgent({ ...definition, log: createMemoryEventLog() })
  const result = await agent.run('Go')
  expectTypeOf(result).toEqualTypeOf<RunResult<City>>()
  expectTypeOf(agent.stream('Go').result).resolves.toEqualTypeOf<RunResult<City>>()
  const untyped = createAgent({ provider, model: 'gpt-4o', log: createMemoryEventLog() })
  expectTypeOf(untyped.run).returns.resolves.toEqualTypeOf<RunResult>()
  expect(result.output?.people).toBe(717_710)
})

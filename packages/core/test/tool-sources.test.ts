import { decodeValue, KIND } from '@starling/event'
import type { Tool, ToolCatalogue, ToolSource } from '@starling/tool'
import { expect, test } from 'vitest'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectReplays, gate, RUN, tool, truncated } from './support/world.ts'

const CALL = { toolCalls: [{ id: 'c1', name: 'lookup', arguments: { city: 'Bern' } }] }
const TURNS = [CALL, { text: 'Sunny.' }]

interface Weather {
  readonly source: ToolSource
  /** What has been asked of it, in order. */
  readonly asked: string[]
  /** What it offers from now on. */
  offers: readonly string[]
}

/** A source whose tools reach out in a recorded side effect. */
function weather(offers: readonly string[] = ['lookup']): Weather {
  const asked: string[] = []
  const make = (name: string): Tool =>
    tool(name, (input, context) =>
      context.sideEffect('weather', () => {
        asked.push(`call ${name} ${String(input['city'])}`)
        return { sky: 'clear' }
      }),
    )
  const own: Weather = {
    asked,
    offers,
    source: {
      name: 'weather',
      list: async () => {
        asked.push('list')
        return { tools: own.offers.map(make), recorded: JSON.stringify(own.offers) }
      },
      restore: (recorded) => {
        const names: unknown = JSON.parse(recorded)
        return Array.isArray(names) ? names.map(String).map(make) : []
      },
      close: async () => undefined,
    },
  }
  return own
}

test('the tools of a source are offered to the model, called and recorded with what makes them again', async () => {
  const { source, asked } = weather()
  const world = createWorld(TURNS, { tools: [tool('own', () => 1)], toolSources: [source] })
  expect(await world.agent.runWithId(RUN, 'How is it?')).toMatchObject({ status: 'completed' })
  expect(asked).toEqual(['list', 'call lookup Bern'])
  expect(world.provider.requests[0]?.tools.map(({ name }) => name)).toEqual(['own', 'lookup'])
  expect(await world.payloads(KIND.RunStarted)).toMatchObject([
    { toolSources: [{ name: 'weather', catalogue: '["lookup"]' }], toolSchemas: [{ name: 'lookup' }, { name: 'own' }] },
  ])
})

test('a replay asks the source for nothing, whatever it offers by now', async () => {
  const { source, asked, ...rest } = weather()
  const world = createWorld(TURNS, { toolSources: [source] })
  await world.agent.runWithId(RUN, 'How is it?')
  const before = asked.length
  rest.offers = ['something else']
  await expectReplays(world)
  expect(asked).toHaveLength(before)
})

test('a run that is taken up again has the tools that it began with', async () => {
  const own = weather()
  const world = createWorld(TURNS, { toolSources: [own.source] })
  await world.agent.runWithId(RUN, 'How is it?')
  own.offers = ['something else']
  own.asked.length = 0
  for (const count of [1, 2, 3, 4, 5, 6]) {
    const log = await truncated(world.log, count)
    const again = createWorld(count < 3 ? TURNS : [{ text: 'Sunny.' }], { toolSources: [own.source], log })
    expect(await again.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
    expect(own.asked).not.toContain('list')
    await expectReplays(again)
  }
})

test('a run begins without a source of its log, and says which', async () => {
  const { source } = weather()
  const world = createWorld(TURNS, { toolSources: [source] })
  await world.agent.runWithId(RUN, 'How is it?')
  const log = await truncated(world.log, 3)
  const without = createWorld(TURNS, { log }).agent
  await expect(without.resume(RUN).result).rejects.toThrow(/tool source weather is gone, tool lookup is gone/)
  const other = { ...weather().source, name: 'other' }
  const more = createWorld(TURNS, { log, toolSources: [source, other] }).agent
  await expect(more.resume(RUN).result).rejects.toThrow(/tool source other is new; pass force/)
})

test('a source that cannot be reached fails the run before it begins', async () => {
  const cause = new Error('connection refused')
  const source = { ...weather().source, list: () => Promise.reject(cause) }
  const world = createWorld(TURNS, { toolSources: [source] })
  await expect(world.agent.runWithId(RUN, 'How is it?')).rejects.toMatchObject({
    code: 'CORE_TOOL_SOURCE',
    message: 'the tools of source "weather" are not to be had: connection refused',
    cause,
  })
  expect(await world.log.read(RUN)).toEqual([])
})

test('a run that is cancelled while a source keeps it waiting is recorded as cancelled', async () => {
  const asked = gate()
  const source: ToolSource = {
    ...weather().source,
    list: () => {
      asked.open()
      return new Promise(() => undefined) // it never answers, and does not look at its signal
    },
  }
  const world = createWorld(TURNS, { toolSources: [source] })
  const handle = world.agent.stream('How is it?', { runId: RUN })
  await asked.opened
  handle.cancel('too slow')
  expect(await handle.result).toMatchObject({ status: 'cancelled' })
  expect(await world.kinds()).toEqual(['RunStarted', 'RunCancelled'])
  await expectReplays(world)
})

test.each([
  ['a list', 'weather', /toolSources is not a list/],
  ['a source', ['weather'], /tool source 0 is "weather", expected a source/],
  ['a name', [{ ...weather().source, name: '' }], /tool source 0 has no name/],
  ['its methods', [{ name: 'weather' }], /tool source "weather" cannot list and restore its tools/],
  ['a name of its own', [weather().source, weather().source], /two tool sources are named "weather"/],
])('what is not %s is refused', (_what, toolSources, message) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a JavaScript caller may pass them
  expect(() => createWorld(TURNS, { toolSources: toolSources as ToolSource[] })).toThrow(message)
})

test('a tool that the agent has already is refused when the run begins, and so is a choice that nobody offers', async () => {
  const { source } = weather()
  const twice = createWorld(TURNS, { toolSources: [source], tools: [tool('lookup', () => 1)] })
  await expect(twice.agent.runWithId(RUN, 'How is it?')).rejects.toThrow('two tools are named "lookup"')
  const choosing = createWorld(TURNS, { toolSources: [source], toolChoice: 'lookdown' })
  await expect(choosing.agent.runWithId(RUN, 'How is it?')).rejects.toThrow(
    'toolChoice is "lookdown", but the agent has only "lookup"',
  )
})

test('the catalogue is in the readable form of the first event', async () => {
  const { source } = weather()
  const world = createWorld([{ text: 'Sunny.' }], { toolSources: [source] })
  await world.agent.runWithId(RUN, 'How is it?')
  const [first] = await world.log.read(RUN)
  expect(decodeValue(first?.payload ?? new Uint8Array())).toMatchObject({
    tool_sources: [{ name: 'weather', catalogue: '["lookup"]' }],
  })
})

test('the first source that fails ends the wait, and the work of the others', async () => {
  const aborted = gate()
  const hanging: ToolSource = {
    ...weather().source,
    name: 'hangs',
    list: ({ signal }) => {
      signal?.addEventListener('abort', aborted.open, { once: true })
      return new Promise(() => undefined)
    },
  }
  const failing: ToolSource = { ...weather().source, list: () => Promise.reject(new Error('gone')) }
  const world = createWorld(TURNS, { toolSources: [hanging, failing] })
  await expect(world.agent.runWithId(RUN, 'How is it?')).rejects.toThrow(
    'the tools of source "weather" are not to be had: gone',
  )
  await aborted.opened
  expect(await world.log.read(RUN)).toEqual([])
})

test('a source may keep a run waiting for as long as the run may take, and then ends it', async () => {
  const clock = createFakeClock()
  const hanging: ToolSource = { ...weather().source, list: () => new Promise(() => undefined) }
  const world = createWorld(TURNS, { toolSources: [hanging], clock, budget: { maxWallClockMs: 5_000 } })
  const running = world.agent.runWithId(RUN, 'How is it?')
  await clock.sleepOf(5_000)
  clock.advance(5_000)
  expect(await running).toMatchObject({ status: 'failed', error: { type: 'budget', limit: 'wall_clock' } })
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([{ limit: 'wall_clock', cap: 5_000, actual: 5_000 }])
  await expectReplays(world)
})

test.each([
  ['nothing', undefined, 'its catalogue is not a list of tools and a text to record'],
  ['no tools', { recorded: '[]' }, 'its catalogue is not a list of tools and a text to record'],
  ['nothing to record', { tools: [] }, 'its catalogue is not a list of tools and a text to record'],
  ['a tool without a name', { tools: [{}], recorded: '[]' }, 'tool 0 has no name'],
])('a source that offers %s is named', async (_what, catalogue, problem) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a source written in JavaScript may offer it
  const source: ToolSource = { ...weather().source, list: () => Promise.resolve(catalogue as ToolCatalogue) }
  const world = createWorld(TURNS, { toolSources: [source] })
  await expect(world.agent.runWithId(RUN, 'How is it?')).rejects.toMatchObject({
    code: 'CORE_TOOL_SOURCE',
    message: `the tools of source "weather" are not to be had: ${problem}`,
  })
})

test('a source that throws instead of rejecting, or restores what is no tool, is named as well', async () => {
  const { source } = weather()
  const list = (): never => {
    throw new Error('not set up')
  }
  const world = createWorld(TURNS, { toolSources: [{ ...source, list }] })
  await expect(world.agent.runWithId(RUN, 'How is it?')).rejects.toThrow(/"weather" are not to be had: not set up/)
  const good = createWorld(TURNS, { toolSources: [source] })
  await good.agent.runWithId(RUN, 'How is it?')
  const restore = (): readonly Tool[] => JSON.parse('[null]')
  const log = await truncated(good.log, 3)
  const later = createWorld(TURNS, { toolSources: [{ ...source, restore }], log })
  await expect(later.agent.resume(RUN).result).rejects.toMatchObject({ code: 'CORE_TOOL_SOURCE' })
})

import { encodePayload, KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { describe, expect, test } from 'vitest'
import type { AgentOptions } from '../src/index.ts'
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

const LOOK: ScriptedTurn = { toolCalls: [{ name: 'look' }] }
const DONE: ScriptedTurn = { text: 'Done.' }
const tools = [tool('look', () => 'seen'), tool('fail', () => Promise.reject(new Error('no')))]

function worldOf(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}): World {
  return createWorld(turns, { tools, toolChoice: 'any', ...options })
}

function choicesIn(world: World): (string | undefined)[] {
  return world.provider.requests.map(({ toolChoice }) => toolChoice)
}

describe('a forced tool choice', () => {
  test.each(['any', 'required', 'look'])('of %s ends with the first call', async (toolChoice) => {
    const world = worldOf([LOOK, LOOK, DONE], { toolChoice })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', turnCount: 3 })
    expect(choicesIn(world)).toEqual([toolChoice, undefined, undefined])
    expect(world.provider.requests[1]).not.toHaveProperty('toolChoice')
    await expectReplays(world)
  })

  test.each(['auto', 'none'])('is not %s, which stays', async (toolChoice) => {
    const world = worldOf([LOOK, DONE], { toolChoice })
    await world.agent.runWithId(RUN, 'Go')
    expect(choicesIn(world)).toEqual([toolChoice, toolChoice])
    await expectReplays(world)
  })

  test('ends also when the call fails', async () => {
    const world = worldOf([{ toolCalls: [{ name: 'fail' }] }, DONE])
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
    expect(choicesIn(world)).toEqual(['any', undefined])
    await expectReplays(world)
  })

  test('begins again when a person says something', async () => {
    const { opened, open } = gate()
    const slow = tool('look', () => opened)
    const world = worldOf([LOOK, LOOK, DONE], { tools: [slow] })
    const handle = world.agent.stream('Go', { runId: RUN })
    for await (const update of handle) {
      if (update.type !== 'tool-started') continue
      if (update.callId === 'call-1-1') handle.send('And again.')
      open()
    }
    expect(choicesIn(world)).toEqual(['any', 'any', undefined])
    await expectReplays(world)
  })

  test('does not begin again when an answer is to be corrected', async () => {
    const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
    const parse = (value: unknown) => {
      if (!Number.isInteger(Reflect.get(Object(value), 'n'))) throw new Error('n must be an integer')
      return value
    }
    const world = worldOf([LOOK, { text: '{}' }, { text: '{"n":1}' }], { output: { schema: output, parse } })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', output: { n: 1 } })
    expect(choicesIn(world)).toEqual(['any', undefined, undefined])
    await expectReplays(world)
  })

  test('is as far as it was after a crash at any event', async () => {
    const world = worldOf([LOOK, DONE])
    await world.agent.runWithId(RUN, 'Go')
    const answeredAt = await seqOf(world.log, KIND.AssistantMessageCompleted)
    const length = (await world.log.read(RUN)).length
    for (let count = 1; count < length - 1; count += 1) {
      const hasCalled = count >= answeredAt
      const resumed = worldOf(hasCalled ? [DONE] : [LOOK, DONE], { log: await truncated(world.log, count) })
      expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
      expect(choicesIn(resumed)).toEqual(hasCalled ? [undefined] : ['any', undefined])
      await expectReplays(resumed)
    }
  })

  test('begins again with the message of a resume', async () => {
    const world = worldOf([LOOK, DONE])
    await world.agent.runWithId(RUN, 'Go')
    const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallCompleted))
    const resumed = worldOf([LOOK, DONE], { log })
    await resumed.agent.resume(RUN, { message: 'Look again.' }).result
    expect(choicesIn(resumed)).toEqual(['any', undefined])
    await expectReplays(resumed)
  })
})

/** The first event of a run, as if an earlier version had recorded it. */
async function begunBefore(world: World): Promise<EventLog> {
  const [started] = await world.payloads(KIND.RunStarted)
  if (started === undefined) throw new Error('the run has not started')
  const payload = encodePayload(KIND.RunStarted, { ...started, engine: 1 })
  return tampered(world, (events) => events.slice(0, 1).map((event) => ({ ...event, payload })))
}

describe('under the rules before', () => {
  test('a choice stays forced, live, resumed and replayed', async () => {
    const world = worldOf([LOOK, DONE])
    await world.agent.runWithId(RUN, 'Go')
    const old = worldOf([LOOK, LOOK, DONE], { log: await begunBefore(world) })
    expect(await old.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
    expect(choicesIn(old)).toEqual(['any', 'any', 'any'])
    expect(await old.payloads(KIND.RunStarted)).toMatchObject([{ engine: 1 }])
    await expectReplays(old)
  })

  test('attachments are no part of the estimate, live, resumed and replayed', async () => {
    const attachments = [{ type: 'image', mediaType: 'image/png', data: Uint8Array.of(1) } as const]
    const world = createWorld([DONE])
    await world.agent.runWithId(RUN, 'Go', { attachments })
    const old = createWorld([DONE], { log: await begunBefore(world) })
    await old.agent.resume(RUN).result
    const [now] = await world.payloads(KIND.TurnStarted)
    const [before] = await old.payloads(KIND.TurnStarted)
    expect([now?.inputTokens, before?.inputTokens]).toEqual([1501, 1])
    await expectReplays(world)
    await expectReplays(old)
  })

  test('a recording differs from one under the rules of today', async () => {
    const world = worldOf([LOOK, DONE])
    await world.agent.runWithId(RUN, 'Go')
    const [started] = await world.payloads(KIND.RunStarted)
    if (started === undefined) throw new Error('the run has not started')
    const payload = encodePayload(KIND.RunStarted, { ...started, engine: 1 })
    const log = await tampered(world, (events) =>
      events.slice(0, -1).map((event) => (event.seq === 1 ? { ...event, payload } : event)),
    )
    const report = await expectDiverged(worldOf([], { log }))
    expect(report.divergences[0]).toMatchObject({ kind: 'TurnStarted', path: 'prompt_hash' })
  })
})

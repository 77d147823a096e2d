import { decodeValue, KIND } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import { transient } from '@starling/tool'
import type { ToolContext } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { callTool, currentCall, ENGINE, now, random, randomUint64, sideEffect, uuid } from '../src/index.ts'
import type { Recorded } from '../src/index.ts'
import { createCalls, makeTool } from './support/calls.ts'

function effectsIn(events: readonly Recorded[]): readonly SideEffectRecorded[] {
  return events.flatMap(({ kind, payload }) => (kind === KIND.SideEffectRecorded ? [payload] : []))
}

/** Has a tool do something; resolves with what came of it and what was recorded of it. */
async function work(execute: (context: ToolContext) => unknown) {
  const world = createCalls([makeTool('work', execute)])
  const outcome = await world.call('work')
  return { outcome, effects: effectsIn(await world.recorded()) }
}

describe('readings', () => {
  test('are recorded by name and place, and are what was recorded', async () => {
    const seen: unknown[] = []
    const { effects } = await work(async (context) => {
      seen.push(await context.now(), await context.uuid(), await context.uuid(), await random())
    })
    expect(effects.map(({ name, ordinal }) => [name, ordinal ?? 0])).toEqual([
      ['now', 0],
      ['uuid', 0],
      ['uuid', 1],
      ['rand', 0],
    ])
    const [time, first, second, drawn] = effects.map(({ value }) => decodeValue(value))
    expect(seen.slice(0, 3)).toEqual([Number(time) / 1e6, first, second])
    expect(seen[3]).toBe(Number(BigInt(String(drawn)) >> 11n) / 2 ** 53)
  })

  test('are the same by function as by context', async () => {
    const { outcome, effects } = await work(async (context) => {
      const one = [await now(), typeof (await uuid()), typeof (await randomUint64()), await sideEffect('x', () => 1)]
      expect(currentCall()?.callId).toBe(context.callId)
      return one
    })
    expect(outcome).toMatchObject({ ok: true })
    expect(effects.map(({ name }) => name)).toEqual(['now', 'uuid', 'rand', 'x'])
  })

  test('need a call around them', async () => {
    expect(currentCall()).toBeUndefined()
    expect(() => now()).toThrow(expect.objectContaining({ code: 'STEP_OUTSIDE_RUN' }))
  })

  test('are those of a random UUID of version 4', async () => {
    const { outcome } = await work(async (context) => {
      expect(await context.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    })
    expect(outcome).toMatchObject({ ok: true })
  })
})

describe('a side effect', () => {
  test('fails live as it will in a replay: with its message, name, code and whether it may be tried again', async () => {
    const failures: unknown[] = []
    const note = (error: unknown): void => void failures.push(error)
    const { effects } = await work(async (context) => {
      const named = Object.assign(new TypeError('no route'), { code: 'EROUTE', host: 'a.example' })
      await context.sideEffect('named', () => Promise.reject(named)).catch(note)
      await context.sideEffect('busy', () => Promise.reject(transient('busy'))).catch(note)
      await context.sideEffect('thrown', () => Promise.reject(new Error(''))).catch(note)
    })
    expect(failures).toEqual([
      expect.objectContaining({ message: 'no route', name: 'TypeError', code: 'EROUTE' }),
      expect.objectContaining({ message: 'busy', code: 'TOOL_TRANSIENT' }),
      expect.objectContaining({ message: 'Error' }),
    ])
    expect(failures[0]).not.toHaveProperty('host')
    expect(effects.map(({ error }) => error)).toEqual(['no route', 'busy', 'Error'])
  })

  test('must not be named like what the runtime records itself', async () => {
    const { outcome, effects } = await work((context) => context.sideEffect('starling/answer', () => 1))
    expect(outcome).toMatchObject({
      ok: false,
      error: 'the name "starling/answer" of a side effect is reserved: names must not begin with starling/',
    })
    expect(effects).toEqual([])
  })

  test('of engine 1 may be named so', async () => {
    const world = createCalls([makeTool('work', (context) => context.sideEffect('starling/x', () => 1))], {
      engine: ENGINE.scoped,
    })
    expect(await world.call('work')).toMatchObject({ ok: true })
  })

  test('that nobody waits for fails alone, and one that ends too late is not recorded', async () => {
    const late = Promise.withResolvers<number>()
    let ended: Promise<unknown> | undefined
    const { outcome, effects } = await work((context) => {
      ended = context.sideEffect('late', () => late.promise)
      void context.sideEffect('failing', () => Promise.reject(new Error('unheard')))
      return 'done'
    })
    expect(outcome).toMatchObject({ ok: true })
    late.resolve(1)
    await expect(ended).rejects.toMatchObject({ code: 'STEP_CALL_ENDED' })
    expect(effects.map(({ name }) => name)).not.toContain('late')
  })
})

test('a call that has ended takes nothing more', async () => {
  const kept: ToolContext[] = []
  await work((context) => void kept.push(context))
  const [context] = kept
  const ended = { code: 'STEP_CALL_ENDED', message: 'call c0 has ended and can record nothing more' }
  await expect(context?.now()).rejects.toMatchObject(ended)
  await expect(context?.ask({ type: 'form', message: 'm', schema: '{}' })).rejects.toMatchObject(ended)
  expect(() => context?.progress({ progress: 1 })).toThrow(expect.objectContaining(ended))
  expect(() => context?.attach({ type: 'image', mediaType: 'text/plain', data: 'x' })).toThrow(
    expect.objectContaining(ended),
  )
})

test('calls under an id of the tool’s choice, and under their own, are told apart by their place', async () => {
  const inner = makeTool('inner', (context) => context.callId)
  const outer = makeTool('outer', async () => [
    await callTool({ tool: 'inner' }),
    await callTool({ tool: 'inner', callId: 'mine' }),
    await callTool({ tool: 'inner', callId: 'mine' }),
    await callTool({ tool: 'inner' }),
  ])
  const world = createCalls([inner, outer])
  await world.call('outer')
  const scheduled = (await world.recorded()).filter(({ kind }) => kind === KIND.ToolCallScheduled)
  expect(scheduled.map(({ payload }) => Reflect.get(payload, 'callId'))).toEqual([
    'c0',
    'c0/1.1',
    'mine',
    'mine',
    'c0/1.4',
  ])
})

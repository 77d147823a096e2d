import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createAttemptGuard } from '../src/attempt-guard.ts'
import type { AttemptGuard } from '../src/attempt-guard.ts'
import { SuspendedError } from '../src/index.ts'
import { createCalls, createManualClock, makeTool } from './support/calls.ts'
import type { ManualClock } from './support/calls.ts'

const TIMED_OUT = { code: 'TOOL_TIMEOUT', message: 'tool work did not finish within 100 ms' }

interface Guarded {
  readonly guard: AttemptGuard
  readonly clock: ManualClock
  readonly run: AbortController
  readonly work: PromiseWithResolvers<string>
  /** What the attempt has come to. */
  readonly watched: Promise<unknown>
}

/** An attempt under way. */
function guarded(timeoutMs?: number): Guarded {
  const clock = createManualClock()
  const run = new AbortController()
  const tool = makeTool('work', () => undefined, timeoutMs === undefined ? {} : { timeoutMs })
  const { environment } = createCalls([tool], { clock, signal: run.signal, cancelGraceMs: 50 })
  const guard = createAttemptGuard(environment, tool)
  const work = Promise.withResolvers<string>()
  const watched = guard.watch(work.promise).catch((error: unknown) => error)
  return { guard, clock, run, work, watched }
}

/** What a promise has come to by now. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await setImmediate()
  return Promise.race([promise, Promise.resolve('pending')])
}

describe('a timeout', () => {
  test('ends the attempt when its time is over, and not before', async () => {
    const { clock, watched, guard } = guarded(100)
    clock.advance(99)
    expect(await stateOf(watched)).toBe('pending')
    expect(guard.signal.aborted).toBe(false)
    clock.advance(1)
    expect(await watched).toMatchObject(TIMED_OUT)
    expect(guard.signal.reason).toMatchObject(TIMED_OUT)
  })

  test('leaves no timer behind when the attempt ends in time', async () => {
    const { clock, work, watched } = guarded(100)
    expect(clock.sleeping).toBe(1)
    work.resolve('done')
    expect(await watched).toBe('done')
    expect(clock.sleeping).toBe(0)
  })

  test('stands still while somebody is waited for, and goes on with what was left', async () => {
    const { guard, clock, watched } = guarded(100)
    clock.advance(60)
    const wait = Promise.withResolvers<string>()
    const paused = guard.pauseFor(wait.promise)
    clock.advance(10_000)
    expect(await stateOf(watched)).toBe('pending')
    wait.resolve('answer')
    expect(await paused).toBe('answer')
    clock.advance(39)
    expect(await stateOf(watched)).toBe('pending')
    clock.advance(1)
    expect(await watched).toMatchObject(TIMED_OUT)
  })

  test('stands still until the last of several waits is over, also one that fails', async () => {
    const { guard, clock, watched } = guarded(100)
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const waits = [first, second].map(({ promise }) => guard.pauseFor(promise).catch((error: unknown) => error))
    first.resolve()
    await waits[0]
    clock.advance(10_000)
    expect(await stateOf(watched)).toBe('pending')
    second.reject(new Error('nobody'))
    expect(await waits[1]).toEqual(new Error('nobody'))
    clock.advance(100)
    expect(await watched).toMatchObject(TIMED_OUT)
  })

  test('does not begin before a wait that began earlier is over', async () => {
    const clock = createManualClock()
    const tool = makeTool('work', () => undefined, { timeoutMs: 100 })
    const guard = createAttemptGuard(createCalls([tool], { clock }).environment, tool)
    const wait = Promise.withResolvers<void>()
    const paused = guard.pauseFor(wait.promise)
    const watched = guard.watch(new Promise<never>(() => undefined)).catch((error: unknown) => error)
    clock.advance(500)
    expect(await stateOf(watched)).toBe('pending')
    wait.resolve()
    await paused
    clock.advance(100)
    expect(await watched).toMatchObject(TIMED_OUT)
  })

  test('is none for a tool that has none: nothing waits, and the signal is that of the run', async () => {
    const { guard, clock, run, work, watched } = guarded()
    expect(guard.signal).toBe(run.signal)
    expect(clock.sleeping).toBe(0)
    await guard.pauseFor(Promise.resolve())
    expect(clock.sleeping).toBe(0)
    work.reject(new Error('broken'))
    expect(await watched).toEqual(new Error('broken'))
  })
})

describe('a cancelled run', () => {
  test('gives a tool a moment to end by itself', async () => {
    const { run, work, watched, clock } = guarded(100)
    run.abort(new Error('cancelled'))
    clock.advance(49)
    work.resolve('put away')
    expect(await watched).toBe('put away')
    expect(clock.sleeping).toBe(0)
  })

  test('leaves a tool behind that does not heed it', async () => {
    const { run, watched, clock, guard } = guarded(100)
    const reason = new Error('cancelled')
    run.abort(reason)
    expect(guard.signal.reason).toBe(reason)
    clock.advance(49)
    expect(await stateOf(watched)).toBe('pending')
    clock.advance(1)
    expect(await watched).toBe(reason)
  })

  test('gives one that begins after it a moment as well', async () => {
    const clock = createManualClock()
    const reason = new Error('cancelled')
    const { environment } = createCalls([], { clock, signal: AbortSignal.abort(reason), cancelGraceMs: 50 })
    const guard = createAttemptGuard(
      environment,
      makeTool('work', () => undefined),
    )
    const watched = guard.watch(new Promise<never>(() => undefined)).catch((error: unknown) => error)
    expect(await stateOf(watched)).toBe('pending')
    clock.advance(50)
    expect(await watched).toBe(reason)
  })
})

describe('a suspended attempt', () => {
  test('rejects with the suspension, whatever the tool makes of it', async () => {
    for (const settle of ['resolve', 'reject'] as const) {
      const { guard, work, watched } = guarded(100)
      const reason = new SuspendedError()
      guard.suspend(reason)
      if (settle === 'resolve') work.resolve('swallowed')
      else work.reject(new Error('something else'))
      expect(await watched).toBe(reason)
    }
  })

  test('leaves a tool behind that does not give up within the moment for that', async () => {
    const { guard, watched, clock } = guarded(100)
    const reason = new SuspendedError()
    guard.suspend(reason)
    clock.advance(49)
    expect(await stateOf(watched)).toBe('pending')
    clock.advance(1)
    expect(await watched).toBe(reason)
  })

  test('does not time out any more, also when a wait of it ends', async () => {
    const { guard, watched, clock } = guarded(20)
    const wait = Promise.withResolvers<void>()
    const paused = guard.pauseFor(wait.promise)
    const reason = new SuspendedError()
    guard.suspend(reason)
    wait.resolve()
    await paused
    clock.advance(30)
    expect(await stateOf(watched)).toBe('pending')
    clock.advance(20)
    expect(await watched).toBe(reason)
  })

  test('keeps its first reason', async () => {
    const { guard, work, watched } = guarded()
    const [first, second] = [new SuspendedError(), new SuspendedError()]
    guard.suspend(first)
    guard.suspend(second)
    work.resolve('done')
    expect(await watched).toBe(first)
  })
})

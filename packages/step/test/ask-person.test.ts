import { setImmediate } from 'node:timers/promises'
import { encodeValue, KIND } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import type { AskOptions, ToolAnswer, ToolContext, ToolPolicy, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { encodeQuestion } from '../src/questions.ts'
import {
  ANSWER,
  callTool,
  decodeAnswer,
  decodeQuestion,
  effectKey,
  encodeAnswer,
  ENGINE,
  hashQuestion,
  QUESTION,
  SuspendedError,
} from '../src/index.ts'
import type { CallEffects, CallEnvironment, GivenAnswer, OpenQuestion, Recorded } from '../src/index.ts'
import { createCalls, createManualClock, makeTool } from './support/calls.ts'

const FORM: ToolQuestion = { type: 'form', message: 'Which account?', schema: '{"type":"object"}' }
const VISIT: ToolQuestion = { type: 'url', message: 'Sign in', url: 'https://bank.example/' }
const ACCEPTED: ToolAnswer = { action: 'accept', content: '{"account":"a-1"}' }

const accept = async (): Promise<GivenAnswer> => ({ answer: ACCEPTED, by: 'ada' })
const suspend = async (): Promise<never> => {
  throw new SuspendedError()
}

/** The names of the side effects that were recorded, in order. */
function effectsIn(events: readonly Recorded[]): readonly SideEffectRecorded[] {
  return events.flatMap(({ kind, payload }) => (kind === KIND.SideEffectRecorded ? [payload] : []))
}

function namesIn(events: readonly Recorded[]): readonly string[] {
  return effectsIn(events).map(({ name }) => name)
}

/** What a call has recorded before it was cut off. */
function recordedBefore(...effects: readonly (readonly [string, Uint8Array, number?])[]): CallEffects {
  return new Map(
    effects.map(([name, value, ordinal = 0]) => [
      effectKey({ name, ordinal }),
      { name, value, callId: 'c0', attempt: 1, ordinal },
    ]),
  )
}

const ASKED = encodeQuestion({ question: FORM, held: false, expiresAt: undefined })

interface Holding {
  readonly whose: string
  readonly policy: ToolPolicy
  readonly options: AskOptions
  readonly held: boolean
}

describe('a question', () => {
  test('is durable before anybody sees it, and its answer before the tool has it', async () => {
    const seen: (readonly string[])[] = []
    const ask: CallEnvironment['ask'] = async () => {
      seen.push(namesIn(await world.recorded()))
      return { answer: ACCEPTED, onRecorded: () => seen.push(['told']) }
    }
    const work = makeTool('work', async (context) => {
      const answer = await context.ask(FORM)
      seen.push(namesIn(await world.recorded()))
      return answer
    })
    const world = createCalls([work], { ask })
    expect(await world.call('work')).toMatchObject({ ok: true, result: encodeValue(ACCEPTED) })
    expect(seen).toEqual([[QUESTION], ['told'], [QUESTION, ANSWER]])
  })

  test('says what it is, which of its call it is, and when nobody is waited for any longer', async () => {
    const open: OpenQuestion[] = []
    const ask: CallEnvironment['ask'] = async (question) => {
      open.push(question)
      return { answer: ACCEPTED }
    }
    const work = makeTool('work', (context) => Promise.all([context.ask(FORM), context.ask(VISIT, { held: true })]))
    const world = createCalls([work], { ask, expiryOf: (tool) => (tool === 'work' ? 1234 : undefined) })
    await world.call('work')
    expect(open).toEqual([
      { question: FORM, held: false, expiresAt: 1234, ordinal: 0 },
      { question: VISIT, held: true, expiresAt: 1234, ordinal: 1 },
    ])
    const questions = effectsIn(await world.recorded()).filter(({ name }) => name === QUESTION)
    expect(questions.map(({ value }) => decodeQuestion(value))).toEqual([
      { question: FORM, held: false, expiresAt: 1234 },
      { question: VISIT, held: true, expiresAt: 1234 },
    ])
  })

  test.each<Holding>([
    { whose: 'a tool that may be called twice is not', policy: {}, options: {}, held: false },
    { whose: 'a tool that must not be called twice is', policy: { idempotent: false }, options: {}, held: true },
    {
      whose: 'such a tool that says otherwise is not',
      policy: { idempotent: false },
      options: { held: false },
      held: false,
    },
    { whose: 'a tool that says so is', policy: { idempotent: true }, options: { held: true }, held: true },
  ])('of $whose held', async ({ policy, options, held }) => {
    const seen: boolean[] = []
    const ask: CallEnvironment['ask'] = async (question) => {
      seen.push(question.held)
      return { answer: ACCEPTED }
    }
    await createCalls([makeTool('work', (context) => context.ask(FORM, options), policy)], { ask }).call('work')
    expect(seen).toEqual([held])
  })

  test('of a call inside another is held, whatever it says', async () => {
    const seen: boolean[] = []
    const ask: CallEnvironment['ask'] = async (question) => {
      seen.push(question.held)
      return { answer: ACCEPTED }
    }
    const inner = makeTool('inner', (context) => context.ask(FORM, { held: false }))
    const outer = makeTool('outer', () => callTool({ tool: 'inner' }))
    await createCalls([inner, outer], { ask }).call('outer')
    expect(seen).toEqual([true])
  })

  test('that nobody is there to answer is answered by nobody', async () => {
    const world = createCalls([makeTool('work', (context) => context.ask(FORM))])
    expect(await world.call('work')).toMatchObject({ result: encodeValue({ action: 'cancel' }) })
    expect(namesIn(await world.recorded())).toEqual([QUESTION, ANSWER])
  })

  test('that is answered when the attempt has ended changes nothing', async () => {
    const given = Promise.withResolvers<GivenAnswer>()
    let signal: AbortSignal | undefined
    const ask: CallEnvironment['ask'] = (_open, from) => {
      signal = from.signal
      return given.promise
    }
    let asked: Promise<ToolAnswer> | undefined
    const work = makeTool('work', async (context) => {
      asked = context.ask(FORM)
      await context.now() // the question is on record by then
    })
    const world = createCalls([work], { ask })
    await world.call('work')
    expect(signal?.reason).toMatchObject({ code: 'STEP_CALL_ENDED' })
    given.resolve({ answer: ACCEPTED })
    await expect(asked).rejects.toMatchObject({ code: 'STEP_CALL_ENDED' })
    expect(namesIn(await world.recorded())).not.toContain(ANSWER)
  })

  test('of engine 2 is one event with its answer, and held', async () => {
    const seen: boolean[] = []
    const ask: CallEnvironment['ask'] = async (question) => {
      seen.push(question.held)
      return { answer: ACCEPTED }
    }
    const world = createCalls([makeTool('work', (context) => context.ask(FORM))], { ask, engine: ENGINE.governed })
    expect(await world.call('work')).toMatchObject({ result: encodeValue(ACCEPTED) })
    expect(effectsIn(await world.recorded())).toMatchObject([
      { name: QUESTION, value: encodeValue({ question: FORM, answer: ACCEPTED }) },
    ])
    expect(seen).toEqual([true])
  })

  test('does not count against the timeout of its tool, nor of the one around it', async () => {
    const clock = createManualClock()
    const ask: CallEnvironment['ask'] = async () => {
      await setImmediate()
      clock.advance(60_000)
      return { answer: ACCEPTED }
    }
    const inner = makeTool('inner', (context) => context.ask(FORM), { timeoutMs: 10 })
    const outer = makeTool('outer', () => callTool({ tool: 'inner' }), { timeoutMs: 20 })
    const world = createCalls([inner, outer], { ask, clock })
    expect(await world.call('outer')).toMatchObject({ ok: true })
  })
})

describe('a call that goes on', () => {
  const refuse = (): never => expect.unreachable('somebody was asked')

  test('is given the answer that is on record, and nothing is recorded a second time', async () => {
    const answered = encodeAnswer({ answer: ACCEPTED, outside: true }, FORM)
    const world = createCalls([makeTool('work', (context) => context.ask(FORM))], { ask: refuse })
    const effects = recordedBefore([QUESTION, ASKED], [ANSWER, answered])
    expect(await world.call('work', { effects })).toMatchObject({ result: encodeValue(ACCEPTED) })
    expect(namesIn(await world.recorded())).toEqual([])
  })

  test('asks the question that has no answer again, without another record of it', async () => {
    const world = createCalls([makeTool('work', (context) => context.ask(FORM))], { ask: accept })
    await world.call('work', { effects: recordedBefore([QUESTION, ASKED]) })
    const [answer] = effectsIn(await world.recorded())
    expect(answer).toMatchObject({ name: ANSWER, callId: 'c0' })
    expect(decodeAnswer(answer?.value ?? new Uint8Array())).toMatchObject({
      answer: ACCEPTED,
      by: 'ada',
      outside: false,
      questionHash: hashQuestion(FORM),
    })
  })

  test('is not given the answer to another question, nor to one that has taken its place', async () => {
    const answered = encodeAnswer({ answer: ACCEPTED, outside: true }, FORM)
    for (const before of [recordedBefore([QUESTION, ASKED], [ANSWER, answered]), recordedBefore([ANSWER, answered])]) {
      const world = createCalls([makeTool('work', (context) => context.ask(VISIT))], {
        ask: async () => ({ answer: { action: 'decline' } }),
      })
      expect(await world.call('work', { effects: before })).toMatchObject({
        result: encodeValue({ action: 'decline' }),
      })
      expect(namesIn(await world.recorded())).toEqual([QUESTION, ANSWER])
    }
    const other = encodeAnswer({ answer: ACCEPTED, outside: true }, VISIT)
    const world = createCalls([makeTool('work', (context) => context.ask(FORM))], { ask: accept })
    await world.call('work', { effects: recordedBefore([QUESTION, ASKED], [ANSWER, other]) })
    expect(namesIn(await world.recorded())).toEqual([ANSWER])
  })

  test('reads and does again what it read and did, failures too, and begins anew with its next attempt', async () => {
    let done = 0
    const seen: unknown[] = []
    const work = makeTool(
      'work',
      async (context) => {
        const act = context.sideEffect('act', () => (done += 1))
        seen.push([await context.now(), await act.catch((error: unknown) => error)])
        if (context.attempt === 1) throw Object.assign(new Error('busy'), { transient: true, code: 'TOOL_TRANSIENT' })
      },
      { idempotent: true, maxAttempts: 2 },
    )
    const world = createCalls([work])
    const effects = recordedBefore(['now', encodeValue(7_000_000)], ['act', encodeValue(41)])
    await world.call('work', { effects })
    expect(seen[0]).toEqual([7, 41])
    expect(done).toBe(seen.length - 1)
  })
})

describe('a run that is left', () => {
  /** Calls a tool in a run that is left over its question; resolves with what the tool got to know. */
  async function leave(execute: (context: ToolContext, told: string[]) => unknown) {
    const told: string[] = []
    const world = createCalls([makeTool('work', (context) => execute(context, told))], { ask: suspend })
    const error = await world.call('work').catch((reason: unknown) => reason)
    await world.environment.recorder.flush()
    return { error, told, events: await world.recorded() }
  }

  test('gives its call no outcome', async () => {
    const { error, events } = await leave((context) => context.ask(FORM))
    expect(error).toBeInstanceOf(SuspendedError)
    expect(events.map(({ kind }) => kind)).toEqual([KIND.ToolCallScheduled, KIND.SideEffectRecorded])
  })

  test('waits until nothing else of the call is under way, nor what follows from that', async () => {
    const { events } = await leave(async (context) => {
      const effect = async (name: string) => context.sideEffect(name, () => setImmediate(name))
      const beside = effect('first').then(() => effect('second'))
      await Promise.all([context.ask(FORM), beside])
    })
    expect(namesIn(events)).toEqual([QUESTION, 'first', 'second'])
  })

  test('takes no more records of a call that was told, and lets it put its things away', async () => {
    const { error, told, events } = await leave(async (context, notes) => {
      const asked = await context.ask(FORM).catch((reason: unknown) => reason)
      const late = await context.sideEffect('late', () => notes.push('done')).catch((reason: unknown) => reason)
      notes.push(String(asked === late))
    })
    expect(error).toBeInstanceOf(SuspendedError)
    expect(told).toEqual(['true'])
    expect(namesIn(events)).toEqual([QUESTION])
  })

  test('tells a tool that does not wait for the answer when it has done the rest', async () => {
    const { error, events } = await leave(async (context) => {
      context.ask(FORM).catch(() => undefined)
      await context.sideEffect('rest', () => 1)
      await setImmediate()
      await setImmediate()
    })
    expect(namesIn(events)).toEqual([QUESTION, 'rest'])
    expect(error).toBeInstanceOf(SuspendedError)
  })
})

import { hashEvent, KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { ProviderError } from '@starling/provider'
import { transient } from '@starling/tool'
import type { Tool, ToolContext } from '@starling/tool'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectMatch, expectReplays, RUN, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

/** What a scripted call does, as its arguments say. */
interface Deed {
  readonly tool: 'read' | 'pay' | 'none'
  readonly fails: 'never' | 'once' | 'always'
  readonly effects: number
  readonly parallel: boolean
}

interface Script {
  readonly turns: readonly {
    readonly text: string
    readonly deeds: readonly Deed[]
    readonly stumbles: boolean
    readonly thinks: boolean
  }[]
  readonly maxParallelTools: number
  readonly onToolError: 'feedback' | 'fail'
}

const deeds = fc.record<Deed>({
  tool: fc.constantFrom('read', 'read', 'pay', 'none'),
  fails: fc.constantFrom('never', 'never', 'once', 'always'),
  effects: fc.nat(3),
  parallel: fc.boolean(),
})

const scripts = fc.record<Script>({
  turns: fc.array(
    fc.record({
      text: fc.string({ maxLength: 12 }),
      deeds: fc.array(deeds, { minLength: 1, maxLength: 4 }),
      stumbles: fc.boolean(),
      thinks: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
  maxParallelTools: fc.constantFrom(1, 2, 8),
  onToolError: fc.constantFrom('feedback', 'feedback', 'fail'),
})

test('the replay of any run is clean, with its tools and without', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const world = worldOf(script)
      await world.agent.runWithId(RUN, 'Go')
      await expectReplays(world)
    }),
    { numRuns: 60 },
  )
})

test('after a crash at any event a run resumes to a valid end, repeats no finished call, and replays clean', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const world = worldOf(script)
      await world.agent.runWithId(RUN, 'Go')
      const events = await world.log.read(RUN)
      for (let cut = 1; cut < events.length; cut += 1) {
        const resumed = worldOf(script, { log: await truncated(world.log, cut) })
        await expectMatch(resumed) // also what is there of an open run
        const doubtful = await paymentsOf(resumed)
        await resumed.agent.resume(RUN).result
        expect(resumed.paid.filter((key) => doubtful.includes(key))).toEqual([])
        await expectResumed(resumed)
      }
    }),
    { numRuns: 14 },
  )
})

test('a run that crashes again after its resume still ends well', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(), fc.nat(), async (script, first, second) => {
      const world = worldOf(script)
      await world.agent.runWithId(RUN, 'Go')
      let { log } = world
      for (const crash of [first, second]) {
        const { length } = await log.read(RUN)
        log = await truncated(log, 1 + (crash % (length - 1)))
        const resumed = worldOf(script, { log })
        await resumed.agent.resume(RUN, { message: crash % 3 === 0 ? 'go on' : undefined }).result
        await expectResumed(resumed)
      }
    }),
    { numRuns: 60 },
  )
})

/** The keys of the payments that were scheduled so far: none of them may be made by a resume. */
async function paymentsOf(world: World): Promise<readonly unknown[]> {
  const scheduled = await world.payloads(KIND.ToolCallScheduled)
  return scheduled.filter((call) => call.tool === 'pay').map(({ idempKey }) => idempKey)
}

async function expectResumed(world: World): Promise<void> {
  expect(await validateRun(world.log, RUN)).toMatchObject({ status: 'ok' })
  await expectReplays(world)
  const outcomes = await world.payloads(KIND.ToolCallCompleted)
  expect(new Set(outcomes.map(({ callId }) => callId)).size).toBe(outcomes.length)
  for (const { messages } of world.provider.requests) {
    const planned = messages.flatMap((message) => (message.role === 'assistant' ? message.toolUses : []))
    const results = messages.flatMap((message) => (message.role === 'tool' ? [message.callId] : []))
    expect(results).toEqual(planned.map(({ callId }) => callId))
  }
  const events = await world.log.read(RUN)
  for (const [index, event] of events.entries()) {
    const previous = events[index - 1]
    expect(event.prevHash).toEqual(previous === undefined ? null : hashEvent(previous))
  }
}

/** The script is a function of the conversation: a resumed run goes on where the recorded one would. */
function worldOf(
  script: Script,
  options: { readonly log?: World['log'] } = {},
): World & { readonly paid: readonly string[] } {
  const paid: string[] = []
  const stumbled = new Set<number>()
  const answer = (request: { readonly messages: readonly { readonly role: string }[] }): ScriptedTurn => {
    const turn = request.messages.filter(({ role }) => role === 'assistant').length
    const plan = script.turns[turn]
    if (plan === undefined) return { text: 'Done.', usage: { input: 3, output: 1 } }
    if (plan.stumbles && !stumbled.has(turn)) {
      stumbled.add(turn)
      const error = new ProviderError('PROVIDER_SERVER', 'busy', { retryable: true, status: 503 })
      return { text: plan.text, fault: { kind: 'error', error, afterChunks: plan.text === '' ? 0 : 1 } }
    }
    return {
      reasoning: plan.thinks ? [{ text: 'hm', signature: new Uint8Array([1]) }, { text: 'so' }] : [],
      text: plan.text,
      toolCalls: plan.deeds.map((deed, index) => ({
        id: `${turn}-${index}`,
        name: deed.tool,
        arguments: JSON.stringify(deed),
      })),
      usage: { input: 10, output: 5 },
    }
  }
  const pay = deedTool('pay', { idempotent: false })
  const noted: Tool = {
    ...pay,
    execute: (input, context) => {
      paid.push(context.idempotencyKey)
      return pay.execute(input, context)
    },
  }
  const world = createWorld(answer, {
    ...options,
    tools: [deedTool('read', { idempotent: true, maxAttempts: 3 }), noted],
    maxParallelTools: script.maxParallelTools,
    onToolError: script.onToolError,
    maxFailedToolTurns: 2,
    clock: createFakeClock({ skipUpToMs: 60_000 }),
  })
  return { ...world, paid }
}

function deedTool(name: string, policy: Tool['policy'] & object): Tool {
  const perform = async (input: Record<string, unknown>, context: ToolContext): Promise<unknown> => {
    const count = Number(input['effects'])
    const effect = (index: number): Promise<number> => context.sideEffect('step', () => index)
    if (input['parallel'] === true) await Promise.all(Array.from({ length: count }, (_, index) => effect(index)))
    else for (let index = 0; index < count; index += 1) await effect(index)
    if (input['fails'] === 'always') throw new Error('never works')
    if (input['fails'] === 'once' && context.attempt === 1) throw transient('not yet')
    return { at: await context.now() }
  }
  return tool(name, perform, policy)
}

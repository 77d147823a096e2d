import { callTool } from '@starling/step'
import type { ToolAnswer } from '@starling/tool'
import { expect, test } from 'vitest'
import { ACCOUNT, createPaying, decide, FORM, leaveAsking, TURNS } from './support/asking.ts'
import {
  createWorld,
  expectMatch,
  expectReplays,
  gate,
  idle,
  readUpdates,
  RUN,
  tool,
  truncated,
} from './support/world.ts'
import type { World } from './support/world.ts'

const APPROVE = { callId: 'c1', decision: 'approve', input: ACCOUNT } as const
const ACCEPTED: ToolAnswer = { action: 'accept', content: ACCOUNT }
const ONCE = { idempotent: false } as const

test('a call inside another that failed before the question is not made again', async () => {
  const { world, charges } = chargeWorld(async (context) => {
    await callTool({ tool: 'charge' }).catch(() => undefined)
    return context.ask(FORM, { held: false })
  }, 'connection lost')
  await leaveAndGoOn(world)
  expect(charges()).toBe(1)
})

test('a call inside another with an id of its own is not made again after the question', async () => {
  const { world, charges } = chargeWorld(async (context) => {
    await callTool({ tool: 'charge', callId: 'charge-1' })
    return context.ask(FORM, { held: false })
  })
  await leaveAndGoOn(world)
  expect(charges()).toBe(1)
})

test('calls under one id of its own choice come back one by one, in their order', async () => {
  let made = 0
  const seen: unknown[] = []
  const { pay } = createPaying(async (context) => {
    const results = [await callTool({ tool: 'count', callId: 'n' }), await callTool({ tool: 'count', callId: 'n' })]
    const answer = await context.ask(FORM)
    results.push(await callTool({ tool: 'count', callId: 'n' }))
    seen.push(results)
    return answer
  })
  const world = createWorld(TURNS, {
    tools: [pay, tool('count', (_input, context) => context.sideEffect('count', () => (made += 1)))],
  })
  await leaveAndGoOn(world)
  expect(made).toBe(3)
  expect(seen[0]).toEqual(['1', '2', '3'])
})

test('a side effect beside a question is recorded before the run is left, and not done again', async () => {
  let charged = 0
  const asked = gate()
  const { pay } = createPaying(
    (context) =>
      Promise.all([
        context.ask(FORM, { held: false }),
        context.sideEffect('charge', async () => {
          await asked.opened
          return (charged += 1)
        }),
      ]),
    ONCE,
  )
  const world = createWorld(TURNS, { tools: [pay] })
  await leaveAndGoOn(world, asked.open)
  expect(charged).toBe(1)
})

test('a call beside a question is not made twice where the run is left', async () => {
  const asked = gate()
  const { world, charges } = chargeWorld(
    (context) => Promise.all([context.ask(FORM, { held: false }), callTool({ tool: 'charge' })]),
    undefined,
    asked.opened,
  )
  await leaveAndGoOn(world, asked.open)
  expect(charges()).toBe(1)
})

test('a call that was cut off beside a question is in doubt', async () => {
  let charges = 0
  const asking = (charge: () => unknown): Parameters<typeof createWorld>[1] => ({
    tools: [
      tool(
        'pay',
        (_input, context) => Promise.all([context.ask(FORM, { held: false }), callTool({ tool: 'charge' })]),
        ONCE,
      ),
      tool('charge', charge, ONCE),
    ],
  })
  const charging = gate()
  const charge = (): Promise<never> => {
    charges += 1
    charging.open()
    return new Promise(() => undefined)
  }
  const first = createWorld(TURNS, { ...asking(charge), cancelGraceMs: 0 })
  const handle = first.agent.stream('Pay', { runId: RUN })
  await charging.opened
  const log = await truncated(first.log, 100) // what a crash leaves
  handle.cancel()
  await handle.result
  const second = createWorld(TURNS.slice(1), { ...asking(() => (charges += 1)), log, answer: () => ACCEPTED })
  await second.agent.resume(RUN).result
  expect(charges).toBe(1)
})

test('a tool that must not be called twice, and does not say that it may be, is left with nobody to ask', async () => {
  const { world, did, left } = await leaveAsking(undefined, { toolPolicy: ONCE })
  expect(left.status).toBe('completed')
  expect(did).toEqual(['reserve', 'book'])
  expect(world.provider.requests[1]?.messages.at(-1)?.content).toContain('"action":"cancel"')
  await expectReplays(world)
})

test('a call inside one that is left is taken over whole, also while another ends without its answer', async () => {
  const impatient = tool('impatient', async (_input, context) => {
    const asked = context.ask({ ...FORM, message: 'Now?' })
    return Promise.race([asked, context.sideEffect('give up', () => 'no')])
  })
  const inner = tool('inner', async (_input, context) => {
    await context.now()
    return context.ask({ ...FORM, message: 'Inside?' })
  })
  const outer = tool('outer', (_input, context) => Promise.all([context.ask(FORM), callTool({ tool: 'inner' })]))
  const toolCalls = ['impatient', 'outer'].map((name) => ({ id: name, name, arguments: {} }))
  const world = createWorld([{ toolCalls }, { text: 'Done.' }], { tools: [impatient, inner, outer] })
  expect(await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })).toMatchObject({ status: 'suspended' })
  await expectMatch(world)
})

test('a call that was left to ask does nothing more until it goes on', async () => {
  const did: string[] = []
  const { world } = await leaveAsking(async (context) => {
    const { action } = await context.ask(FORM).catch(() => ({ action: 'cancel' }))
    const act = action === 'accept' ? 'charge' : 'release'
    await context.sideEffect(act, () => did.push(act))
  })
  await decide(world, APPROVE)
  await world.agent.resume(RUN).result
  expect(did).toEqual(['charge'])
})

/** A tool that is not idempotent, and makes calls of one that is not either, which counts. */
function chargeWorld(
  ask: Parameters<typeof createPaying>[0],
  failure?: string,
  until: Promise<void> = Promise.resolve(),
): { readonly world: World; readonly charges: () => number } {
  let charges = 0
  const charge = tool(
    'charge',
    async () => {
      await until
      charges += 1
      if (failure !== undefined) throw new Error(failure)
    },
    ONCE,
  )
  const { pay } = createPaying(ask, ONCE)
  return { world: createWorld(TURNS, { tools: [pay, charge] }), charges: () => charges }
}

/** Has a run left, answered from outside and gone on with. */
async function leaveAndGoOn(world: World, onAsked: () => void = () => undefined): Promise<void> {
  const handle = world.agent.stream('Pay', { runId: RUN, onApproval: 'suspend' })
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') onAsked()
  })
  expect(await handle.result).toMatchObject({ status: 'suspended' })
  await idle()
  await decide(world, APPROVE)
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
}

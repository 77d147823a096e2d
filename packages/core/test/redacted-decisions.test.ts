import { cborToJson, KIND } from '@starling/event'
import type { ToolPolicy } from '@starling/tool'
import { expect, test } from 'vitest'
import { decideApprovals } from '../src/index.ts'
import type { ApprovalDecision } from '../src/index.ts'
import { createWorld, expectReplays, resultsShown, RUN, tool } from './support/world.ts'
import type { World } from './support/world.ts'

const TURNS = [{ toolCalls: [{ id: 'a', name: 'deploy', arguments: { token: 'x' } }] }, { text: 'Done.' }]

/** Hides what is named `token`. */
const redact = (value: unknown): unknown => (typeof value === 'object' ? { ...value, token: '***' } : value)

interface Site {
  readonly world: World
  readonly calls: string[]
}

function deploying(policy: ToolPolicy, decision?: ApprovalDecision): Site {
  const calls: string[] = []
  const deploy = tool('deploy', (input) => void calls.push(JSON.stringify(input)), { approval: true, ...policy })
  const approve = decision === undefined ? undefined : () => decision
  return { calls, world: createWorld(TURNS, { tools: [deploy], approve }) }
}

/** Everything that the log says, as text. */
async function logged({ world }: Site): Promise<string> {
  return (await world.log.read(RUN)).map(({ payload }) => cborToJson(payload)).join('\n')
}

test('arguments that someone puts in the place of others are redacted in the decision, the schedule and the call', async () => {
  const site = deploying({ redact }, { decision: 'approve', input: '{"token":"topsecret","to":"dev"}' })
  await site.world.agent.runWithId(RUN, 'Go')
  expect(await logged(site)).not.toContain('topsecret')
  expect(site.calls).toEqual(['{"to":"dev","token":"***"}'])
  await expectReplays(site.world)
})

test("a result that someone gives in the tool's stead is redacted in the decision, the log and for the model", async () => {
  const site = deploying({ redact }, { decision: 'answer', result: '{"token":"topsecret"}' })
  await site.world.agent.runWithId(RUN, 'Go')
  expect(await logged(site)).not.toContain('topsecret')
  expect(resultsShown(site.world.provider, 1)).toEqual({ a: '{"token":"***"}' })
  await expectReplays(site.world)
})

test("a result that someone gives in the tool's stead may be as large as the tool's own, and not larger", async () => {
  const result = JSON.stringify('x'.repeat(100))
  const site = deploying({ maxResultBytes: 100 }, { decision: 'answer', result })
  await site.world.agent.runWithId(RUN, 'Go')
  expect(resultsShown(site.world.provider, 1)).toEqual({ a: 'the result of deploy is larger than 100 bytes' })
  const fits = deploying({ maxResultBytes: 102 }, { decision: 'answer', result })
  await fits.world.agent.runWithId(RUN, 'Go')
  expect(resultsShown(fits.world.provider, 1)).toEqual({ a: result })
  await expectReplays(site.world)
})

test.each<[string, ApprovalDecision]>([
  ['the arguments', { decision: 'approve', input: '{"token":"topsecret"}' }],
  ['the result', { decision: 'answer', result: '{"token":"topsecret"}' }],
])('when %s of a decision cannot be redacted, the call is denied', async (what, decision) => {
  const failing = (value: unknown): unknown => {
    if (JSON.stringify(value).includes('topsecret')) throw new Error('cannot hide topsecret')
    return value
  }
  const site = deploying({ redact: failing }, { by: 'ada', ...decision })
  await site.world.agent.runWithId(RUN, 'Go')
  expect(await logged(site)).not.toContain('topsecret')
  expect(site.calls).toEqual([])
  const shown = resultsShown(site.world.provider, 1)
  expect(shown).toEqual({ a: `the call was denied: ${what} of the decision could not be redacted` })
  await expectReplays(site.world)
})

test('what is decided from outside, where no tool is known, is redacted before the call is made', async () => {
  const site = deploying({ redact })
  const { world, calls } = site
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  const decision = { callId: 'a', decision: 'approve', input: '{"token":"topsecret"}' } as const
  await decideApprovals(world.log, { runId: RUN, decisions: [decision] })
  await world.agent.resume(RUN).result
  const [scheduled] = await world.payloads(KIND.ToolCallScheduled)
  expect(cborToJson(scheduled?.args ?? new Uint8Array())).toBe('{"token":"***"}')
  expect(calls).toEqual(['{"token":"***"}'])
  await expectReplays(world)
})

test('what is decided from outside and cannot be redacted is not called with, and stays out of the schedule', async () => {
  let hides = false
  const failing = (value: unknown): unknown => {
    if (hides && JSON.stringify(value).includes('topsecret')) throw new Error('cannot hide it')
    return value
  }
  const { world, calls } = deploying({ redact: failing, idempotent: false })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  hides = true
  const decision = { callId: 'a', decision: 'approve', input: '{"token":"topsecret"}' } as const
  await decideApprovals(world.log, { runId: RUN, decisions: [decision] })
  await world.agent.resume(RUN).result
  expect(calls).toEqual([])
  const [scheduled] = await world.payloads(KIND.ToolCallScheduled)
  expect(cborToJson(scheduled?.args ?? new Uint8Array())).toBe('{}')
  await expectReplays(world)
})

import { cborToJson, decodeValue, KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { callTool, toRecorded } from '@starling/step'
import type { Recorded } from '@starling/step'
import type { Tool, ToolPolicy } from '@starling/tool'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideApprovals, readApprovals } from '../src/index.ts'
import type { CallDecision, CallPolicy, RunHandle } from '../src/index.ts'
import { createWorld, expectMatch, expectReplays, RUN, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

const POLICIES = {
  deploy: { approval: true },
  pay: { approval: true, idempotent: false, inDoubt: 'ask' },
  doubt: { idempotent: false, inDoubt: 'ask' },
  once: { idempotent: false },
} as const satisfies Readonly<Record<string, ToolPolicy>>

type Name = keyof typeof POLICIES

/** Even what someone has approved must not get past it. */
const POLICY: CallPolicy = {
  data: 'nothing of 13',
  evaluate: ({ input }) => ({ effect: input.includes('13') ? 'deny' : 'allow' }),
}

/** What one process does with the run, and where its log ends when it dies. */
interface Segment {
  readonly onApproval: 'wait' | 'suspend' | 'deny'
  /** What is decided before it begins, on the calls that wait by then. */
  readonly outside: readonly Verdict[]
  /** What is decided when a call asks. */
  readonly inside: Verdict
  /** How much of what it has recorded survives, in percent. */
  readonly kept: number
}

type Verdict = 'approve' | 'deny' | 'answer' | 'edit' | 'edit to 13' | 'nothing'

interface Script {
  readonly plans: readonly (readonly { readonly name: Name | 'outer'; readonly n: number }[])[]
  readonly segments: readonly Segment[]
}

const verdicts = fc.constantFrom<Verdict>(
  'approve',
  'approve',
  'edit',
  'edit',
  'deny',
  'answer',
  'edit to 13',
  'nothing',
)
const names = fc.constantFrom<Name | 'outer'>('deploy', 'pay', 'pay', 'pay', 'doubt', 'doubt', 'once', 'outer')
const scripts = fc.record<Script>({
  plans: fc.array(fc.array(fc.record({ name: names, n: fc.nat(14) }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
  segments: fc.array(
    fc.record<Segment>({
      onApproval: fc.constantFrom('wait', 'wait', 'wait', 'suspend', 'suspend', 'deny'),
      outside: fc.array(verdicts, { maxLength: 3 }),
      inside: verdicts,
      kept: fc.integer({ min: 1, max: 100 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
})

test('whoever decides, and wherever processes die, no call is made that must not be, and every log replays', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const made: Made[] = []
      let world = worldOf(script, made)
      for (const segment of script.segments) {
        made.length = 0
        const before = (await world.log.read(RUN)).length
        if (before > 0) await decideOutside(world, segment)
        const { status } = await runSegment(world, segment, before)
        expect(faultsIn(made, await readRecorded(world))).toEqual([])
        await expectMatch(world)
        const verdict = await validateRun(world.log, RUN)
        expect(verdict.status).toBe(status === 'suspended' ? 'open' : 'ok')
        const { length } = await world.log.read(RUN)
        const kept = before + Math.ceil(((length - before) * segment.kept) / 100)
        if (kept === length && status !== 'suspended') return
        world = worldOf(script, made, await truncated(world.log, kept))
        await expectMatch(world)
      }
      made.length = 0
      await runSegment(world, { onApproval: 'deny', outside: [], inside: 'nothing', kept: 100 }, 1)
      expect(faultsIn(made, await readRecorded(world))).toEqual([])
      await expectReplays(world)
    }),
    { numRuns: 20 },
  )
})

/** A call that a tool was called for. */
interface Made {
  readonly name: string
  readonly turnId: string
  readonly callId: string
  readonly input: string
}

/** What is wrong with the calls that were made, by what was on record before each. */
function faultsIn(made: readonly Made[], events: readonly Recorded[]): string[] {
  return made.flatMap(({ name, turnId, callId, input }) => {
    const at = events.findIndex(
      ({ kind, payload }) => kind === KIND.ToolCallScheduled && payload.turnId === turnId && payload.callId === callId,
    )
    const schedule = events[at]
    if (schedule?.kind !== KIND.ToolCallScheduled) return [`${name} was called before its schedule`]
    const planned = schedule.payload.reissueOf ?? callId
    const answered = events.slice(0, at).findLastIndex((event) => event.kind === KIND.AssistantMessageCompleted)
    const before = events.slice(answered, at)
    const earlier = before.findLastIndex(
      (event) => event.kind === KIND.ToolCallScheduled && (event.payload.reissueOf ?? event.payload.callId) === planned,
    )
    const decisions = before.flatMap((event, index) => decisionsAt(event, planned, index))
    const last = decisions.at(-1)
    const isApproved = last?.decision === 'approve'
    const expected =
      decisions.findLast((decision) => decision.input !== undefined)?.input ?? plannedInput(before, planned)
    return [
      name in POLICIES && asks(name) && !isApproved ? `${name} was called without an approval` : '',
      earlier >= 0 && name === 'once' ? 'once was called twice' : '',
      earlier >= 0 && (name === 'pay' || name === 'doubt') && !(isApproved && last.index > earlier)
        ? `${name} was repeated without an approval`
        : '',
      input === expected ? '' : `${name} was called with ${input} instead of ${String(expected)}`,
      input.includes('13') ? `${name} was called with ${input}, which the policy denies` : '',
    ].filter((fault) => fault !== '')
  })
}

function asks(name: string): boolean {
  return name === 'deploy' || name === 'pay'
}

interface Decided {
  readonly index: number
  readonly decision: unknown
  readonly input: string | undefined
}

function decisionsAt(event: Recorded, callId: string, index: number): readonly Decided[] {
  if (event.kind !== KIND.SideEffectRecorded || event.payload.name !== 'starling/approval') return []
  if (event.payload.callId !== callId) return []
  const fields = new Map(Object.entries(decodeValue(event.payload.value) ?? {}))
  const input = fields.get('input')
  return [{ index, decision: fields.get('decision'), input: typeof input === 'string' ? input : undefined }]
}

function plannedInput([answer]: readonly Recorded[], callId: string): string | undefined {
  if (answer?.kind !== KIND.AssistantMessageCompleted) return undefined
  const use = answer.payload.toolUses?.find((planned) => planned.callId === callId)
  return use === undefined ? undefined : cborToJson(use.args)
}

async function readRecorded(world: World): Promise<readonly Recorded[]> {
  return (await world.log.read(RUN)).flatMap((event) => toRecorded(event) ?? [])
}

async function decideOutside(world: World, { outside }: Segment): Promise<void> {
  const waiting = await readApprovals(world.log, RUN)
  const decisions = waiting.flatMap((call, index) => decisionOf(call, outside[index] ?? 'nothing'))
  if (decisions.length === 0) return
  expect(await decideApprovals(world.log, { runId: RUN, decisions })).toBe(decisions.length)
  await expectMatch(world)
}

async function runSegment(world: World, { onApproval, inside }: Segment, from: number) {
  // Where nobody decides, nobody is waited for either.
  const options = { onApproval: onApproval === 'wait' && inside === 'nothing' ? 'suspend' : onApproval } as const
  const handle: RunHandle =
    from === 0 ? world.agent.stream('Go', { runId: RUN, ...options }) : world.agent.resume(RUN, options)
  for await (const update of handle) {
    if (update.type !== 'approval-requested' || onApproval === 'deny') continue
    const [decision] = decisionOf(update, inside)
    if (decision === undefined) continue
    try {
      handle.decide([decision]).catch(() => undefined) // the run may have come to stand still before
    } catch {
      // or it has by now
    }
  }
  return handle.result
}

function decisionOf(call: { readonly callId: string; readonly turnId: string }, verdict: Verdict): CallDecision[] {
  const { callId, turnId } = call
  switch (verdict) {
    case 'nothing':
      return []
    case 'answer':
      return [{ callId, turnId, decision: 'answer', result: '"by hand"' }]
    case 'edit':
      return [{ callId, turnId, decision: 'approve', input: '{"n":100}' }]
    case 'edit to 13':
      return [{ callId, turnId, decision: 'approve', input: '{"n":13}' }]
    default:
      return [{ callId, turnId, decision: verdict }]
  }
}

/** The script is a function of the conversation: a resumed run goes on where the recorded one would. Ids come again. */
function worldOf({ plans }: Script, made: Made[], log?: World['log']): World {
  const answer = (request: { readonly messages: readonly { readonly role: string }[] }): ScriptedTurn => {
    const plan = plans[request.messages.filter(({ role }) => role === 'assistant').length]
    if (plan === undefined) return { text: 'Done.' }
    return { toolCalls: plan.map(({ name, n }, index) => ({ id: `c${index}`, name, arguments: { n } })) }
  }
  const noted = Object.entries(POLICIES).map(([name, policy]): Tool =>
    tool(
      name,
      async (input, context) => {
        // Recorded, so that a replay notes nothing.
        const { turnId, callId } = context
        await context.sideEffect('note', () => void made.push({ name, turnId, callId, input: JSON.stringify(input) }))
        return input
      },
      policy,
    ),
  )
  const outer = tool('outer', async () => {
    const inner = ['{}', '{"n":1}'].map((input) => callTool({ tool: 'quiet', input }))
    return (await Promise.all(inner)).join('')
  })
  return createWorld(answer, {
    tools: [...noted, outer, tool('quiet', (input) => input)],
    policy: POLICY,
    ...(log === undefined ? {} : { log }),
  })
}

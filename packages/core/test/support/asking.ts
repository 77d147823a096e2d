import type { ScriptedTurn } from '@starling/provider/scripted'
import type { Tool, ToolContext, ToolPolicy, ToolQuestion } from '@starling/tool'
import { decideApprovals } from '../../src/index.ts'
import type { AgentOptions, CallDecision, RunResult } from '../../src/index.ts'
import { createWorld, resultsShown, RUN, tool } from './world.ts'
import type { World } from './world.ts'

/** A question that asks for a form. */
export const FORM: ToolQuestion = { type: 'form', message: 'Which account?', schema: '{"type":"object"}' }

/** A question that asks for a visit. */
export const VISIT: ToolQuestion = { type: 'url', message: 'Sign in', url: 'https://bank.example/' }

/** What the form is filled in with. */
export const ACCOUNT = '{"account":"a-1"}'

/** A model that has the tool `pay` called, and is content. */
export const TURNS: readonly ScriptedTurn[] = [
  { toolCalls: [{ id: 'c1', name: 'pay', arguments: { sum: 5 } }] },
  { text: 'Paid.' },
]

/** How a tool asks. */
export type Ask = (context: ToolContext) => Promise<unknown>

/** A tool that acts, asks, and acts again; every act is a side effect, and noted in `did`. */
export function createPaying(
  ask: Ask = (context) => context.ask(FORM),
  policy?: ToolPolicy,
): { readonly did: string[]; readonly pay: Tool } {
  const did: string[] = []
  const act = (context: ToolContext, name: string): Promise<number> => context.sideEffect(name, () => did.push(name))
  const pay = tool(
    'pay',
    async (_input, context) => {
      await act(context, 'reserve')
      const answer = await ask(context)
      await act(context, 'book')
      return { answer }
    },
    policy,
  )
  return { did, pay }
}

/** A run that was left while its tool asked. */
export interface LeftRun {
  readonly world: World
  readonly did: string[]
  readonly left: RunResult
}

/** Has a run left while its tool asks. */
export async function leaveAsking(
  ask?: Ask,
  { toolPolicy, ...options }: Partial<AgentOptions> & { readonly toolPolicy?: ToolPolicy } = {},
): Promise<LeftRun> {
  const { did, pay } = createPaying(ask, toolPolicy)
  const world = createWorld(TURNS, { tools: [pay], ...options })
  const left = await world.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })
  return { world, did, left }
}

/** Decides from outside the run. */
export function decide(world: World, ...decisions: readonly CallDecision[]): Promise<number> {
  return decideApprovals(world.log, { runId: RUN, decisions })
}

/** What the tool `pay` returned, as the model sees it. */
export function paidWith(world: World): unknown {
  return JSON.parse(resultsShown(world.provider, 1)['c1'] ?? 'null')
}

import { setImmediate } from 'node:timers/promises'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { callTool } from '@starling/step'
import type { Clock } from '@starling/step'
import { transient } from '@starling/tool'
import type { Tool, ToolAnswer, ToolContext, ToolPolicy, ToolQuestion } from '@starling/tool'
import fc from 'fast-check'
import type { AgentOptions } from '../../src/index.ts'
import { createFakeClock } from './fake-clock.ts'
import { createWorld, tool } from './world.ts'
import type { World } from './world.ts'

/** The name of a tool of the plans; `faithful` gives its word that it acts through what it records alone. */
export type Name = 'plain' | 'approved' | 'once' | 'faithful' | 'doubted' | 'retried' | 'alone' | 'timed' | 'redacted'

/** The tools of the plans: all of them do what their arguments say. */
export const POLICIES: Readonly<Record<Name, ToolPolicy>> = {
  plain: {},
  approved: { approval: true },
  once: { idempotent: false },
  faithful: { idempotent: false },
  doubted: { idempotent: false, inDoubt: 'ask', approval: true },
  retried: { idempotent: true, maxAttempts: 3 },
  alone: { concurrency: 1 },
  timed: { timeoutMs: 5000, approvalTimeoutMs: 60_000 },
  redacted: { redact: (value) => value },
}

/** What a call may do. */
type StepName =
  | 'act'
  | 'act in vain'
  | 'read'
  | 'ask'
  | 'visit'
  | 'ask twice at once'
  | 'ask and act'
  | 'ask and go on'
  | 'ask and fail at first'
  | 'fail at first'
  | 'call'
  | 'call who asks'
  | 'ask and call who asks'

interface Step {
  /** Names what the step records and asks; unique in its call. */
  readonly tag: string
  /** Whether the step is one of a call inside another. */
  readonly context: ToolContext
  ask(type: ToolQuestion['type'], tag?: string): Promise<ToolAnswer>
  /** Makes a call inside this one. */
  nest(...steps: readonly StepName[]): Promise<string>
}

const STEPS: Readonly<Record<StepName, (step: Step) => unknown>> = {
  act: ({ context, tag }) => context.sideEffect(tag, () => 1),
  'act in vain': ({ context, tag }) => context.sideEffect(tag, () => Promise.reject(new Error(tag))).catch(String),
  read: ({ context }) => Promise.all([context.now(), context.uuid(), context.random()]),
  ask: ({ ask }) => ask('form'),
  visit: ({ ask }) => ask('url'),
  'ask twice at once': ({ ask }) => Promise.all([ask('form', 'a'), ask('form', 'b')]),
  'ask and act': ({ ask, context, tag }) =>
    Promise.all([ask('form'), context.sideEffect(tag, () => setImmediate(1)), context.now()]),
  'ask and go on': ({ ask, context, tag }) =>
    Promise.race([ask('form'), context.sideEffect(tag, () => 1)]).then(() => 1),
  'ask and fail at first': async ({ ask, context }) => {
    const asked = ask('form')
    asked.catch(() => undefined) // whoever fails without it need not hear of it
    if (context.attempt === 1) throw transient(new Error('not at first'))
    return asked
  },
  'fail at first': ({ context }) => {
    if (context.attempt === 1) throw transient(new Error('not at first'))
  },
  call: ({ nest }) => nest('act', 'read'),
  'call who asks': ({ nest }) => nest('ask'),
  'ask and call who asks': ({ ask, nest }) => Promise.all([ask('form'), nest('read', 'ask')]),
}

/** A call that the model plans. */
export interface AskingCall {
  readonly name: Name
  readonly steps: readonly StepName[]
}

/** What the model plans, answer by answer. */
export type AskingPlan = readonly (readonly AskingCall[])[]

const NAMES = Object.keys(POLICIES).filter((name): name is Name => name in POLICIES)

const STEP_NAMES = Object.keys(STEPS).filter(isStep)

/** Any plan. */
export const askingPlans: fc.Arbitrary<AskingPlan> = fc.array(
  fc.array(
    fc.record<AskingCall>({
      // Most can go wrong with those that must not be called twice.
      name: fc.constantFrom(...NAMES, 'once', 'faithful', 'faithful', 'doubted'),
      steps: fc.array(fc.constantFrom(...STEP_NAMES), { maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 1, maxLength: 2 },
)

/** What happens outside the log while calls run. */
export interface Journal {
  /** Every time a tool was called for the model, and how many events the log held by then. */
  readonly entered: Entered[]
  /** What went wrong inside the tools. */
  readonly faults: string[]
  /** In a replay nothing is noted. */
  isClosed: boolean
  /** One time for all processes; waits of up to a second end at once. */
  readonly clock: Clock
}

/** An empty journal. */
export function createJournal(): Journal {
  return { entered: [], faults: [], isClosed: false, clock: createFakeClock({ skipUpToMs: 1000 }) }
}

/** A tool was called. */
export interface Entered {
  readonly name: Name
  readonly turnId: string
  /** The id under which the call was scheduled. */
  readonly callId: string
  readonly attempt: number
  readonly logLength: number
}

/** A world whose model plans as `plan` says; ids of calls come again in every answer. */
export function askingWorld(plan: AskingPlan, journal: Journal, options: Partial<AgentOptions> = {}): World {
  const answer = (request: { readonly messages: readonly { readonly role: string }[] }): ScriptedTurn => {
    const turn = request.messages.filter(({ role }) => role === 'assistant').length
    const calls = plan[turn]
    if (calls === undefined) return { text: 'Done.' }
    return {
      toolCalls: calls.map(({ name, steps }, index) => {
        return { id: `c${index}`, name, arguments: { steps: [...steps], path: `${turn}/${index}` } }
      }),
    }
  }
  const named = NAMES.map((name): Tool =>
    tool(
      name,
      async (input, context) => {
        await note(name, context)
        return takeSteps(readArguments(input), context, { journal, held: name === 'faithful' ? false : undefined })
      },
      POLICIES[name],
    ),
  )
  const note = async (name: Name, { runId, turnId, callId, attempt }: ToolContext): Promise<void> => {
    if (journal.isClosed) return
    const { length: logLength } = await world.log.read(runId)
    journal.entered.push({ name, turnId, callId, attempt, logLength })
  }
  const inner = tool('inner', (input, context) => takeSteps(readArguments(input), context, { journal }))
  const world = createWorld(answer, {
    clock: journal.clock,
    maxFailedToolTurns: 0,
    ...options,
    tools: [...named, inner],
  })
  return world
}

interface Arguments {
  readonly steps: readonly StepName[]
  /** Names the call. */
  readonly path: string
}

interface Taking {
  readonly journal: Journal
  readonly held?: boolean | undefined
}

async function takeSteps({ steps, path }: Arguments, context: ToolContext, taking: Taking): Promise<unknown> {
  const { journal, held } = taking
  const results: unknown[] = []
  for (const [index, name] of steps.entries()) {
    const tag = `${name} ${index}`
    const ask: Step['ask'] = async (type, part = '') => {
      const message = `${path} ${tag} ${part}`
      const question: ToolQuestion =
        type === 'form' ? { type, message, schema: '{}' } : { type, message, url: 'https://sign.in/' }
      const answer = await context.ask(question, held === undefined ? {} : { held })
      if (answer.content !== undefined && answer.content !== contentFor(message)) {
        journal.faults.push(`${message} was answered with ${answer.content}`)
      }
      return answer
    }
    const nest: Step['nest'] = (...inside) =>
      callTool({ tool: 'inner', input: JSON.stringify({ steps: inside, path: `${path} ${tag}` }) })
    results.push(await STEPS[name]({ tag, context, ask, nest }))
  }
  return results
}

/** With what the form of a question is filled in. */
export function contentFor(message: string): string {
  return JSON.stringify({ for: message })
}

function readArguments({ steps, path }: Record<string, unknown>): Arguments {
  if (!Array.isArray(steps) || typeof path !== 'string') throw new Error('the arguments are not those of a plan')
  return { steps: steps.filter(isStep), path }
}

function isStep(name: unknown): name is StepName {
  return typeof name === 'string' && name in STEPS
}

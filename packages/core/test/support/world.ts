import { setImmediate } from 'node:timers/promises'
import { decodeValue, hashEvent, KIND, kindName } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { Script, ScriptedProvider } from '@starling/provider/scripted'
import { isOfKind, toRecorded } from '@starling/step'
import type { Tool, ToolContext, ToolPolicy } from '@starling/tool'
import { expect } from 'vitest'
import { createAgent } from '../../src/index.ts'
import type { Agent, AgentOptions, ReplayOptions, ReplayReport, RunHandle, RunUpdate } from '../../src/index.ts'

/** An agent over a log in memory and a scripted provider. */
export interface World {
  readonly agent: Agent
  readonly log: EventLog
  readonly provider: ScriptedProvider
  /** The names of the kinds of a run, in order. */
  kinds(runId?: string): Promise<string[]>
  /** The payloads of one kind of a run, in order. */
  payloads<K extends Kind>(kind: K, runId?: string): Promise<PayloadByKind[K][]>
  /** The same agent over another script, on the same log, with other options. */
  with(turns: Script, options?: Partial<AgentOptions>): World
}

/** The id under which the tests run. */
export const RUN = 'run-1'

/** Makes a world; the script answers the model's calls. */
export function createWorld(turns: Script, options: Partial<AgentOptions> = {}): World {
  const provider = createScriptedProvider({ turns })
  const log = options.log ?? createMemoryEventLog()
  const settings = { model: 'gpt-4o', provider, ...options, log }
  return {
    agent: createAgent(settings),
    log,
    provider,
    kinds: async (runId = RUN) => kindsOf(await log.read(runId)),
    payloads: async (kind, runId = RUN) => payloadsOf(await log.read(runId), kind),
    with: (others, changes = {}) => createWorld(others, { ...options, log, ...changes }),
  }
}

/** The names of the kinds, in order. */
function kindsOf(events: readonly Event[]): string[] {
  return events.map((event) => kindName(event.kind))
}

/** The payloads of one kind, in order. */
function payloadsOf<K extends Kind>(events: readonly Event[], kind: K): PayloadByKind[K][] {
  return events.flatMap((event) => {
    const recorded = toRecorded(event)
    return isOfKind(recorded, kind) ? [recorded.payload] : []
  })
}

/** A tool made of one function. */
export function tool(
  name: string,
  execute: (input: Record<string, unknown>, context: ToolContext) => unknown,
  policy: ToolPolicy = {},
): Tool {
  return {
    name,
    description: `the tool ${name}`,
    inputSchema: '{"type":"object"}',
    policy,
    execute: async (input, context) => JSON.stringify((await execute(JSON.parse(input), context)) ?? null),
  }
}

/** Checks that a run is a valid, finished log and that its replay reproduces every event, with tools and without. */
export async function expectReplays(world: World, runId: string = RUN, options: ReplayOptions = {}): Promise<void> {
  expect(await validateRun(world.log, runId)).toMatchObject({ status: 'ok' })
  await expectMatch(world, runId, options)
}

/** Checks that the replay of a run, finished or not, reproduces every event. */
export async function expectMatch(world: World, runId: string = RUN, options: ReplayOptions = {}): Promise<void> {
  for (const tools of ['execute', 'recorded'] as const) {
    const report = await world.agent.replay(runId, { tools, ...options })
    expect(report.divergences.map((divergence) => divergence.message)).toEqual([])
    expect(report).toMatchObject({ status: 'match', eventsReproduced: report.eventsRecorded, warnings: [] })
  }
}

/** Replays and expects a difference. */
export async function expectDiverged(
  world: World,
  options: ReplayOptions = {},
  runId: string = RUN,
): Promise<ReplayReport> {
  const report = await world.agent.replay(runId, options)
  expect(report.status).toBe('diverged')
  return report
}

/** Reads every update of a run, calling `on` with each. */
export async function readUpdates(
  handle: RunHandle,
  on: (update: RunUpdate) => void = () => undefined,
): Promise<RunUpdate[]> {
  const updates: RunUpdate[] = []
  for await (const update of handle) {
    updates.push(update)
    on(update)
  }
  return updates
}

/** The first `count` events of a run, in a log of their own: what a crash after the last of them leaves. */
export async function truncated(log: EventLog, count: number, runId: string = RUN): Promise<EventLog> {
  const copy = createMemoryEventLog()
  const events = await log.read(runId, { limit: count })
  if (events.length > 0) await copy.append(runId, events)
  return copy
}

/** A copy of the run with other events, chained anew: what someone with access to the file could make of it. */
export async function tampered(
  world: World,
  change: (events: readonly Event[]) => readonly Event[],
): Promise<EventLog> {
  const log = createMemoryEventLog()
  let previous: Event | undefined
  for (const event of change(await world.log.read(RUN))) {
    const prevHash: Uint8Array | null = previous === undefined ? null : hashEvent(previous)
    previous = { ...event, seq: (previous?.seq ?? 0) + 1, prevHash }
    await log.append(RUN, previous)
  }
  return log
}

/** Where the first event of a kind is, counted from 1. */
export async function seqOf(log: EventLog, kind: Kind, nth = 1): Promise<number> {
  const found = (await log.read(RUN)).filter((event) => event.kind === kind)[nth - 1]
  if (found === undefined) throw new Error(`the run has no ${kindName(kind)} number ${nth}`)
  return found.seq
}

/** The results that the model is shown, by call id. */
export function resultsShown(provider: ScriptedProvider, request: number): Record<string, string> {
  const messages = provider.requests[request]?.messages ?? []
  return Object.fromEntries(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message.content]] : [])),
  )
}

/** A promise that a test settles. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

/** Rejects when the call is aborted, and otherwise never ends. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** The side effects of a run as plain data. */
export async function sideEffects(world: World): Promise<{ name: string; value: unknown; error?: string }[]> {
  const recorded = await world.payloads(KIND.SideEffectRecorded)
  return recorded.map(({ name, value, error }) => ({
    name,
    value: decodeValue(value),
    ...(error === undefined ? {} : { error }),
  }))
}

/** Resolves once everything that could happen by itself has. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await setImmediate()
}

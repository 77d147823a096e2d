import { setImmediate } from 'node:timers/promises'
import { decodePayload, KIND, toHex } from '@starling/event'
import type { Event } from '@starling/event'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { Clock, IdSource } from '@starling/step'
import type { ToolContext } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { createAgent } from '../src/index.ts'
import { goldenAgent, waitFor } from './golden/golden-agent.ts'
import type { GoldenWorld } from './golden/golden-agent.ts'
import { goldenEvents, readGoldenRuns, textOf } from './golden/golden-run.ts'
import type { GoldenRun } from './golden/golden-run.ts'

const RAW_ARGUMENTS =
  'arguments are made canonical before the prompt is hashed; the reference hashes the text as the model wrote it'
const RESUMED =
  'the history keeps planned call ids after a resume and shows arguments as JSON; the reference renames them and shows CBOR bytes'
const ERROR_TEXT = "the error text is this runtime's own"

/** Scenarios whose bytes differ on purpose: from where on, and why. Every other one gives the recorded bytes. */
const DIFFERENT: Readonly<Record<string, { readonly from: string; readonly reason: string }>> = {
  'args-bad-json': { from: 'seq 3 payload', reason: ERROR_TEXT },
  'args-duplicate-keys': { from: 'seq 6 payload', reason: RAW_ARGUMENTS },
  'args-html-escapes': { from: 'seq 6 payload', reason: RAW_ARGUMENTS },
  'args-nesting-30': {
    from: 'seq 8 payload',
    reason: 'the reference cannot decode its own assistant message and leaves it out of the totals',
  },
  'args-spaces-and-order': { from: 'seq 6 payload', reason: RAW_ARGUMENTS },
  'args-stray-brace': { from: 'seq 6 payload', reason: RAW_ARGUMENTS },
  'budget-wall-clock-stream': {
    from: 'seq 3',
    reason: 'a run that its wall-clock budget ended says so; the reference reports the provider',
  },
  'cancel-in-tool': { from: 'seq 5 payload', reason: ERROR_TEXT },
  'duplicate-call-id-in-turn': { from: 'seq 3 payload', reason: ERROR_TEXT },
  'provider-eof-without-end': { from: 'seq 3 payload', reason: ERROR_TEXT },
  'raw-hash-required-missing': { from: 'seq 3 payload', reason: ERROR_TEXT },
  'resume-extra-message': { from: 'seq 8 payload', reason: RESUMED },
  'resume-pending-call': { from: 'seq 8 payload', reason: RESUMED },
  'resume-twice': { from: 'seq 12 payload', reason: RESUMED },
  'resume-with-params-and-reasoning': { from: 'seq 9 payload', reason: RESUMED },
  'side-effects-values-a': {
    from: 'seq 20 payload',
    reason: 'the values are of types that JavaScript does not tell apart, such as float64 1 and int64 1',
  },
  'tool-bad-result-json': {
    from: 'seq 5 kind',
    reason: 'a result that is not JSON fails its call; the reference leaves the call without an outcome',
  },
  'unicode-everywhere': { from: 'seq 6 payload', reason: RAW_ARGUMENTS },
}

describe('the inputs of recorded runs', () => {
  for (const run of readGoldenRuns()) {
    if (run.inputs.driver !== 'agent') continue
    const difference = DIFFERENT[run.name]
    const fact = difference === undefined ? 'gives the recorded bytes' : `differs: ${difference.reason}`
    test(`${run.name} ${fact}`, async () => {
      const found = firstDifference(goldenEvents(run), await drive(run))
      // A known difference is named by where it begins: what exactly differs may change.
      expect(found?.slice(0, difference?.from.length)).toBe(difference?.from)
    })
  }
})

/** Drives a scenario through this runtime with the recorded ids, clock and random values. */
async function drive(run: GoldenRun): Promise<readonly Event[]> {
  const recorded = goldenEvents(run)
  let log = createMemoryEventLog()
  for (const phase of run.inputs.phases) {
    if (phase.kind === 'truncate') {
      const kept = await log.read(run.run_id, { limit: phase.keep_events })
      log = createMemoryEventLog()
      for (const event of kept) await log.append(run.run_id, event)
      continue
    }
    const done = (await log.read(run.run_id)).length
    const controller = new AbortController()
    const injected = inject(recorded.slice(done), recorded.slice(0, done))
    const world: GoldenWorld = {
      log,
      runId: run.run_id,
      replaying: false,
      cancel: () => controller.abort('context_canceled'),
      onStart: injected.onStart,
      beforeReturn: async (context) => {
        const place = injected.placeOf(context)
        let outcomes = 0
        if (place > 0) await waitFor(world, ({ kind }) => OUTCOMES.has(kind) && (outcomes += 1) === place)
        injected.finish(context)
      },
    }
    const agent = createAgent({
      ...goldenAgent(run, phase, world),
      log,
      clock: injected.clock,
      ids: injected.ids,
      entropy: injected.entropy,
      starlingVersion: '(devel)',
      leaseMs: 0,
      maxParallelTools: 16,
      cancelGraceMs: GRACE_MS,
    })
    const { signal } = controller
    if (phase.kind === 'run') {
      await agent.runWithId(run.run_id, textOf(run.inputs.goal), { signal })
      continue
    }
    const handle = agent.resume(run.run_id, { message: phase.extra_message, reissueTools: phase.reissue_tools, signal })
    await handle.result.catch(() => undefined) // a refused resume is part of a scenario
  }
  return log.read(run.run_id)
}

interface Injected {
  readonly clock: Clock
  readonly ids: IdSource
  readonly entropy: { bytes(length: number): Uint8Array }
  readonly onStart: GoldenWorld['onStart']
  /** How many outcomes the log must hold before that of this attempt. */
  readonly placeOf: (context: ToolContext) => number
  /** Sets the clock to when this attempt ended. */
  readonly finish: (context: ToolContext) => void
}

/** Serves what a recording holds of the world, in the order in which the run asks for it. */
function inject(rest: readonly Event[], done: readonly Event[]): Injected {
  const times: bigint[] = []
  const ids: string[] = []
  const random: Uint8Array[] = []
  const durations = new Map<string, number>()
  const startedAt = (done[0] ?? rest[0])?.ts ?? 0n
  const planned = new Set<string>()
  const order = [...done, ...rest].filter((event) => OUTCOMES.has(event.kind)).map(attemptOf)
  for (const event of [...done, ...rest]) {
    if (event.kind !== KIND.AssistantMessageCompleted) continue
    try {
      for (const use of decodePayload(event.kind, event.payload).toolUses ?? []) planned.add(use.callId)
    } catch {
      // a payload that the reference itself cannot decode: its calls are not minted
    }
  }
  for (const event of rest) {
    if (event.kind === KIND.TurnStarted) ids.push(decodePayload(event.kind, event.payload).turnId)
    if (event.kind === KIND.ToolCallScheduled) {
      const { callId } = decodePayload(event.kind, event.payload)
      if (/^[0-9A-Z]{26}$/.test(callId) && !planned.has(callId)) ids.push(callId)
    }
    if (event.kind === KIND.ToolCallCompleted || event.kind === KIND.ToolCallFailed) {
      durations.set(attemptOf(event), decodePayload(event.kind, event.payload).durationMs)
    }
    if (event.kind === KIND.SideEffectRecorded) {
      const { name, value } = decodePayload(event.kind, event.payload)
      if (name === 'now') times.push(BigInt(`0x${toHex(value.subarray(1))}`))
      if (name === 'rand') random.push(randomBytes(value))
    }
    const durationMs = terminalDuration(event)
    if (durationMs !== undefined) times.push(startedAt + BigInt(durationMs) * 1_000_000n)
    times.push(event.ts)
  }
  let elapsed = 0
  const started = new Map<string, number>()
  return {
    clock: {
      now: () => times.shift() ?? 0n,
      elapsedMs: () => elapsed,
      sleep: (ms, options) => (ms < GRACE_MS ? setImmediate() : untilAborted(options?.signal)),
    },
    ids: { mint: () => ids.shift() ?? 'not recorded' },
    entropy: { bytes: (length) => random.shift() ?? new Uint8Array(length) },
    onStart: (context) => void started.set(nameOf(context), elapsed),
    placeOf: (context) => order.indexOf(nameOf(context)),
    finish: (context) => {
      const name = nameOf(context)
      elapsed = (started.get(name) ?? 0) + (durations.get(name) ?? 0)
    },
  }
}

const OUTCOMES: ReadonlySet<number> = new Set([KIND.ToolCallCompleted, KIND.ToolCallFailed])

// Longer than any wait of the scenarios: what sleeps this long is only ever ended by an abort.
const GRACE_MS = 1_000_000

function nameOf(call: { readonly callId: string; readonly attempt: number }): string {
  return `${call.callId}/${call.attempt}`
}

function attemptOf(event: Event): string {
  return event.kind === KIND.ToolCallCompleted
    ? nameOf(decodePayload(KIND.ToolCallCompleted, event.payload))
    : nameOf(decodePayload(KIND.ToolCallFailed, event.payload))
}

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}

function terminalDuration(event: Event): number | undefined {
  switch (event.kind) {
    case KIND.RunCompleted:
      return decodePayload(KIND.RunCompleted, event.payload).durationMs
    case KIND.RunFailed:
      return decodePayload(KIND.RunFailed, event.payload).durationMs
    case KIND.RunCancelled:
      return decodePayload(KIND.RunCancelled, event.payload).durationMs
    default:
      return undefined
  }
}

/** The eight bytes behind a recorded unsigned integer. */
function randomBytes(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8)
  const argument = value.length === 1 ? Uint8Array.of((value[0] ?? 0) & 0x1f) : value.subarray(1)
  bytes.set(argument, 8 - argument.length)
  return bytes
}

function firstDifference(recorded: readonly Event[], produced: readonly Event[]): string | undefined {
  for (let index = 0; index < Math.max(recorded.length, produced.length); index += 1) {
    const left = recorded[index]
    const right = produced[index]
    if (left === undefined || right === undefined)
      return `${recorded.length} events recorded, ${produced.length} produced`
    for (const field of ['kind', 'ts', 'payload', 'prevHash'] as const) {
      if (show(left[field]) !== show(right[field]))
        return `seq ${left.seq} ${field}: ${show(left[field])} is now ${show(right[field])}`
    }
  }
  return undefined
}

function show(value: Event[keyof Event]): string {
  return value instanceof Uint8Array ? toHex(value) : String(value)
}

import { encodeCbor } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import type { Tool, ToolContext, ToolPolicy } from '@starling/tool'
import { dispatchCalls, ENGINE, systemEntropy, toRecorded } from '../../src/index.ts'
import type { CallEnvironment, CallOutcome, CallPlan, Clock, Engine, Recorded } from '../../src/index.ts'
import { liveRecorder, RUN } from './recordings.ts'

/** A tool made of one function; its result is what that returns, as JSON. */
export function makeTool(
  name: string,
  execute: (context: ToolContext, input: string) => unknown,
  policy: ToolPolicy = {},
): Tool {
  return {
    name,
    description: name,
    inputSchema: '{"type":"object"}',
    policy,
    execute: async (input, context) => JSON.stringify((await execute(context, input)) ?? null),
  }
}

/** Tool calls without an agent around them. */
export interface Calls {
  readonly log: EventLog
  readonly environment: CallEnvironment
  /** Makes a call to its outcome. */
  call(tool: string, plan?: Partial<CallPlan>): Promise<CallOutcome | undefined>
  /** What has been recorded, in order. */
  recorded(): Promise<readonly Recorded[]>
}

/** Where tools are called and recorded. */
export function createCalls(
  tools: readonly Tool[],
  { engine = ENGINE.asking, ...options }: Partial<CallEnvironment> & { readonly engine?: Engine } = {},
): Calls {
  const recorder = liveRecorder({ engine })
  const environment: CallEnvironment = {
    recorder,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    clock: createManualClock(),
    entropy: systemEntropy,
    observers: [],
    signal: new AbortController().signal,
    maxParallel: 8,
    cancelGraceMs: 1000,
    replayTools: 'execute',
    ...options,
  }
  return {
    log: recorder.log,
    environment,
    async call(tool, plan = {}) {
      const args = encodeCbor(new Map())
      const [outcome] = await dispatchCalls(environment, [
        { callId: 'c0', turnId: 't', tool, args, input: '{}', ...plan },
      ])
      await recorder.flush()
      return outcome
    },
    recorded: async () => (await recorder.log.read(RUN)).flatMap((event) => toRecorded(event) ?? []),
  }
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** How many wait. */
  readonly sleeping: number
  /** Moves the time and wakes whoever has waited until then. */
  advance(ms: number): void
}

/** Creates a clock at a fixed moment. */
export function createManualClock(): ManualClock {
  let elapsed = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    now: () => 1_700_000_000_000_000_000n + BigInt(elapsed) * 1_000_000n,
    elapsedMs: () => elapsed,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: elapsed + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    get sleeping() {
      return sleepers.size
    },
    advance(ms) {
      elapsed += ms
      for (const sleeper of sleepers) {
        if (sleeper.at > elapsed || !sleepers.delete(sleeper)) continue
        sleeper.wake()
      }
    },
  }
}

import { KIND } from '@starling/event'
import type { RunFailed } from '@starling/event'
import type { StopReason } from '@starling/provider'
import type { ApprovalRequest } from './definition.ts'
import type { RunState } from './run-state.ts'
import { waitingCalls } from './waiting-calls.ts'

/** Why a run did not complete. */
export interface RunFailure {
  readonly type: string
  readonly message: string
  /** The cap that ended it, by its name in the log. */
  readonly limit?: string | undefined
}

/** How a run ended, and what it took. */
export interface RunResult<Output = unknown> {
  readonly runId: string
  /** `suspended`: it has not ended, but waits for decisions that nobody here makes; a resume goes on with it. */
  readonly status: 'completed' | 'failed' | 'cancelled' | 'suspended'
  /** The calls that a suspended run waits for. Default: none. */
  readonly waiting?: readonly ApprovalRequest[] | undefined
  /** The text of the last answer, also when the run failed after it. */
  readonly finalText: string
  /** What the final answer says, by the agent's `output` schema; only of a completed run of an agent that has one. */
  readonly output?: Output | undefined
  /** Why the model ended its last answer; `undefined` without one, and where the log does not say. */
  readonly finishReason?: StopReason | undefined
  /** Why the run failed (`budget`, `max_turns`, `tool`, `provider`, `output`, `internal`) or was cancelled (`cancelled`). */
  readonly error?: RunFailure | undefined
  readonly turnCount: number
  /** Retries and re-issues included. */
  readonly toolCallCount: number
  /** Without what was read from or written to a cache. What failed attempts have used counts here and below, as far as it is known. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  readonly durationMs: number
  /** Root of the Merkle tree over every event before the terminal one, 32 bytes; empty while there is none. */
  readonly merkleRoot: Uint8Array
  /** Prompt-cache use: turns that read from the cache and turns that did not, and the tokens. */
  readonly cache: {
    readonly hits: number
    readonly misses: number
    readonly readTokens: number
    readonly createTokens: number
  }
}

/** Reads the result off the state of a run, and what its final answer says; `undefined` while it has not ended. */
export function resultOf(runId: string, state: RunState, output?: unknown): RunResult | undefined {
  const { terminal } = state
  if (terminal === undefined) return undefined
  const { durationMs, merkleRoot } = terminal.payload
  const shared = { ...effortOf(runId, state), durationMs, merkleRoot: merkleRoot ?? new Uint8Array(0) }
  switch (terminal.kind) {
    case KIND.RunCompleted:
      return { ...shared, status: 'completed', ...(output === undefined ? {} : { output }) }
    case KIND.RunFailed:
      return { ...shared, status: 'failed', error: failureOf(terminal.payload, state) }
    case KIND.RunCancelled:
      return { ...shared, status: 'cancelled', error: { type: 'cancelled', message: terminal.payload.reason } }
  }
}

/** The result of a run that waits. */
export function suspendedResult(runId: string, state: RunState): RunResult {
  return {
    ...effortOf(runId, state),
    status: 'suspended',
    waiting: waitingCalls(runId, state),
    durationMs: Number((state.lastNs - state.startedAtNs) / 1_000_000n),
    merkleRoot: new Uint8Array(0),
  }
}

type Effort = Omit<RunResult, 'status' | 'durationMs' | 'merkleRoot'>

function effortOf(runId: string, state: RunState): Effort {
  const { turnCount, toolCallCount, inputTokens, outputTokens, costUsd, finalText, finishReason } = state
  const cache = { ...state.cache }
  return { runId, finalText, finishReason, turnCount, toolCallCount, inputTokens, outputTokens, costUsd, cache }
}

function failureOf(failed: RunFailed, state: RunState): RunFailure {
  const failure = { type: failed.errorType, message: failed.error }
  return failed.errorType === 'budget' ? { ...failure, limit: state.budgetLimit } : failure
}

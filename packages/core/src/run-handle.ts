import { cborToJson, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import type { Observer, RecordedListener } from '@starling/step'
import type { ToolAnswer, ToolProgress } from '@starling/tool'
import { CoreError } from './core-error.ts'
import type { ApprovalRequest, CallDecision, QuestionRequest } from './definition.ts'
import type { LiveInputs } from './live-inputs.ts'
import { toMessage } from './messages.ts'
import type { MessageOptions } from './messages.ts'
import type { RunResult } from './run-result.ts'
import type { AgentSetup } from './session.ts'

/**
 * One thing that happened in a live run.
 *
 * Deltas are not recorded; everything else is durable when it is seen. A tool
 * has started when its schedule is durable: it may still wait for its turn.
 */
export type RunUpdate =
  | { readonly type: 'text-delta'; readonly turnId: string; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly turnId: string; readonly text: string }
  | { readonly type: 'tool-arguments-delta'; readonly turnId: string; readonly callId: string; readonly text: string }
  | {
      readonly type: 'tool-started'
      readonly turnId: string
      readonly callId: string
      readonly tool: string
      readonly attempt: number
      /** The arguments as JSON text. */
      readonly input: string
    }
  | {
      readonly type: 'tool-ended'
      readonly callId: string
      readonly tool: string
      readonly attempt: number
      /** The result as JSON text. */
      readonly result?: string | undefined
      readonly error?: string | undefined
    }
  /** An attempt to get an answer failed and another one follows: the deltas of the turn so far count no more. */
  | {
      readonly type: 'attempt-failed'
      readonly turnId: string
      readonly attempt: number
      readonly error: string
      readonly next: 'retry' | 'fallback'
    }
  | ({ readonly type: 'approval-requested' } & ApprovalRequest)
  /** A running tool wants to know something: {@link RunHandle.answer}. */
  | ({ readonly type: 'question-asked' } & QuestionRequest)
  /** How far a running tool has come, in its own words. */
  | ({ readonly type: 'tool-progress'; readonly callId: string; readonly tool: string } & ToolProgress)
  | { readonly type: 'event'; readonly event: Event }
  /** The last update, exactly once: the result, or why there is none. */
  | { readonly type: 'done'; readonly result?: RunResult | undefined; readonly error?: unknown }

/**
 * A run while it is under way: an async iterable of what happens in it, and
 * the means to steer it.
 *
 * Iterating is optional and can be done once: a second iterator is refused
 * with {@link CoreError} `CORE_INVALID_OPTIONS`. A slow reader is behind, never
 * cut off. Leaving the iteration does not end the run.
 */
export interface RunHandle<Output = unknown> extends AsyncIterable<RunUpdate> {
  readonly runId: string
  /** Resolves for completed, failed and cancelled runs alike; rejects when the run could not be recorded to its end. */
  readonly result: Promise<RunResult<Output>>
  /**
   * Ends the run; `reason` is recorded. Default: `user_cancel`. Without effect once the run has ended or is suspended.
   *
   * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for a reason that is not a text.
   */
  cancel(reason?: string): void
  /**
   * Has nobody waited for any longer, as with `onApproval: 'suspend'`: the run is left, for another process to go on with,
   * as soon as it has nothing to do but to wait for decisions and answers, and its result is `suspended`. What the agent's
   * own code decides and answers is waited for. Without effect once the run has ended or is suspended.
   *
   * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for a run whose log has no place for what waits.
   */
  suspend(): void
  /**
   * Adds a message, which the model sees before its next answer. It is recorded at once, but while an answer is made:
   * then it is kept in mind until that has ended.
   *
   * @throws {@link CoreError} `CORE_RUN_ENDED` once the run has ended, or is suspended; `CORE_INVALID_OPTIONS` for what
   *   is not a text, and for attachments that the provider does not take.
   */
  send(message: string, options?: MessageOptions): void
  /**
   * Approves a call, before or after it asks; `input` takes the place of its arguments.
   *
   * Returns like {@link RunHandle.decide}, and throws like it.
   */
  approve(
    callId: string,
    options?: { readonly by?: string | undefined; readonly input?: string | undefined },
  ): Promise<void>
  /** Denies a call, before or after it asks; the model is told the reason. Else like {@link RunHandle.approve}. */
  deny(callId: string, reason?: string, options?: { readonly by?: string | undefined }): Promise<void>
  /**
   * Decides on calls, all or none of them. A decision that has been made already is no harm.
   *
   * The decisions on calls that have asked are recorded together, in one append, also while other calls run. The promise
   * resolves when they are durable; no caller has to wait for it.
   *
   * A decision on a call that has not asked is kept until it does. When the last
   * answer has a call of this id, it is about that one, else about the next
   * answer's, and never about a later one's: `turnId` and `argsHash` say more
   * exactly what was decided on. One that turns out to be about no call, or about
   * other arguments, or that comes when the time of the call is over, is dropped,
   * and rejects with `CORE_NOT_WAITING`.
   *
   * Rejects with {@link CoreError} `CORE_RUN_ENDED` when the run ends, or is suspended, before.
   *
   * @throws {@link CoreError} `CORE_DECIDED` when one of the calls has been decided in another way, or the decisions
   *   contradict each other; `CORE_NOT_WAITING` for a call that waits no longer, or in another turn or with other
   *   arguments than the decision says; `CORE_RUN_ENDED`; `CORE_INVALID_OPTIONS` for arguments or a result that are not
   *   JSON or are nested deeper than 31 levels.
   */
  decide(decisions: readonly CallDecision[]): Promise<void>
  /**
   * Answers a question of a running tool; {@link RunHandle.decide} does it by the id of the call.
   *
   * Resolves when the answer is durable; no caller has to wait for it. Rejects with {@link CoreError} `CORE_RUN_ENDED`
   * when the run ends before, and with `CORE_NOT_WAITING` when the call does, because its tool did not wait.
   *
   * @throws {@link CoreError} `CORE_NOT_WAITING` for a question that nobody asks or that has its answer;
   *   `CORE_RUN_ENDED`; `CORE_INVALID_OPTIONS` for what is no answer.
   */
  answer(questionId: string, answer: ToolAnswer, options?: { readonly by?: string | undefined }): Promise<void>
}

/** What a handle stands on. */
export interface RunHandleOptions {
  readonly setup: AgentSetup
  readonly inputs: LiveInputs
  readonly updates: UpdateQueue
  readonly start: () => Promise<RunResult>
}

/** Makes a handle on a run and starts it. */
export function createRunHandle(runId: string, { setup, inputs, updates, start }: RunHandleOptions): RunHandle {
  const result = start()
  result.then(
    (value) => updates.end({ type: 'done', result: value }),
    (error: unknown) => updates.end({ type: 'done', error }),
  )
  const decide = (decisions: readonly CallDecision[]): Promise<void> => inputs.resolve(decisions)
  return {
    runId,
    result,
    cancel: (reason = 'user_cancel') => inputs.cancel(reason),
    suspend: () => inputs.suspend(),
    send: (message, options) => inputs.send(toMessage(setup, { what: 'a message', content: message, ...options })),
    approve: (callId, options) => decide([{ callId, decision: 'approve', ...options }]),
    decide,
    answer: (questionId, answer, options) => inputs.answer(questionId, answer, options?.by),
    deny: (callId, reason, options) => decide([{ callId, decision: 'deny', reason, by: options?.by }]),
    [Symbol.asyncIterator]: () => updates.iterate(),
  }
}

/** The updates that a reader has not taken yet. Deltas of one kind that pile up are joined. */
export class UpdateQueue {
  #pending: RunUpdate[] = []
  #wake: (() => void) | undefined
  #ended = false
  #isRead = false

  /** Adds an update, joining it to the one before when nobody has read that yet. */
  push(update: RunUpdate): void {
    const last = this.#pending.at(-1)
    const joined = last === undefined ? undefined : join(last, update)
    if (joined === undefined) this.#pending.push(update)
    else this.#pending[this.#pending.length - 1] = joined
    this.#wake?.()
  }

  /** Adds the last update. */
  end(update: RunUpdate): void {
    this.#ended = true
    this.push(update)
  }

  iterate(): AsyncIterator<RunUpdate> {
    if (this.#isRead) throw new CoreError('CORE_INVALID_OPTIONS', 'the updates of a run can be iterated once')
    this.#isRead = true
    return this.#drain()
  }

  async *#drain(): AsyncIterator<RunUpdate> {
    for (;;) {
      const batch = this.#pending
      this.#pending = []
      yield* batch
      if (this.#pending.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

function join(last: RunUpdate, next: RunUpdate): RunUpdate | undefined {
  if (last.type === 'text-delta' && next.type === 'text-delta' && last.turnId === next.turnId) {
    return { ...last, text: last.text + next.text }
  }
  if (last.type === 'reasoning-delta' && next.type === 'reasoning-delta' && last.turnId === next.turnId) {
    return { ...last, text: last.text + next.text }
  }
  if (last.type === 'tool-arguments-delta' && next.type === 'tool-arguments-delta' && last.callId === next.callId) {
    return { ...last, text: last.text + next.text }
  }
  return undefined
}

/** Turns the chunks of the model's answers into updates. */
export function createUpdateObserver(updates: UpdateQueue): Observer {
  return {
    onChunk(turnId, chunk) {
      if (chunk.type === 'text-delta') updates.push({ type: 'text-delta', turnId, text: chunk.text })
      else if (chunk.type === 'reasoning-delta' && chunk.text !== '')
        updates.push({ type: 'reasoning-delta', turnId, text: chunk.text })
      else if (chunk.type === 'tool-call-delta') {
        updates.push({ type: 'tool-arguments-delta', turnId, callId: chunk.callId, text: chunk.argumentsText })
      }
    },
  }
}

/** Turns events into updates, once they are durable. */
export function createUpdateListener(updates: UpdateQueue): RecordedListener {
  const tools = new Map<string, string>()
  return (recorded) => {
    updates.push({ type: 'event', event: recorded.event })
    switch (recorded.kind) {
      case KIND.TurnFailed: {
        const { turnId, attempt, error, next } = recorded.payload
        if (next === 'retry' || next === 'fallback') {
          updates.push({ type: 'attempt-failed', turnId, attempt, error, next })
        }
        break
      }
      case KIND.ToolCallScheduled: {
        const { turnId, callId, tool, attempt, args } = recorded.payload
        tools.set(callId, tool)
        updates.push({ type: 'tool-started', turnId, callId, tool, attempt, input: cborToJson(args) })
        break
      }
      case KIND.ToolCallCompleted: {
        const { callId, attempt, result } = recorded.payload
        const tool = tools.get(callId) ?? ''
        updates.push({ type: 'tool-ended', callId, tool, attempt, result: cborToJson(result) })
        break
      }
      case KIND.ToolCallFailed: {
        const { callId, attempt, error } = recorded.payload
        updates.push({ type: 'tool-ended', callId, tool: tools.get(callId) ?? '', attempt, error })
        break
      }
      default:
        break
    }
  }
}

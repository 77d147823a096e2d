import type { BudgetExceeded, RunFailed, SideEffectRecorded, UserMessageAppended } from '@starling/event'
import type { AnswerSource, CallEnvironment, ModelRate, ReplayedBatch } from '@starling/step'
import type { PlannedCall } from './planned-call.ts'
import type { ApprovalDecision, ApprovalRequest } from './definition.ts'

/** Something from outside that the loop must take in before it goes on. */
export type Input =
  /** A message for the model. */
  | ({ readonly type: 'message' } & UserMessageAppended)
  /** A decision on a call that waits for one. */
  | {
      readonly type: 'decision'
      readonly callId: string
      readonly decision: ApprovalDecision
      /** Recorded by a process that did not work on the run. Default: `false`. */
      readonly outside?: boolean | undefined
      /** To be called once the decision is durable. Default: nobody wants to know. */
      readonly recorded?: (() => void) | undefined
    }
  /** The answer to a question of a call, recorded by a process that did not work on the run. */
  | { readonly type: 'answer'; readonly recorded: SideEffectRecorded }
  | { readonly type: 'cancel'; readonly reason: string }
  /** The wall-clock budget ran out. `recorded` is what a recording holds of it. */
  | { readonly type: 'deadline'; readonly recorded?: BudgetExceeded | undefined }
  /** A later process took the run up again. */
  | { readonly type: 'resumed'; readonly message: string | undefined; readonly reissueTools: boolean }
  /** The run ended in a way that only a recording knows. */
  | { readonly type: 'fault'; readonly failed: RunFailed }
  /** Nobody here will decide: the run is left as it is, for another process to go on with. */
  | { readonly type: 'suspend' }
  /** The recording ends here without a terminal event. */
  | { readonly type: 'end' }

/** What may be recorded while calls run. */
export type RunningInput = Extract<Input, { type: 'message' | 'decision' }>

/**
 * Where everything comes from that the loop cannot compute from the log: the
 * world in a live run, the recording in a replay.
 */
export interface Inputs {
  /** The next input that is there, if any; it is taken. */
  poll(): Input | undefined
  /** Whether {@link Inputs.poll} has something. */
  isWaiting(): boolean
  /** Answers of the model. */
  readonly answers: AnswerSource
  /** Asks for decisions, once for each; they come as inputs. */
  announce(requests: readonly ApprovalRequest[]): void
  /** Waits until there is an input; in a replay, where nothing more can come, not at all. */
  wait(): Promise<void>
  /**
   * Has messages and decisions taken at once as they come, instead of by {@link Inputs.poll}; returns how to stop that.
   * Default: nothing comes.
   */
  takeAtOnce?(take: (input: RunningInput) => void): () => void
  /** What a recording holds of the calls to be made. */
  replayed(): ReplayedBatch | undefined
  /** What a step that could not go on, and that nothing from outside cut off, fails with. */
  unexpected(): Error
  /** Whether something from outside, and not what the run did, ends what is under way. */
  isCutOff(): boolean
  /** What the model costs, for the check before a call. */
  rate(): ModelRate | undefined
  /** The id under which a call that was cut off is made again. */
  reissueId(call: PlannedCall): string
  /** Asks a person what a running tool wants to know. Default: nobody is there. */
  readonly ask?: CallEnvironment['ask']
  /** Told how far running tools have come. Default: nobody is. */
  readonly onProgress?: CallEnvironment['onProgress']
  /** The signal that ends model calls and tools. */
  readonly signal: AbortSignal
}

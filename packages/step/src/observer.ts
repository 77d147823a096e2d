import type { ModelChunk, Usage } from '@starling/provider'

/** A stretch of work that an observer can time and trace. */
export type Operation =
  | {
      readonly type: 'run'
      readonly runId: string
      readonly resumed: boolean
      readonly agent: { readonly model: string; readonly provider: string }
    }
  | { readonly type: 'turn'; readonly runId: string; readonly index: number }
  | {
      readonly type: 'model'
      readonly runId: string
      readonly model: string
      readonly provider: string
      readonly turnId: string
      readonly attempt: number
    }
  | {
      readonly type: 'tool'
      readonly runId: string
      readonly tool: string
      readonly known: boolean
      readonly callId: string
      readonly attempt: number
    }

/** How an operation ended. */
export interface OperationOutcome {
  readonly status: 'ok' | 'error' | 'cancelled' | 'budget'
  /** `none`, or the class of the failure. */
  readonly errorType: string
  readonly error?: unknown
  readonly turnId?: string | undefined
  readonly usage?: Usage | undefined
  readonly stopReason?: string | undefined
  /** The cap that ended a run, by its name in the log. */
  readonly budgetLimit?: string | undefined
}

/** Sees the work of a run without changing it. Throwing from an observer is a programmer error. */
export interface Observer {
  /** Runs `work` and learns its outcome; must return what `work` returns. */
  around?<T>(operation: Operation, work: () => Promise<T>, outcomeOf: (result: T) => OperationOutcome): Promise<T>
  /** Told of every chunk of a model's answer, before anything is recorded of it. */
  onChunk?(turnId: string, chunk: ModelChunk): void
}

/** Runs `work` inside every observer that wants to surround it, the first outermost. */
export function observe<T>(
  observers: readonly Observer[],
  operation: Operation,
  work: { readonly run: () => Promise<T>; readonly outcomeOf: (result: T) => OperationOutcome },
): Promise<T> {
  const wrapped = observers.reduceRight<() => Promise<T>>(
    (inner, observer) =>
      observer.around === undefined ? inner : () => observer.around?.(operation, inner, work.outcomeOf) ?? inner(),
    work.run,
  )
  return wrapped()
}

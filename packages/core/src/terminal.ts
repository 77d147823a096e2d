import { KIND } from '@starling/event'
import { BudgetError, ENGINE, errorText, StepError } from '@starling/step'
import { isProviderError } from '@starling/provider'
import type { StopReason } from '@starling/provider'
import type { Session } from './session.ts'

/** A failed tool call that ends the run. */
export class ToolFailure extends Error {
  constructor(call: { readonly tool: string; readonly callId: string; readonly error: string }, cause?: unknown) {
    super(`starling: tool ${JSON.stringify(call.tool)} (call ${call.callId}): ${call.error}`, { cause })
    this.name = 'ToolFailure'
  }
}

/** The run has used up its turns. */
export class MaxTurnsReached extends Error {
  constructor() {
    super('starling: max turns exceeded')
    this.name = 'MaxTurnsReached'
  }
}

/** The last answer is not whole, or nobody knows whether it is. */
export class TruncatedAnswer extends Error {
  /** @param vendorReason - the vendor's own word; empty when it gave none. */
  constructor(finishReason: StopReason, vendorReason: string) {
    super(`starling: ${describeTruncation(finishReason, vendorReason)}`)
    this.name = 'TruncatedAnswer'
  }
}

function describeTruncation(finishReason: StopReason, vendorReason: string): string {
  if (finishReason === 'refusal') return 'the model declined to answer, or to go on (refusal)'
  if (finishReason !== 'other') return `the answer is not complete: the model stopped with ${finishReason}`
  const why = vendorReason === '' ? 'without saying why' : `with ${JSON.stringify(vendorReason)}`
  return `the answer may not be complete: the model stopped ${why}; if it is, set onTruncated: 'complete'`
}

/** The final answer is not what the agent's schema asks for, and was corrected often enough. */
export class OutputMismatch extends Error {
  constructor(problems: readonly string[]) {
    const [first = '', ...others] = problems
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    super(`starling: the final answer does not match the output schema: ${first}${more}`)
    this.name = 'OutputMismatch'
  }
}

/** Stages the terminal event of a run that has its answer. */
export function stageCompleted(session: Session): void {
  const { state, recorder } = session
  recorder.stage(KIND.RunCompleted, (recorded) => ({
    finalText: state.finalText,
    turnCount: state.turnCount,
    toolCallCount: state.toolCallCount,
    totalCostUsd: state.costUsd,
    totalInputTokens: state.inputTokens,
    totalOutputTokens: state.outputTokens,
    durationMs: recorded?.durationMs ?? durationMs(session),
    merkleRoot: recorder.merkleRoot(),
  }))
}

/** Stages the terminal event of a run that failed with `error`. */
export function stageFailed(session: Session, error: unknown): void {
  stageFailedAs(session, describeFailure(session, error))
}

/** Stages a terminal event with a given text and type. */
export function stageFailedAs(session: Session, failure: { readonly error: string; readonly errorType: string }): void {
  const { recorder } = session
  recorder.stage(KIND.RunFailed, (recorded) => ({
    error: failure.error,
    errorType: failure.errorType,
    merkleRoot: recorder.merkleRoot(),
    durationMs: recorded?.durationMs ?? durationMs(session),
  }))
}

/** Stages the terminal event of a cancelled run. */
export function stageCancelled(session: Session, reason: string): void {
  const { recorder } = session
  recorder.stage(KIND.RunCancelled, (recorded) => ({
    reason,
    merkleRoot: recorder.merkleRoot(),
    durationMs: recorded?.durationMs ?? durationMs(session),
  }))
}

/** Stages the trip of the wall-clock budget and the terminal event after it. */
export function stageDeadline(session: Session, recordedActual: number | undefined): void {
  const { recorder, state, setup } = session
  const cap = setup.options.budget?.maxWallClockMs ?? 0
  // What passed before the run began, while sources were asked for tools, is in no event.
  const actual = recordedActual ?? Math.max(cap, state.activeMs(setup.clock.now()))
  recorder.stage(KIND.BudgetExceeded, {
    limit: 'wall_clock',
    cap,
    actual,
    where: 'mid_stream',
  })
}

/** The text and type under which an error ends a run; part of the recorded bytes. */
function describeFailure(session: Session, error: unknown): { readonly error: string; readonly errorType: string } {
  if (error instanceof BudgetError) return { error: 'step: budget exceeded', errorType: 'budget' }
  if (error instanceof MaxTurnsReached) return { error: error.message, errorType: 'max_turns' }
  if (error instanceof ToolFailure) return { error: error.message, errorType: 'tool' }
  if (error instanceof OutputMismatch) return { error: error.message, errorType: 'output' }
  if (error instanceof TruncatedAnswer) return { error: error.message, errorType: 'provider' }
  if (isProviderError(error)) {
    if (error.code === 'PROVIDER_INVALID_STREAM' && session.engine === ENGINE.reference) {
      return { error: `step: ${error.message}`, errorType: 'internal' }
    }
    const { id } = session.setup.options.provider.info
    const status = error.status === undefined ? '' : ` (status ${error.status})`
    return { error: `starling: provider ${JSON.stringify(id)}${status}: ${error.message}`, errorType: 'provider' }
  }
  if (error instanceof StepError) return { error: error.message, errorType: 'internal' }
  return { error: errorText(error), errorType: 'internal' }
}

function durationMs(session: Session): number {
  const { state, setup } = session
  return Math.max(0, Number((setup.clock.now() - state.startedAtNs) / 1_000_000n))
}

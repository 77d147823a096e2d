import { KIND, nearestName } from '@starling/event'
import type { BudgetCaps, BudgetExceeded } from '@starling/event'
import type { Recorder } from './recorder.ts'
import { StepError } from './step-error.ts'

/** What a run has used so far, over all its resumes. */
export interface Spending {
  /** All prompt tokens: uncached, read from and written to a cache. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  /** Scheduled tool calls: retries, and the calls that tools make themselves, count; what a resume makes again does not. */
  readonly toolCalls: number
}

/** A cap that was crossed, and by what. */
export type BudgetTrip = Pick<BudgetExceeded, 'limit' | 'cap' | 'actual'>

/** Thrown when a cap is crossed; the event to record says which. */
export class BudgetError extends StepError {
  readonly exceeded: BudgetExceeded

  constructor(exceeded: BudgetExceeded) {
    super('STEP_BUDGET_EXCEEDED', 'step: budget exceeded')
    this.exceeded = exceeded
  }
}

/** Stages that a cap was crossed; returns what to throw. */
export function exceed(recorder: Recorder, exceeded: BudgetExceeded): BudgetError {
  return new BudgetError(recorder.stage(KIND.BudgetExceeded, exceeded))
}

/** The names of the caps that a budget can have. */
export const BUDGET_CAPS: readonly string[] = [
  'maxInputTokens',
  'maxOutputTokens',
  'maxUsd',
  'maxWallClockMs',
  'maxTotalTokens',
  'maxToolCalls',
] satisfies readonly (keyof BudgetCaps)[]

/**
 * Checks a budget as configured.
 *
 * @throws {@link StepError} `STEP_INVALID_OPTIONS` for a cap that is not a number, is negative or has no name here.
 */
export function checkBudget(budget: BudgetCaps): void {
  for (const [name, cap] of Object.entries(budget)) {
    if (!BUDGET_CAPS.some((known) => known === name)) {
      const nearest = nearestName(name, BUDGET_CAPS)
      const meant = nearest === undefined ? `the caps are ${BUDGET_CAPS.join(', ')}` : `did you mean ${nearest}?`
      throw new StepError('STEP_INVALID_OPTIONS', `a budget has no cap named ${name}; ${meant}`)
    }
    if (cap !== undefined && !(typeof cap === 'number' && cap >= 0 && Number.isFinite(cap))) {
      throw new StepError('STEP_INVALID_OPTIONS', `budget ${name} is ${String(cap)}, expected a number of 0 or more`)
    }
  }
}

/** Which cap, if any, a model call with about this much input would cross; 0 is no cap. */
export function checkBeforeCall(
  budget: BudgetCaps,
  spent: Spending,
  estimate: { readonly tokens: number; readonly usd: number },
): BudgetTrip | undefined {
  const input = spent.inputTokens + estimate.tokens
  const total = input + spent.outputTokens
  return (
    over('input_tokens', budget.maxInputTokens, input) ??
    full('output_tokens', budget.maxOutputTokens, spent.outputTokens) ??
    over('total_tokens', budget.maxTotalTokens, total) ??
    over('usd', budget.maxUsd, spent.costUsd + estimate.usd)
  )
}

/** Whether {@link checkSpent} can find anything: most runs have no cap that a single chunk could cross. */
export function limitsSpending(budget: BudgetCaps): boolean {
  const { maxInputTokens = 0, maxOutputTokens = 0, maxTotalTokens = 0, maxUsd = 0 } = budget
  return maxInputTokens > 0 || maxOutputTokens > 0 || maxTotalTokens > 0 || maxUsd > 0
}

/** Which cap, if any, the run has crossed with what it has used. Output comes before USD, as in the reference. */
export function checkSpent(budget: BudgetCaps, spent: Spending): BudgetTrip | undefined {
  return (
    over('output_tokens', budget.maxOutputTokens, spent.outputTokens) ??
    over('usd', budget.maxUsd, spent.costUsd) ??
    over('input_tokens', budget.maxInputTokens, spent.inputTokens) ??
    over('total_tokens', budget.maxTotalTokens, spent.inputTokens + spent.outputTokens)
  )
}

/**
 * Whether scheduling `count` more tool calls would cross the cap on them.
 *
 * Checked before the calls that the model plans, which ends the run, and before
 * every retry, which leaves the failure as it is. The calls that tools make
 * themselves count, and are not stopped.
 */
export function checkToolCalls(budget: BudgetCaps, spent: Spending, count: number): BudgetTrip | undefined {
  return over('tool_calls', budget.maxToolCalls, spent.toolCalls + count)
}

function over(limit: string, cap: number | undefined, actual: number): BudgetTrip | undefined {
  return cap !== undefined && cap > 0 && actual > cap ? { limit, cap, actual } : undefined
}

/** A call that could not produce a single token is not worth paying its prompt. */
function full(limit: string, cap: number | undefined, actual: number): BudgetTrip | undefined {
  return cap !== undefined && cap > 0 && actual >= cap ? { limit, cap, actual } : undefined
}

import { KIND } from '@starling/event'
import { BudgetError, callModel, checkSpent, CutOffError, DivergenceError, ENGINE, observe } from '@starling/step'
import type { OperationOutcome } from '@starling/step'
import { callTools, IN_DOUBT } from './call-tools.ts'
import { OUTPUT_ORIGIN, repairMessage } from './output.ts'
import type { OutputRules } from './output.ts'
import type { PlannedCall } from './planned-call.ts'
import { redactInput } from './session.ts'
import type { Session } from './session.ts'
import { isForced } from './settings.ts'
import { acknowledge, takeInput } from './take-input.ts'
import {
  MaxTurnsReached,
  OutputMismatch,
  stageCompleted,
  stageFailed,
  ToolFailure,
  TruncatedAnswer,
} from './terminal.ts'

/**
 * Drives a run from wherever its state is to its end. The state says what to
 * do next; live, resumed and replayed runs differ only in where the inputs
 * come from and what becomes of the events.
 *
 * @returns `open` for a recording that has no end, and for a run that waits for a decision which nobody here will make.
 * @throws {@link DivergenceError} in a replay; the log's error when an append failed.
 */
export async function runLoop(session: Session): Promise<'ended' | 'open'> {
  const { state, recorder, inputs } = session
  const decided: (() => void)[] = []
  while (state.terminal === undefined) {
    const input = inputs.poll()
    if (input?.type === 'end' || input?.type === 'suspend') break
    if (input !== undefined) {
      takeInput(session, input)
      if (input.type === 'decision' && input.recorded !== undefined) decided.push(input.recorded)
      continue
    }
    if (decided.length > 0) {
      await acknowledge(session, decided)
      continue
    }
    const before = recorder.lastSeq
    await takeStep(session)
    // A step that was cut off without a word of the recording on why would be taken for ever.
    if (recorder.replaying && recorder.lastSeq === before && inputs.poll() === undefined) throw inputs.unexpected()
  }
  await acknowledge(session, decided)
  return state.terminal === undefined ? 'open' : 'ended'
}

/** Takes the next step, or ends the run with what went wrong in it. */
async function takeStep(session: Session): Promise<void> {
  try {
    await nextStep(session)
  } catch (error) {
    if (error instanceof DivergenceError || isAppendFailure(session, error)) throw error
    // Cut off from outside: the next poll says by what.
    if (error instanceof CutOffError || session.inputs.isCutOff()) return
    stageFailed(session, error)
  }
}

function isAppendFailure(session: Session, error: unknown): boolean {
  return !session.recorder.replaying && session.recorder.failure?.error === error
}

function nextStep(session: Session): Promise<unknown> | void {
  const { state, setup } = session
  const { maxTurns = 50 } = setup.options
  if (state.isPending) {
    // The arguments of a call in an answer that was cut off may be cut off too, and still be valid.
    endAfterTruncation(session)
    // While some wait for a decision, others may have ended the run.
    if (session.engine >= ENGINE.governed) endAfterToolFailures(session)
    return callTools(session)
  }
  endAfterToolFailures(session)
  if (state.answered) {
    endAfterTruncation(session)
    return setup.output === undefined ? stageCompleted(session) : completeWithOutput(session, setup.output)
  }
  if (maxTurns > 0 && state.turnCount >= maxTurns) throw new MaxTurnsReached()
  if (session.observers.length === 0) return takeTurn(session)
  const run = async (): Promise<void> => {
    await takeTurn(session)
    if (!state.isPending || session.inputs.signal.aborted) return
    endAfterTruncation(session)
    await callTools(session)
  }
  const outcomeOf = (): OperationOutcome => ({ status: 'ok', errorType: 'none', turnId: state.turnId })
  return observe(
    session.observers,
    { type: 'turn', runId: session.recorder.runId, index: state.turnCount },
    { run, outcomeOf },
  )
}

async function takeTurn(session: Session): Promise<void> {
  const { setup, state, recorder, inputs } = session
  const { options } = setup
  await callModel({
    recorder,
    prompt: session.prompt,
    params: setup.requestParams,
    liftsToolChoice: session.engine >= ENGINE.governed && isForced(options.toolChoice) && state.hasCalled,
    source: inputs.answers,
    providerId: options.provider.info.id,
    runProviderId: state.started?.providerId,
    runModel: state.started?.modelId,
    signal: inputs.signal,
    clock: setup.clock,
    entropy: setup.entropy,
    ids: setup.ids,
    budget: options.budget ?? {},
    get spent() {
      return state.spent
    },
    rate: inputs.rate(),
    rateOf: setup.rateOf,
    retry: options.retry ?? {},
    requireRawResponseHash: options.requireRawResponseHash ?? false,
    observers: session.observers,
    redactInput: hasRedaction(session) ? (tool, args) => redactInput(setup.tools, tool, args) : undefined,
  })
  const { budget } = options
  if (budget === undefined || session.engine === ENGINE.reference) return
  const trip = checkSpent(budget, state.spent)
  if (trip !== undefined) {
    throw new BudgetError(recorder.stage(KIND.BudgetExceeded, { ...trip, where: 'post_call', turnId: state.turnId }))
  }
}

function hasRedaction(session: Session): boolean {
  return session.setup.options.tools?.some((tool) => tool.policy?.redact !== undefined) ?? false
}

/** Completes the run with what its answer says, or asks the model for another one. */
async function completeWithOutput(session: Session, output: OutputRules): Promise<void> {
  const { state, recorder, inputs, answer } = session
  const { value, problems } = { value: undefined, ...(await output.read(state.finalText)) }
  if (inputs.isWaiting()) return // what came meanwhile comes first, as it would have a moment ago
  if (problems === undefined) {
    answer.output = value
    stageCompleted(session)
  } else if (state.outputRepairs >= output.maxRepairs) {
    throw new OutputMismatch(problems)
  } else {
    recorder.stage(KIND.UserMessageAppended, { content: repairMessage(problems), origin: OUTPUT_ORIGIN })
  }
}

/** Answers that are not what the model would have said, or of which nobody knows. */
const TRUNCATED: ReadonlySet<string> = new Set(['max_tokens', 'filtered', 'refusal', 'error', 'other'])

/** Ends the run when its last answer is a part of one. A replay goes by the recording: the option is not in it. */
function endAfterTruncation(session: Session): void {
  const { state, setup, recorder } = session
  const { profile, onTruncated = profile === 'reference' ? 'complete' : 'fail' } = setup.options
  const { finishReason } = state
  // Half an answer may match a schema by chance; of one that ended in another way only the schema can tell.
  const mayComplete = onTruncated === 'complete' && (setup.output === undefined || finishReason === 'other')
  if (recorder.replaying || mayComplete || finishReason === undefined) return
  if (TRUNCATED.has(finishReason)) throw new TruncatedAnswer(finishReason, state.rawFinishReason)
}

/** Ends the run when a failed call must, or when the model only makes calls that fail. */
function endAfterToolFailures(session: Session): void {
  const { state, setup, engine } = session
  if (engine === ENGINE.reference || state.answered) return
  for (const call of state.planned) if (endsRun(session, call)) throw toolFailure(call)
  const cap = setup.options.maxFailedToolTurns ?? 5
  const last = state.planned.at(-1)
  if (cap > 0 && state.failedToolTurns >= cap && last?.outcome !== undefined) throw toolFailure(last)
}

function endsRun(session: Session, call: PlannedCall): boolean {
  const { outcome } = call
  if (outcome?.isError !== true || outcome.errorType === 'cancelled') return false
  const { onToolError = 'feedback' } = session.setup.options
  const policy = session.setup.tools.get(call.tool)?.policy ?? {}
  return (policy.onError ?? onToolError) === 'fail' || (outcome.errorType === IN_DOUBT && policy.inDoubt === 'fail')
}

function toolFailure(call: PlannedCall): ToolFailure {
  return new ToolFailure({ tool: call.tool, callId: call.loggedId, error: call.outcome?.content ?? '' })
}

import { KIND } from '@starling/event'
import type { AssistantMessageCompleted, BudgetCaps, BudgetExceeded, PlannedToolUse } from '@starling/event'
import { createChunkChecker, isProviderError } from '@starling/provider'
import type { CallOptions, ModelChunk, ModelRequest, Usage } from '@starling/provider'
import { AnswerBuilder, hideArguments } from './answer.ts'
import type { Answer } from './answer.ts'
import { checkBeforeCall, checkSpent, exceed, limitsSpending } from './budget.ts'
import type { BudgetTrip, Spending } from './budget.ts'
import type { Clock } from './clock.ts'
import { ENGINE } from './engine.ts'
import type { Entropy, IdSource } from './entropy.ts'
import { failAttempt, recordFailedAttempt } from './failed-attempt.ts'
import type { RetryPolicy } from './failed-attempt.ts'
import { PLANNED_LEVELS, textWithin } from './nesting.ts'
import { observe } from './observer.ts'
import type { Observer, OperationOutcome } from './observer.ts'
import { priced, pricedAsRecorded, toRecordedUsage } from './priced.ts'
import { rateFor, referenceCost } from './prices.ts'
import type { ModelRate } from './model-rate.ts'
import type { Prompt } from './prompt.ts'
import type { Recorder } from './recorder.ts'
import { referenceRate } from './reference-prices.ts'
import { StepError } from './step-error.ts'
import { forEachChunk, makeResumable } from './chunks.ts'
import type { ResumableStream } from './chunks.ts'

/** Where a model's answer comes from: a provider, or a recording. */
export type AnswerSource = (
  request: ModelRequest,
  options: Required<CallOptions>,
) => AsyncIterable<ModelChunk> | Iterable<ModelChunk>

/** Thrown by the source of a replay where the recording says that a cap was crossed in mid-stream. */
export class RecordedTrip extends Error {
  readonly exceeded: BudgetExceeded

  constructor(exceeded: BudgetExceeded) {
    super('budget exceeded')
    this.exceeded = exceeded
  }
}

/** What one turn of a run needs. */
export interface ModelCallOptions {
  readonly recorder: Recorder
  readonly prompt: Prompt
  readonly params: ModelRequest['params']
  /** Whether the model may choose freely, whatever the settings force it to call. Default: `false`. */
  readonly liftsToolChoice?: boolean | undefined
  readonly source: AnswerSource
  readonly providerId: string
  /** The provider that the run was begun with. Default: the same. */
  readonly runProviderId?: string | undefined
  /** The model that the run was begun with. Default: the same. */
  readonly runModel?: string | undefined
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly entropy: Entropy
  readonly ids: IdSource
  readonly budget: BudgetCaps
  /** Without this call; read again after every attempt of it that failed. */
  readonly spent: Spending
  readonly rate: ModelRate | undefined
  /** The rate of who answered instead. */
  readonly rateOf: (by: { readonly providerId: string; readonly model: string }) => ModelRate | undefined
  readonly retry: RetryPolicy
  readonly requireRawResponseHash: boolean
  readonly observers: readonly Observer[]
  /** Rewrites the arguments of a planned call before they are recorded. */
  readonly redactInput?: ((tool: string, args: Uint8Array) => Uint8Array) | undefined
}

/**
 * Makes one turn: the check before the call, the call with its retries, and
 * the answer, staged but not yet flushed.
 *
 * @throws {@link BudgetError} with the event already staged; {@link ProviderError}; the signal's reason.
 */
export async function callModel(options: ModelCallOptions): Promise<AssistantMessageCompleted> {
  const { recorder, prompt, budget, liftsToolChoice = false } = options
  const estimate = prompt.estimateTokens()
  const rate = options.rate === undefined ? undefined : rateFor(options.rate, estimate)
  const estimatedUsd = ((rate?.input ?? 0) * estimate) / 1_000_000
  const trip =
    recorder.engine === ENGINE.reference
      ? overInput(budget, estimate)
      : checkBeforeCall(budget, options.spent, { tokens: estimate, usd: estimatedUsd })
  if (trip !== undefined) throw exceed(recorder, { ...trip, where: 'pre_call' })
  const { turnId } = recorder.stage(KIND.TurnStarted, (recorded) => ({
    turnId: recorded?.turnId ?? options.ids.mint('turn'),
    promptHash: prompt.hash(liftsToolChoice),
    inputTokens: estimate,
  }))
  const request = prompt.request(options.params, liftsToolChoice)
  const call: ModelCall = { request, turnId, attempt: 0, builder: undefined, paused: undefined }
  try {
    return complete(options, call, await answerOf(options, call))
  } finally {
    call.paused?.abandon()
  }
}

/** Makes attempts until one of them has an answer, or none follows. */
async function answerOf(options: ModelCallOptions, call: ModelCall): Promise<Answer> {
  const { recorder, clock, signal } = options
  const { turnId } = call
  for (;;) {
    call.attempt += 1
    await recorder.flush()
    const { answer, error, goesOn } = await attemptCall(options, call)
    if (answer !== undefined) return answer
    const { builder } = call
    const usage = builder?.hasUsage === true ? builder.usage : undefined
    const failed = { turnId, attempt: call.attempt, error, partialText: builder?.text ?? '', usage }
    if (goesOn !== undefined) {
      recordFailedAttempt(options, { ...failed, ...goesOn })
      continue // what failed is on record before the provider goes on
    }
    const delayMs = failAttempt(options, failed)
    if (delayMs === undefined) throw error
    await recorder.flush()
    if (!recorder.replaying) await clock.sleep(delayMs, { signal })
  }
}

/** The model call of a turn, as far as it has come. */
interface ModelCall {
  readonly request: ModelRequest
  readonly turnId: string
  /** 1-based. A provider that tries again by itself counts on. */
  attempt: number
  /** What the attempt has answered so far. */
  builder: AnswerBuilder | undefined
  /** The provider's stream, when it goes on with another attempt. */
  paused: ResumableStream<ModelChunk> | undefined
}

interface AttemptResult {
  readonly answer?: Answer
  readonly error?: unknown
  /** How the provider goes on by itself. */
  readonly goesOn?: AttemptFailed | undefined
}

type AttemptFailed = Extract<ModelChunk, { type: 'attempt-failed' }>

function attemptCall(options: ModelCallOptions, call: ModelCall): Promise<AttemptResult> {
  const run = async (): Promise<AttemptResult> => {
    try {
      return await drain(options, call)
    } catch (error) {
      // Only what the vendor did wrong can be recorded as a failed turn and tried again.
      if (!isProviderError(error) || options.signal.aborted) throw error
      return { error }
    }
  }
  if (options.observers.length === 0) return run()
  const outcomeOf = (result: AttemptResult): OperationOutcome => ({
    status: result.answer === undefined ? 'error' : 'ok',
    errorType: result.answer === undefined ? 'provider' : 'none',
    error: result.error,
    turnId: call.turnId,
    usage: call.builder?.usage,
    stopReason: result.answer?.stopReason,
  })
  const { runId } = options.recorder
  const { turnId, attempt, request } = call
  return observe(
    options.observers,
    { type: 'model', runId, model: request.model, provider: options.providerId, turnId, attempt },
    { run, outcomeOf },
  )
}

async function drain(options: ModelCallOptions, call: ModelCall): Promise<AttemptResult> {
  const { recorder, signal } = options
  const { turnId } = call
  const checker = createChunkChecker()
  const builder = beginAnswer(options, call)
  const isLimited = !recorder.replaying && limitsSpending(options.budget)
  let goesOn: AttemptFailed | undefined
  try {
    const take = (chunk: ModelChunk): 'pause' | undefined => {
      checker.accept(chunk)
      signal.throwIfAborted()
      for (const observer of options.observers) observer.onChunk?.(turnId, chunk)
      if (chunk.type === 'attempt-failed') {
        goesOn = chunk
        return 'pause'
      }
      builder.add(chunk)
      if (isLimited) checkMidStream(options, call.request.model, { turnId, builder, chunk })
      return undefined
    }
    const chunks = streamOf(options, call)
    if (Symbol.iterator in chunks) for (const chunk of chunks) take(chunk)
    else await forEachChunk(chunks, signal, take)
    if (goesOn !== undefined && !(Symbol.iterator in chunks)) {
      call.paused = chunks
      return { error: goesOn.error, goesOn }
    }
    checker.finish()
  } catch (error) {
    if (error instanceof RecordedTrip)
      throw exceed(recorder, { ...error.exceeded, cap: capOf(options.budget, error.exceeded) })
    throw error
  }
  const answer = builder.finish(recorder.engine === ENGINE.reference)
  if (options.requireRawResponseHash && answer.rawResponseHash?.length !== 32) {
    throw new StepError('STEP_MISSING_RAW_HASH', 'step: missing raw response hash')
  }
  if (builder.hasUsage || recorder.replaying || recorder.engine === ENGINE.reference) return { answer }
  return { answer: { ...answer, usage: estimateUsage(options, builder) } }
}

/** The rest of a stream that was paused, or a new one. */
function streamOf(options: ModelCallOptions, call: ModelCall): Iterable<ModelChunk> | ResumableStream<ModelChunk> {
  const { paused } = call
  if (paused !== undefined) {
    options.signal.throwIfAborted()
    call.paused = undefined
    return paused
  }
  const chunks = options.source(call.request, callOptions(options))
  return Symbol.iterator in chunks ? chunks : makeResumable(chunks)
}

function beginAnswer({ recorder }: ModelCallOptions, call: ModelCall): AnswerBuilder {
  const { turnId } = call
  return (call.builder = new AnswerBuilder({
    ordered: recorder.engine !== ENGINE.reference,
    onReasoning: (closed) => recorder.stage(KIND.ReasoningEmitted, { turnId, sensitive: true, ...closed }),
  }))
}

/** What a provider that tries again by itself does so with: the run's own clock and randomness. */
function callOptions({ signal, clock, entropy }: ModelCallOptions): Required<CallOptions> {
  return {
    signal,
    random: () => new DataView(entropy.bytes(4).slice().buffer).getUint32(0) / 2 ** 32,
    sleep: (ms, waiting) => clock.sleep(ms, { signal: waiting }),
  }
}

/** A quarter of the characters: seldom more than the vendor will count, so that no run is cut short by the estimate. */
const CHARACTERS_PER_TOKEN = 4

/** Caps must hold for a vendor too that does not say what a call used: recorded like what others report. */
function estimateUsage(options: ModelCallOptions, builder: AnswerBuilder): Usage {
  const output = Math.ceil(builder.size / CHARACTERS_PER_TOKEN)
  return { input: options.prompt.estimateTokens(), output, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
}

function checkMidStream(
  options: ModelCallOptions,
  model: string,
  stream: { readonly turnId: string; readonly builder: AnswerBuilder; readonly chunk: ModelChunk },
): void {
  const { recorder, budget, spent, rate } = options
  const { builder, chunk } = stream
  if (recorder.engine === ENGINE.reference) {
    if (chunk.type !== 'usage') return
    const call: Spending = {
      inputTokens: 0,
      outputTokens: builder.usage.output,
      costUsd: referenceCost(builder.usage, referenceRate(model, rate)),
      toolCalls: 0,
    }
    const trip = checkSpent({ maxOutputTokens: budget.maxOutputTokens, maxUsd: budget.maxUsd }, call)
    if (trip !== undefined) throw exceed(recorder, { ...trip, ...partialOf(stream, builder.usage.output) })
    return
  }
  if (chunk.type === 'usage' || chunk.type === 'end') return
  const written = Math.floor(builder.size / CHARACTERS_PER_TOKEN)
  const prompted = options.prompt.estimateTokens()
  const used = rate === undefined ? undefined : rateFor(rate, prompted)
  const trip = checkSpent(budget, {
    ...spent,
    inputTokens: spent.inputTokens + prompted,
    outputTokens: spent.outputTokens + written,
    costUsd: spent.costUsd + ((used?.input ?? 0) * prompted + (used?.output ?? 0) * written) / 1_000_000,
  })
  if (trip !== undefined) throw exceed(recorder, { ...trip, ...partialOf(stream, written) })
}

/** What of an answer is recorded when a cap cuts it off. */
function partialOf(
  stream: { readonly turnId: string; readonly builder: AnswerBuilder },
  partialTokens: number,
): Omit<BudgetExceeded, keyof BudgetTrip> {
  return { where: 'mid_stream', turnId: stream.turnId, partialText: stream.builder.text, partialTokens }
}

function overInput(budget: BudgetCaps, estimate: number): BudgetTrip | undefined {
  const cap = budget.maxInputTokens ?? 0
  return cap > 0 && estimate > cap ? { limit: 'input_tokens', cap, actual: estimate } : undefined
}

function capOf(budget: BudgetCaps, exceeded: BudgetExceeded): number {
  const caps: Readonly<Record<string, number | undefined>> = {
    input_tokens: budget.maxInputTokens,
    output_tokens: budget.maxOutputTokens,
    total_tokens: budget.maxTotalTokens,
    usd: budget.maxUsd,
  }
  return caps[exceeded.limit] ?? 0
}

/** Stages the answer. What it cost and at which rate is part of it, so that a changed price list changes no replay. */
function complete(options: ModelCallOptions, call: ModelCall, answer: Answer): AssistantMessageCompleted {
  const { recorder } = options
  const { turnId, request } = call
  const { usage } = answer
  return recorder.stage(KIND.AssistantMessageCompleted, (recorded) => {
    const toolUses = recorder.replaying ? answer.toolUses : redactUses(options, answer.toolUses)
    const { inputTokens, outputTokens, cacheReadTokens, cacheCreateTokens, ...more } = toRecordedUsage(usage)
    const base = {
      turnId,
      text: answer.text,
      toolUses,
      stopReason: answer.rawStopReason,
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheCreateTokens,
      rawResponseHash: answer.rawResponseHash,
      providerRequestId: answer.requestId,
    }
    if (recorder.engine === ENGINE.reference)
      return { ...base, costUsd: referenceCost(usage, referenceRate(request.model, options.rate)) }
    return {
      ...base,
      ...(recorded === undefined ? priced(usage, rateOf(options, answer)) : pricedAsRecorded(usage, recorded)),
      finishReason: answer.stopReason,
      ...more,
      parts: answer.parts,
      ...authorOf(options, request.model, answer),
    }
  })
}

/** Who answered, where it was not the provider or the model that the run was begun with. */
function authorOf(
  options: ModelCallOptions,
  asked: string,
  { answeredBy }: Answer,
): Pick<AssistantMessageCompleted, 'providerId' | 'modelId'> {
  const { runProviderId = options.providerId, runModel = asked } = options
  const { providerId, model } = answeredBy ?? { providerId: options.providerId, model: asked }
  return {
    providerId: providerId === runProviderId ? undefined : providerId,
    modelId: model === runModel ? undefined : model,
  }
}

/** The rate of whoever answered; an answer of a model without a known price must not slip under a cap. */
function rateOf(options: ModelCallOptions, { answeredBy }: Answer): ModelRate | undefined {
  return answeredBy === undefined ? options.rate : (options.rateOf(answeredBy) ?? options.rate)
}

/** Redacts what is about to be recorded: what cannot be redacted is hidden, and only its own call fails. */
function redactUses(options: ModelCallOptions, uses: readonly PlannedToolUse[]): readonly PlannedToolUse[] {
  const { redactInput, recorder } = options
  if (redactInput === undefined) return uses
  return uses.map((use) => {
    if (use.argsError !== undefined) return hideArguments(use)
    try {
      const args = redactInput(use.tool, use.args)
      if (recorder.engine !== ENGINE.reference) textWithin(PLANNED_LEVELS, args, 'arguments')
      return { ...use, args }
    } catch (error) {
      if (recorder.engine === ENGINE.reference) throw error
      return hideArguments(use)
    }
  })
}

export { findAttachmentProblem, toAttachments, toRecordedAttachments } from './attachments.ts'
export { BUDGET_CAPS, BudgetError, checkBudget, checkSpent, checkToolCalls } from './budget.ts'
export type { BudgetTrip, Spending } from './budget.ts'
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { dispatchCalls } from './dispatch.ts'
export { DivergenceError, describeDivergence } from './divergence.ts'
export type { Divergence, DivergenceClass, DivergencePlace } from './divergence.ts'
export { ENGINE } from './engine.ts'
export type { Engine } from './engine.ts'
export { createIdSource, systemEntropy } from './entropy.ts'
export type { Entropy, IdSource } from './entropy.ts'
export { errorText } from './error-text.ts'
export { createLiveRecorder } from './live-recorder.ts'
export type { LiveRecorder, LiveRecorderOptions } from './live-recorder.ts'
export { errorFromTurnFailed } from './failed-attempt.ts'
export type { RetryPolicy } from './failed-attempt.ts'
export { isWithin, SCHEDULED_LEVELS } from './nesting.ts'
export { callModel, RecordedTrip } from './model-call.ts'
export type { AnswerSource, ModelCallOptions } from './model-call.ts'
export { observe } from './observer.ts'
export type { Observer, Operation, OperationOutcome } from './observer.ts'
export { findRate, lookUpRate } from './find-rate.ts'
export type { FoundRate, RateRule } from './find-rate.ts'
export { checkPrices } from './model-rate.ts'
export type { LongPromptRate, ModelRate, PriceTable, TokenRate } from './model-rate.ts'
export { DEFAULT_PRICES, PRICES_AS_OF, VENDOR_PRICES } from './price-table.ts'
export type { VendorPrices } from './price-table.ts'
export { toUsage } from './priced.ts'
export type { RecordedUsage } from './priced.ts'
export { costOf, rateFor, rateFromRecord } from './prices.ts'
export { createPrompt, hashToolRegistry } from './prompt.ts'
export type { Prompt, PromptOptions, RequestSettings } from './prompt.ts'
export { callTool, now, random, randomUint64, sideEffect, uuid } from './readings.ts'
export { isOfKind, toRecorded } from './recorded.ts'
export type { Recorded, RecordedListener } from './recorded.ts'
export type { EmitOptions, PayloadSource, Recorder, ReplayMode, Scope } from './recorder.ts'
export {
  ANSWER,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  hashQuestion,
  QUESTION,
  SuspendedError,
} from './questions.ts'
export type { RecordedAnswer, RecordedQuestion } from './questions.ts'
export { fieldsOf, textOf } from './plain-fields.ts'
export { createReplayRecorder } from './replay-recorder.ts'
export type { ReplayRecorder, ReplayRecorderOptions } from './replay-recorder.ts'
export type { ReplayedBatch } from './replayed-call.ts'
export { currentCall } from './run-context.ts'
export type { CallContext, NestedCall } from './run-context.ts'
export { StepError } from './step-error.ts'
export type { StepErrorCode } from './step-error.ts'
export { effectKey, placeOfNested } from './tool-call.ts'
export type {
  CallEffects,
  CallEnvironment,
  CallOrigin,
  CallOutcome,
  CallPlan,
  EndedCall,
  GivenAnswer,
  OpenQuestion,
} from './tool-call.ts'
export { CutOffError } from './turnstile.ts'

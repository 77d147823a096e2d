export { createAgent } from './agent.ts'
export { AGENT_OPTION_NAMES } from './agent-options.ts'
export type { Agent, ResumeOptions, RunOptions, StreamOptions } from './agent.ts'
export {
  decideApprovals,
  listApprovals,
  readApprovals,
  type DecideOptions,
  type ListApprovalsOptions,
} from './approvals.ts'
export { CoreError } from './core-error.ts'
export type { CoreErrorCode } from './core-error.ts'
export { defineAgent } from './definition.ts'
export type {
  AgentDefinition,
  AgentOptions,
  ApprovalChoice,
  ApprovalDecision,
  ApprovalRequest,
  CallDecision,
  CallPolicy,
  CallVerdict,
  QuestionRequest,
} from './definition.ts'
export type { MessageOptions } from './messages.ts'
export type { ReplayOptions, ReplayReport } from './replay.ts'
export type { RunHandle, RunUpdate } from './run-handle.ts'
export type { RunFailure, RunResult } from './run-result.ts'
export { RunState } from './run-state.ts'
export type { PlannedCall } from './planned-call.ts'
export type { CacheStats, Terminal } from './run-state.ts'
export type { ModelSettings } from './settings.ts'
// What the code of a tool may ask for, and what an observer sees.
export { now, random, randomUint64, sideEffect, uuid } from '@starling/step'
export type {
  Clock,
  Divergence,
  DivergenceClass,
  Entropy,
  IdSource,
  ModelRate,
  Observer,
  Operation,
  OperationOutcome,
  PriceTable,
  RetryPolicy,
} from '@starling/step'

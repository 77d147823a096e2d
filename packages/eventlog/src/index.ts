export { checkAppend, checkBatch } from './check-append.ts'
export { EventLogError } from './event-log-error.ts'
export type { EventLogErrorCode } from './event-log-error.ts'
export type {
  AppendOptions,
  EventLog,
  Fence,
  ForkOptions,
  Lease,
  LeaseOptions,
  LeaseStore,
  ListRunsOptions,
  PruneOptions,
  PruneReport,
  ReadOptions,
  RunPage,
  RunStatus,
  RunSummary,
  SearchHit,
  SearchOptions,
  StreamOptions,
} from './event-log.ts'
export { forkEvents } from './fork.ts'
export { goQuote } from './go-quote.ts'
export { createNotifier } from './notifier.ts'
export type { ChangeSubscription, Notifier } from './notifier.ts'
export { readPages } from './read-pages.ts'
export type { ReadPagesOptions } from './read-pages.ts'
export { normalizeRead } from './read-range.ts'
export type { ReadRange } from './read-range.ts'
export { matchSearch, parseSearchQuery } from './search-query.ts'
export type { SearchMatch, SearchTerm } from './search-query.ts'
export { searchTextOf } from './search-text.ts'
export { normalizeListRuns, normalizePrune } from './select-runs.ts'
export type { PruneFilter, RunFilter } from './select-runs.ts'
export { parseRunStatus, RUN_STATUSES, statusOfKind } from './status.ts'
export { streamRun } from './stream-run.ts'
export type { LastEvent, RunSource } from './stream-run.ts'
export { createSummarizer, summarize } from './summarize.ts'
export type { Summarizer } from './summarize.ts'
export { createValidator, validateEvents, validateRun } from './validate.ts'
export type { ValidateRunOptions, Validator } from './validate.ts'
export type { Difference, Validation, ValidationStatus, Violation } from './validation.ts'
export { withMetrics } from './with-metrics.ts'
export type { AppendObservation, AppendObserver, WithMetricsOptions } from './with-metrics.ts'

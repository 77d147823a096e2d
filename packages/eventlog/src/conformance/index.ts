export { describeEventLog } from './event-log.conformance.ts'
export type { EventLogCapabilities, EventLogHarness, RecordedRun } from './harness.ts'
export { chainOf, finishedRun, RunBuilder } from './runs.ts'
export type { ToolTurn } from './runs.ts'

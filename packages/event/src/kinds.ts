/** The event kinds of the log format, by name. Numbers are part of the format and never change. */
export const KIND = {
  RunStarted: 1,
  UserMessageAppended: 2,
  TurnStarted: 3,
  ReasoningEmitted: 4,
  AssistantMessageCompleted: 5,
  ToolCallScheduled: 6,
  ToolCallCompleted: 7,
  ToolCallFailed: 8,
  SideEffectRecorded: 9,
  BudgetExceeded: 10,
  ContextTruncated: 11,
  RunCompleted: 12,
  RunFailed: 13,
  RunCancelled: 14,
  RunResumed: 15,
  TurnFailed: 16,
} as const

/** The name of an event kind. */
export type KindName = keyof typeof KIND

/** The number of a known event kind. */
export type Kind = (typeof KIND)[KindName]

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(KIND).map(([name, kind]) => [kind, name]))

/** Returns the name of `kind`, or `Kind(<n>)` for one this version does not know. */
export function kindName(kind: number): string {
  return NAMES.get(kind) ?? `Kind(${kind})`
}

/** Reports whether this version knows `kind`. */
export function isKnownKind(kind: number): kind is Kind {
  return NAMES.has(kind)
}

/** Reports whether `kind` ends a run: completed, failed or cancelled. */
export function isTerminalKind(kind: number): boolean {
  return kind === KIND.RunCompleted || kind === KIND.RunFailed || kind === KIND.RunCancelled
}

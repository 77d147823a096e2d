import { KIND } from '@starling/event'

import type { RunStatus } from './event-log.ts'

/** Every {@link RunStatus}, the terminal ones first. */
export const RUN_STATUSES: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'in progress']

/** Returns the state of a run whose last event is of this `kind`. */
export function statusOfKind(kind: number): RunStatus {
  switch (kind) {
    case KIND.RunCompleted:
      return 'completed'
    case KIND.RunFailed:
      return 'failed'
    case KIND.RunCancelled:
      return 'cancelled'
    default:
      return 'in progress'
  }
}

/** Returns the state that a person's `text` names, whatever its case and surrounding space; `undefined` for no state. */
export function parseRunStatus(text: string): RunStatus | undefined {
  const wanted = text.trim().toLowerCase()
  return RUN_STATUSES.find((status) => status === wanted)
}

import { describe } from 'vitest'

import { describeAppend, describeNoNulInRunId, describeNulInRunId } from './append.conformance.ts'
import { describeCallUsage, describeReadOnlyCallUsage, describeSharedCallUsage } from './call-usage.conformance.ts'
import { describeFork } from './fork.conformance.ts'
import type { EventLogHarness } from './harness.ts'
import { describeLeases, describeNoLeases, describeSharedLeases } from './leases.conformance.ts'
import { describeLifecycle, describeReadOnly, describeReopening, describeTransience } from './lifecycle.conformance.ts'
import { describeListing } from './listing.conformance.ts'
import { describeRead } from './read.conformance.ts'
import { describeSearch } from './search.conformance.ts'
import { describeStream } from './stream.conformance.ts'

/**
 * Registers every test of the {@link EventLog} contract for one backend.
 *
 * Nothing is skipped: where a backend lacks a capability, a test says so.
 */
export function describeEventLog(harness: EventLogHarness): void {
  const { leases = true, nulInRunId = true } = harness.capabilities ?? {}
  const reopen = harness.reopen?.bind(harness)
  const reopenReadOnly = harness.reopenReadOnly?.bind(harness)
  describe(`EventLog: ${harness.name}`, () => {
    describeAppend(harness)
    const describeNul = nulInRunId ? describeNulInRunId : describeNoNulInRunId
    describeNul(harness)
    describeRead(harness)
    describeStream(harness)
    describeListing(harness)
    describeCallUsage(harness)
    describeSearch(harness)
    describeFork(harness)
    const describeLeasing = leases ? describeLeases : describeNoLeases
    describeLeasing(harness)
    describeLifecycle(harness)
    if (reopen === undefined) describeTransience(harness)
    else describeReopening(harness, reopen)
    if (reopen !== undefined) describeSharedCallUsage(harness, reopen)
    if (reopen !== undefined && leases) describeSharedLeases(harness, reopen)
    if (reopenReadOnly !== undefined) {
      describeReadOnly(harness, reopenReadOnly)
      describeReadOnlyCallUsage(harness, reopenReadOnly)
    }
  })
}

import { describe } from 'vitest'

import { describeAppend } from './append.conformance.ts'
import { describeFork } from './fork.conformance.ts'
import type { EventLogHarness } from './harness.ts'
import { describeLeases } from './leases.conformance.ts'
import { describeLifecycle } from './lifecycle.conformance.ts'
import { describeListing } from './listing.conformance.ts'
import { describeRead } from './read.conformance.ts'
import { describeSearch } from './search.conformance.ts'
import { describeStream } from './stream.conformance.ts'

/**
 * Registers every test of the {@link EventLog} contract for one backend.
 *
 * Nothing is skipped: where a backend lacks a capability, a test states that.
 */
export function describeEventLog(harness: EventLogHarness): void {
  describe(`EventLog: ${harness.name}`, () => {
    describeAppend(harness)
    describeRead(harness)
    describeStream(harness)
    describeListing(harness)
    describeSearch(harness)
    describeFork(harness)
    describeLeases(harness)
    describeLifecycle(harness)
  })
}

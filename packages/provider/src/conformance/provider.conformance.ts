import { describe, test } from 'vitest'

import { capabilitiesFor } from '../capabilities-for.ts'
import { ANSWER_CHECKS } from './answer-checks.ts'
import { FAILURE_CHECKS } from './failure-checks.ts'
import { LIFECYCLE_CHECKS } from './lifecycle-checks.ts'
import type { ProviderCheck } from './provider-check.ts'
import type { ProviderHarness } from './provider-harness.ts'
import { REQUEST_CHECKS } from './request-checks.ts'
import { REQUESTS } from './requests.ts'
import { scenarioNamed } from './scenarios.ts'

/** Every check of the suite, for a test runner of one's own. */
export const PROVIDER_CHECKS: readonly ProviderCheck[] = [
  ...ANSWER_CHECKS,
  ...FAILURE_CHECKS,
  ...LIFECYCLE_CHECKS,
  ...REQUEST_CHECKS,
]

/**
 * Registers every test of the {@link Provider} contract for one provider.
 *
 * A check whose scenario the harness calls unsupported, or whose capability the
 * provider does not have, shows as skipped, with the reason.
 */
export function describeProvider(harness: ProviderHarness): void {
  describe(`Provider: ${harness.name}`, () => {
    // One by one: a title that is formatted from a table would be cut short.
    for (const check of PROVIDER_CHECKS) {
      test(check.title, async ({ skip }) => {
        const unsupported = harness.unsupported?.[check.scenario]
        skip(unsupported !== undefined, unsupported)
        const { ofVendor } = check
        skip(ofVendor !== undefined && harness[ofVendor] !== true, `the vendor has no ${ofVendor}`)
        await using opened = await harness.open(scenarioNamed(check.scenario))
        const { needs } = check
        const able = capabilitiesFor(opened.provider, REQUESTS.minimal.model)
        skip(needs !== undefined && able[needs] !== true, `the provider has no ${needs}`)
        await check.run(opened, harness)
      })
    }
  })
}

import { describe, test } from 'vitest'

import { TOOL_CHECKS } from './tool-checks.ts'
import type { ToolHarness } from './tool-harness.ts'

/**
 * Registers every test of the {@link Tool} contract for one tool.
 *
 * A check that needs an example which the harness does not have shows as skipped.
 */
export function describeTool(harness: ToolHarness): void {
  describe(`Tool: ${harness.name}`, () => {
    test.for(TOOL_CHECKS)('$title', async (check, { skip }) => {
      const { needs } = check
      skip(needs !== undefined && harness[needs] === undefined, `the harness has no ${needs}`)
      await check.run(await harness.create(), harness)
    })
  })
}

import { describeProvider } from '../src/conformance/index.ts'
import { lineHarness } from './line-harness.ts'
import { scriptedHarness } from './scripted-harness.ts'

describeProvider(scriptedHarness)

describeProvider(lineHarness())

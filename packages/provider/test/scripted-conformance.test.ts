import { describeProvider } from '../src/conformance/index.ts'
import { scriptedHarness } from './scripted-harness.ts'

describeProvider(scriptedHarness)

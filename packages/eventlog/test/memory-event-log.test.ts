import { describeEventLog } from '../src/conformance/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'
import { readGoldenRuns } from './fixtures.ts'

describeEventLog({
  name: 'memory',
  open: () => Promise.resolve(createMemoryEventLog()),
  runs: readGoldenRuns(),
})

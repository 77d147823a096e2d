// Calls a tool and does not close the source: `node forgetful.child.ts <transport as JSON>`.
import { createToolContext } from '@starling/tool/conformance'

import { createMcpSource } from '../../src/index.ts'

const source = createMcpSource({ name: 'raw', transport: JSON.parse(process.argv[2] ?? '') })
const { tools } = await source.list({})
const result = await tools.find(({ name }) => name === 'ok')?.execute('{}', createToolContext())
process.stdout.write(`${result}\n`)

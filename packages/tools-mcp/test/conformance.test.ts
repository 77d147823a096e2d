import { describeTool } from '@starling/tool/conformance'
import type { Tool } from '@starling/tool'
import { afterAll } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { workshopServer } from './servers/raw.ts'

const source = createMcpSource({ name: 'w', transport: workshopServer(), resources: true, prompts: true })

afterAll(() => source.close())

describeTool({
  name: 'a tool of a server',
  create: () => toolOf('add'),
  accepts: [
    { input: { a: 1, b: 2 }, result: { sum: 3 } },
    { input: { a: -0.5, b: 0.5 }, result: { sum: 0 } },
  ],
  rejects: [{}, { a: 1 }, { a: '1', b: 2 }, { a: null, b: 2 }],
})

describeTool({
  name: 'a tool that was restored',
  async create() {
    const { recorded } = await source.list({})
    return must(source.restore(recorded).find(({ name }) => name === 'add'))
  },
  accepts: [{ input: { a: 1, b: 2 }, result: { sum: 3 } }],
  rejects: [{ a: 1 }],
})

describeTool({
  name: 'read_resource',
  create: () => toolOf('read_resource'),
  accepts: [
    {
      input: { uri: 'notes://all' },
      result: { contents: [{ uri: 'notes://all', mimeType: 'text/plain', text: 'buy milk' }] },
    },
  ],
  rejects: [{}, { uri: 7 }],
})

describeTool({
  name: 'list_prompts',
  create: () => toolOf('list_prompts'),
  accepts: [{ input: {} }],
  rejects: [{ cursor: 1 }],
})

async function toolOf(name: string): Promise<Tool> {
  const { tools } = await source.list({})
  return must(tools.find((tool) => tool.name === name))
}

function must(tool: Tool | undefined): Tool {
  if (tool === undefined) throw new Error('the server has no such tool')
  return tool
}

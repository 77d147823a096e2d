import { once } from 'node:events'

import {
  acceptedContent,
  inputRequired,
  McpServer,
  UrlElicitationRequiredError,
  type McpServerFactory,
} from '@modelcontextprotocol/server'
import * as z from 'zod'

/** One pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

/** What a workshop tells a test in the same process. */
export interface WorkshopEvents {
  /** A call of `wait` has begun. */
  started?(): void
  /** A call of `wait` was cancelled. */
  cancelled?(): void
}

/** A server of both revisions, made with the SDK's own server package, with a tool for everything a tool may do. */
export function createWorkshop(events: WorkshopEvents = {}): McpServerFactory {
  return () => {
    const server = new McpServer(
      { name: 'workshop', version: '1.2.3' },
      { instructions: 'Use the tools.', capabilities: { tools: { listChanged: true } } },
    )
    addPlainTools(server)
    addAskingTools(server)
    server.registerTool('progress', { description: 'Reports twice.' }, async ({ mcpReq }) => {
      // oxlint-disable-next-line no-underscore-dangle -- the protocol's own name
      const { progressToken } = mcpReq._meta ?? {}
      if (progressToken === undefined) return text('nobody listens')
      for (const progress of [1, 1, 2]) {
        const params = { progressToken, progress, total: 2, message: `step ${progress}` }
        await mcpReq.notify({ method: 'notifications/progress', params })
      }
      return text('done')
    })
    server.registerTool('wait', { description: 'Waits until it is cancelled.' }, async ({ mcpReq }) => {
      events.started?.()
      // oxlint-disable-next-line no-underscore-dangle -- the protocol's own name
      const { progressToken = 0 } = mcpReq._meta ?? {}
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
      if (!mcpReq.signal.aborted) await once(mcpReq.signal, 'abort')
      events.cancelled?.()
      return text('cancelled')
    })
    server.registerTool('grow', { description: 'Adds a tool.' }, () => {
      server.registerTool('grown', { description: 'Was added.' }, () => text('grown'))
      return text('added')
    })
    server.registerResource('notes', 'notes://all', { mimeType: 'text/plain' }, (uri) => ({
      contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'buy milk' }],
    }))
    server.registerPrompt(
      'greet',
      { description: 'Greets.', argsSchema: z.object({ name: z.string() }) },
      ({ name }) => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
      }),
    )
    return server
  }
}

function addPlainTools(server: McpServer): void {
  const numbers = z.object({ a: z.number(), b: z.number() })
  const outputSchema = z.object({ sum: z.number() })
  server.registerTool('add', { description: 'Adds.', inputSchema: numbers, outputSchema }, ({ a, b }) => {
    const structuredContent = { sum: a + b }
    return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] }
  })
  server.registerTool('fail', { description: 'Fails.' }, () => ({ ...text('the disk is full'), isError: true }))
  server.registerTool('throw', { description: 'Throws.' }, () => {
    throw new Error('a bug')
  })
  server.registerTool(
    'long',
    { description: 'Says much.', inputSchema: z.object({ length: z.number() }) },
    ({ length }) => text('é'.repeat(length)),
  )
  server.registerTool('picture', { description: 'Shows a picture.' }, () => ({
    content: [
      { type: 'image', data: PIXEL, mimeType: 'image/png' },
      { type: 'audio', data: PIXEL, mimeType: 'audio/wav' },
    ],
  }))
}

function addAskingTools(server: McpServer): void {
  server.registerTool('order', { description: 'Asks how many.' }, ({ mcpReq }) => {
    const answered = acceptedContent<{ count: number }>(mcpReq.inputResponses, 'count')
    if (answered !== undefined) return text(`ordered ${answered.count} as ${mcpReq.requestState<string>() ?? 'nobody'}`)
    if (mcpReq.inputResponses !== undefined) return { ...text('nothing was ordered'), isError: true }
    const requestedSchema = {
      type: 'object' as const,
      properties: { count: { type: 'integer' as const } },
      required: ['count'],
    }
    const count = inputRequired.elicit({ message: 'How many?', requestedSchema })
    return inputRequired({ inputRequests: { count }, requestState: 'customer 7' })
  })
  server.registerTool('sign-in', { description: 'Asks for a visit.' }, ({ mcpReq }) => {
    const visited = mcpReq.inputResponses?.['visit']
    if (visited !== undefined) return text(`visited: ${JSON.stringify(visited)}`)
    const visit = inputRequired.elicitUrl({ message: 'Sign in first.', url: 'https://login.example/' })
    return inputRequired({ inputRequests: { visit }, requestState: 's' })
  })
  server.registerTool('sign-in-badly', { description: 'Asks for a bad visit.' }, () => {
    const visit = inputRequired.elicitUrl({ message: 'Click.', url: 'javascript:alert(1)' })
    return inputRequired({ inputRequests: { visit }, requestState: 's' })
  })
  server.registerTool('sample', { description: 'Asks for a model.' }, () => {
    const message = { role: 'user', content: { type: 'text', text: 'hi' } } as const
    const model = inputRequired.createMessage({ messages: [message], maxTokens: 1 })
    return inputRequired({ inputRequests: { model }, requestState: 's' })
  })
  let visits = 0
  server.registerTool('gate', { description: 'Refuses before a visit.' }, () => {
    if (visits++ > 0) return text('open')
    const url = 'https://gate.example/'
    throw new UrlElicitationRequiredError([{ mode: 'url', url, elicitationId: 'e1', message: 'Open the gate.' }])
  })
}

function text(said: string): { content: [{ type: 'text'; text: string }] } {
  return { content: [{ type: 'text', text: said }] }
}

import type { ModelRequest, ToolDefinition } from '../provider.ts'

const SEARCH: ToolDefinition = {
  name: 'search',
  description: 'Searches, says marker-description.',
  inputSchema: '{"type":"object","properties":{"q":{"type":"string"}},"required":["q"],"additionalProperties":false}',
}

const LOOKUP: ToolDefinition = {
  name: 'lookup',
  description: 'Looks up one entry.',
  inputSchema: '{"type":"object","properties":{"marker_property":{"type":"integer"}},"required":[]}',
}

const MINIMAL: ModelRequest = {
  model: 'marker-model',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'marker-goal' }],
  tools: [],
}

/** The name of a request of the suite. */
export type RequestName = 'minimal' | 'full' | 'tool-results' | 'reasoning-history'

/** The requests that the suite makes. */
export const REQUESTS: Readonly<Record<RequestName, ModelRequest>> = {
  /** One user message and nothing else. */
  minimal: MINIMAL,
  /** Everything a request can say before the first answer. */
  full: {
    ...MINIMAL,
    systemPrompt: 'marker-system',
    tools: [SEARCH, LOOKUP],
    toolChoice: 'any',
    stopSequences: ['marker-stop'],
    maxOutputTokens: 4321,
    params: { temperature: 0.25 },
  },
  /** Two tool calls answered, one of them with an error, then a further question. */
  'tool-results': {
    ...MINIMAL,
    tools: [SEARCH, LOOKUP],
    messages: [
      { role: 'user', content: 'marker-goal' },
      {
        role: 'assistant',
        content: '',
        toolUses: [
          { callId: 'call-marker-1', name: 'search', arguments: '{"q":"marker-argument"}' },
          { callId: 'call-marker-2', name: 'lookup', arguments: '{}' },
        ],
      },
      { role: 'tool', callId: 'call-marker-1', content: '{"found":"marker-result"}', isError: false },
      { role: 'tool', callId: 'call-marker-2', content: 'marker-error', isError: true },
      { role: 'user', content: 'marker-further' },
    ],
  },
  /** An earlier answer with reasoning and a tool call. */
  'reasoning-history': {
    ...MINIMAL,
    tools: [SEARCH],
    messages: [
      { role: 'user', content: 'marker-goal' },
      {
        role: 'assistant',
        content: 'marker-said',
        reasoning: [
          { text: 'marker-thought', signature: new TextEncoder().encode('c2lnbmF0dXJl') },
          { text: 'b3BhcXVl', redacted: true },
        ],
        toolUses: [{ callId: 'call-marker-1', name: 'search', arguments: '{"q":"go"}' }],
      },
      { role: 'tool', callId: 'call-marker-1', content: '[]', isError: false },
    ],
  },
}

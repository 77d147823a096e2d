import type { ModelRequest, ProviderCapabilities, ToolDefinition } from '../provider.ts'

/** The tool that most of the requests offer. */
export const SEARCH: ToolDefinition = {
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

/** The bytes of an attachment; in base64 and in hexadecimal they are easy to find. */
export const ATTACHMENT_BYTES: Uint8Array = new TextEncoder().encode('marker-attachment-bytes')

/** The name of a request of the suite. */
export type RequestName =
  | 'minimal'
  | 'full'
  | 'tool-results'
  | 'parallel-results'
  | 'reasoning-history'
  | 'parts-history'
  | 'image'
  | 'file'
  | 'image-in-result'

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
  /** Two tool calls of one answer, answered, and nothing said since. */
  'parallel-results': {
    ...MINIMAL,
    tools: [SEARCH],
    messages: [
      { role: 'user', content: 'marker-goal' },
      {
        role: 'assistant',
        content: 'marker-said',
        toolUses: [
          { callId: 'call-marker-1', name: 'search', arguments: '{"q":"one"}' },
          { callId: 'call-marker-2', name: 'search', arguments: '{"q":"two"}' },
        ],
      },
      { role: 'tool', callId: 'call-marker-1', content: '"marker-result-1"', isError: false },
      { role: 'tool', callId: 'call-marker-2', content: '"marker-result-2"', isError: false },
    ],
  },
  /** An earlier answer whose order only its parts tell. */
  'parts-history': {
    ...MINIMAL,
    tools: [SEARCH],
    messages: [
      { role: 'user', content: 'marker-goal' },
      {
        role: 'assistant',
        content: 'marker-beforemarker-after',
        toolUses: [{ callId: 'call-marker-1', name: 'search', arguments: '{"q":"marker-argument"}' }],
        parts: [
          { type: 'text', text: 'marker-before' },
          { type: 'text', text: 'marker-after' },
          { type: 'tool-use', callId: 'call-marker-1', name: 'search', arguments: '{"q":"marker-argument"}' },
        ],
      },
      { role: 'tool', callId: 'call-marker-1', content: '"marker-result"', isError: false },
    ],
  },
  /** An image beside the goal. */
  image: {
    ...MINIMAL,
    messages: [
      {
        role: 'user',
        content: 'marker-goal',
        attachments: [{ type: 'image', mediaType: 'image/png', data: ATTACHMENT_BYTES }],
      },
    ],
  },
  /** A document beside the goal. */
  file: {
    ...MINIMAL,
    messages: [
      {
        role: 'user',
        content: 'marker-goal',
        attachments: [{ type: 'file', mediaType: 'application/pdf', data: ATTACHMENT_BYTES, name: 'marker-name.pdf' }],
      },
    ],
  },
  /** An image in the result of a tool. */
  'image-in-result': {
    ...MINIMAL,
    tools: [SEARCH],
    messages: [
      { role: 'user', content: 'marker-goal' },
      {
        role: 'assistant',
        content: '',
        toolUses: [{ callId: 'call-marker-1', name: 'search', arguments: '{"q":"go"}' }],
      },
      {
        role: 'tool',
        callId: 'call-marker-1',
        content: '"marker-result"',
        isError: false,
        attachments: [{ type: 'image', mediaType: 'image/png', data: ATTACHMENT_BYTES }],
      },
    ],
  },
}

/** A setting of a request: what needs it, the request that sets it, what its vendor must find. */
export interface SettingSample {
  readonly needs: keyof ProviderCapabilities
  readonly request: ModelRequest
  /** The same request without the setting. */
  readonly without: ModelRequest
  /** A text in the body; empty where every vendor says it in words of its own. */
  readonly marker: string
}

const SCHEMA =
  '{"type":"object","properties":{"marker_field":{"type":"string"}},"required":["marker_field"],"additionalProperties":false}'

const SCHEMA_FORMAT = { type: 'json-schema', name: 'marker_schema', schema: SCHEMA } as const

/** One sample of every setting that a provider may lack. */
export const SETTINGS: readonly SettingSample[] = [
  sample('maxOutputTokens', { maxOutputTokens: 4321 }, '4321'),
  sample('temperature', { temperature: 0.25 }, '0.25'),
  sample('topP', { topP: 0.75 }, '0.75'),
  sample('topK', { topK: 17 }, '17'),
  sample('seed', { seed: 4242 }, '4242'),
  sample('stopSequences', { stopSequences: ['marker-stop'] }, 'marker-stop'),
  sample('reasoningEffort', { reasoningEffort: 'high' }),
  sample('jsonFormat', { responseFormat: { type: 'json' } }),
  sample('schemaFormat', { responseFormat: SCHEMA_FORMAT }, 'marker_field'),
  sample('toolChoice', { toolChoice: 'search' }),
  sample('parallelToolCalls', { parallelToolCalls: false }),
]

function sample(needs: SettingSample['needs'], setting: Partial<ModelRequest>, marker = ''): SettingSample {
  const without = needs === 'toolChoice' || needs === 'parallelToolCalls' ? { ...MINIMAL, tools: [SEARCH] } : MINIMAL
  return { needs, request: { ...without, ...setting }, without, marker }
}

import { crc32 } from 'node:zlib'
import type { Usage } from '@starling/provider'
import { CALLS, FINAL_TEXT, FIRST_USAGE, RESULTS, SECOND_USAGE } from './scenario.ts'
import type { Body, VendorScenario, WireAnswer } from './scenario.ts'
import { pieces, toJson } from './sse.ts'

type Event = readonly [type: string, document: object]

const THOUGHT = { text: 'Two lookups will do.', signature: 'EqQBCkYIBxgCKkDsignaturePartOneAndPartTwo==' }
const REDACTED = 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIw=='
const WORDS = 'I look both up – now.'
const FIND = { toolUseId: 'tooluse_find', ...CALLS.find }
const WEIGH = { toolUseId: 'tooluse_weigh', ...CALLS.weigh }

// The type of a header in an event stream.
const STRING = 7

/** Bedrock does not say how many tokens were reasoning. */
const FIRST: Usage = { ...FIRST_USAGE, reasoning: 0 }

/** Claude on Amazon Bedrock. */
export const BEDROCK: VendorScenario = {
  name: 'bedrock',
  model: 'us.anthropic.claude-sonnet-4-6',
  servers: [
    [
      converseAnswer(
        [
          [
            ...pieces(THOUGHT.text).map((text) => delta({ reasoningContent: { text } })),
            ...pieces(THOUGHT.signature).map((signature) => delta({ reasoningContent: { signature } })),
          ],
          [delta({ reasoningContent: { redactedContent: REDACTED } })],
          pieces(WORDS).map((text) => delta({ text })),
          useEvents(FIND),
          useEvents(WEIGH),
        ],
        { usage: FIRST, stopReason: 'tool_use' },
      ),
      converseAnswer([pieces(FINAL_TEXT).map((text) => delta({ text }))], {
        usage: SECOND_USAGE,
        stopReason: 'end_turn',
      }),
    ],
  ],
  async createProvider([url]) {
    const { createBedrockProvider } = await import('@starling/providers-bedrock')
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'test-key' }
    return createBedrockProvider({ region: 'us-east-1', credentials, baseUrl: url })
  },
  answers: [{ usage: FIRST }, { usage: SECOND_USAGE }],
  options: { cache: { tools: true, systemPrompt: true } },
  reasoning: ['readable', 'redacted'],
  secondRequest: {
    historyIn: ({ messages = [] }: Body) => messages.slice(1),
    history: (said) => [
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: THOUGHT } },
          { reasoningContent: { redactedContent: REDACTED } },
          { text: WORDS },
          { toolUse: FIND },
          { toolUse: WEIGH },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'tooluse_find', content: [{ text: RESULTS.find }] } },
          { toolResult: { toolUseId: 'tooluse_weigh', content: [{ text: RESULTS.weigh }] } },
          ...(said === undefined ? [] : [{ text: said }]),
        ],
      },
    ],
  },
}

function delta(part: object): Event {
  return ['contentBlockDelta', { delta: part }]
}

function useEvents({ input, ...use }: typeof FIND): Event[] {
  const deltas = pieces(toJson(input)).map((text) => delta({ toolUse: { input: text } }))
  return [['contentBlockStart', { start: { toolUse: use } }], ...deltas]
}

function converseAnswer(
  blocks: readonly (readonly Event[])[],
  { usage, stopReason }: { readonly usage: Usage; readonly stopReason: string },
): WireAnswer {
  const { input: inputTokens, output: outputTokens, cacheRead, cacheWrite } = usage
  const events: Event[] = [
    ['messageStart', { role: 'assistant' }],
    ...blocks.flatMap((block, contentBlockIndex) =>
      [...block, ['contentBlockStop', {}] as const].map(([type, document]): Event => [
        type,
        { contentBlockIndex, ...document },
      ]),
    ),
    ['messageStop', { stopReason }],
    [
      'metadata',
      {
        metrics: { latencyMs: 1843 },
        usage: {
          inputTokens,
          outputTokens,
          totalTokens: inputTokens + cacheRead + cacheWrite + outputTokens,
          cacheReadInputTokens: cacheRead,
          cacheWriteInputTokens: cacheWrite,
        },
      },
    ],
  ]
  return {
    headers: { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'request-1' },
    body: Buffer.concat(events.map(frame)),
  }
}

/**
 * Frames an event as `application/vnd.amazon.eventstream`: two lengths with their checksum, headers, the document,
 * and a checksum of everything.
 */
function frame([type, document]: Event): Buffer {
  const headers = Buffer.concat([
    header(':message-type', 'event'),
    header(':event-type', type),
    header(':content-type', 'application/json'),
  ])
  const body = Buffer.from(toJson(document))
  const lengths = Buffer.concat([uint32(headers.length + body.length + 16), uint32(headers.length)])
  const message = Buffer.concat([lengths, uint32(crc32(lengths)), headers, body])
  return Buffer.concat([message, uint32(crc32(message))])
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(value))
  return Buffer.concat([
    Uint8Array.of(Buffer.byteLength(name)),
    Buffer.from(name),
    Uint8Array.of(STRING),
    length,
    Buffer.from(value),
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

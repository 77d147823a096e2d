import { encodeCbor, encodeValue, KIND, utf8Encode, type Event } from '@starling/event'
import { describe, expect, test } from 'vitest'
import { viewParts } from '../src/conversation/view-parts.ts'
import { EXIT } from '../src/index.ts'
import { call, documents, lines } from './support/call.ts'
import { answer, chain, runStarted, type Entry } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

const IMAGE = { type: 'image', mediaType: 'image/png', data: new Uint8Array(12_300), name: 'photo.png' }
const FILE = { type: 'file', mediaType: 'application/pdf', url: 'https://example.org/a.pdf' }
const SEARCH = '{"type":"server_tool_use","id":9007199254740993}'
const CITATION = '{"url":"https://example.org","cited_text":"it is so"}'

describe('a run with all that an answer can hold', () => {
  test('is shown with one line for each thing that is no text', async () => {
    const { code, stdout } = await call(['show', 'x.db', 'r'], { store: await storeOf(richRun()) })
    expect(code).toBe(EXIT.ok)
    expect(stdout).toBe(`Run r
  status   in progress
  model    test-model (scripted)
  settings {"reasoning_effort":"high","seed":18446744073709551615}
  started  2026-01-01T00:00:00.000Z
  took     9ms, 1 turn, 1 tool call, 10 events
  tokens   12 in, 4 out, $0.50

user
  What is this?
  + image image/png, 12.3 kB, photo.png
  + file application/pdf, https://example.org/a.pdf

model call failed (overloaded 529, attempt 1, then retry after 1.5s)
  try later
  after It

model call failed (first/m1 rate_limit 429, attempt 2, then fallback)
  too many

reasoning
  I should search.

assistant 12 in, 4 out, $0.50, stop, by claude-opus-5-5 (anthropic)
  Let me look.
  opaque {"type":"server_tool_use","id":9007199254740993}
  It is só.
  citation {"url":"https://example.org","cited_text":"it is so"}

tool crop c1
  {}
  → {"ok":true} 1ms
  + image image/jpeg, 999 B

── resumed after event 8 ──

user
  And now?
  + file text/plain, 1.5 MB
  + image image/png, 12.3 kB, photo.png

… not ended: still running, or to be resumed
`)
  })

  test('is JSON with everything but the bytes', async () => {
    const { stdout } = await call(['show', 'x.db', 'r', '--json'], { store: await storeOf(richRun()) })
    const [document] = documents(stdout)
    expect(document.settings).toBe('{"reasoning_effort":"high","seed":18446744073709551615}')
    const image = { type: 'image', media_type: 'image/png', size_bytes: 12_300, name: 'photo.png' }
    const [goal, failed, , , said, tool, resumed] = document.items
    expect(goal).toEqual({
      type: 'user',
      seq: 1,
      text: 'What is this?',
      attachments: [image, { type: 'file', media_type: 'application/pdf', url: 'https://example.org/a.pdf' }],
    })
    expect(failed).toEqual({
      type: 'turn-failed',
      seq: 3,
      turn_id: 't',
      attempt: 1,
      error: 'try later',
      error_class: 'overloaded',
      next: 'retry',
      status: 529,
      partial_text: 'It',
      retry_after_ms: 1500,
    })
    expect(said).toMatchObject({
      type: 'assistant',
      text: 'Let me look.It is só.',
      reasoning_tokens: 2,
      provider_id: 'anthropic',
      model_id: 'claude-opus-5-5',
      parts: [
        { type: 'reasoning' },
        { type: 'text', text: 'Let me look.' },
        { type: 'opaque', data: SEARCH },
        { type: 'text', text: 'It is só.', citations: [CITATION] },
        { type: 'tool_use' },
      ],
    })
    expect(tool.attachments).toEqual([{ type: 'image', media_type: 'image/jpeg', size_bytes: 999 }])
    expect(resumed).toMatchObject({ type: 'resumed', at_seq: 8 })
  })

  test('lists its events with what came along, who answered and why an attempt failed', async () => {
    const { stdout } = await call(['show', 'x.db', 'r', '--events'], { store: await storeOf(richRun()) })
    const details = lines(stdout).map((line) => line.replaceAll(/ +/g, ' ').split(' ').slice(3).join(' '))
    expect(details).toEqual([
      'test-model: +image/png +application/pdf What is this?',
      'about 9 tokens in',
      'overloaded 529: try later (then retry)',
      'first/m1 rate_limit 429: too many (then fallback)',
      'I should search.',
      '(claude-opus-5-5) Let me look.It is só. → crop',
      'crop {} (c1)',
      '+image/jpeg c1 = {"ok":true}',
      'after event 8, 0 pending',
      '+text/plain +image/png And now?',
    ])
  })

  test('cannot steer the terminal with any of it', async () => {
    const bad = '\u001B]0;owned\u0007'
    const part = { type: 'opaque', data: bad }
    const entries: Entry[] = [
      [
        KIND.RunStarted,
        {
          ...runStarted('hi'),
          settings: encodeValue({ stop: bad }),
          attachments: [{ type: bad, mediaType: bad, url: bad, name: bad }],
        },
      ],
      [KIND.TurnStarted, { turnId: 't', promptHash: null, inputTokens: 1 }],
      [
        KIND.TurnFailed,
        {
          turnId: 't',
          attempt: 1,
          error: bad,
          errorClass: bad,
          next: bad,
          partialText: bad,
          status: 500,
          providerId: bad,
          modelId: bad,
        },
      ],
      [
        KIND.AssistantMessageCompleted,
        {
          ...answer('t', bad),
          providerId: bad,
          modelId: bad,
          parts: [part, { type: 'text', length: 3, citations: [{ data: bad }] }],
        },
      ],
    ]
    const store = await storeOf(chain('r', entries))
    for (const flags of [[], ['--events']]) {
      const { stdout } = await call(['show', 'x.db', 'r', ...flags], { store })
      expect(stdout).not.toContain('\u001B')
      expect(stdout).not.toContain('\u0007')
    }
  })

  test('keeps long opaque parts and citations to their line', async () => {
    const part = { type: 'opaque', data: JSON.stringify('x'.repeat(5000)) }
    const entries: Entry[] = [
      [KIND.RunStarted, runStarted('hi')],
      [KIND.AssistantMessageCompleted, { ...answer('t', ''), parts: [part] }],
    ]
    const { stdout } = await call(['show', 'x.db', 'r'], { store: await storeOf(chain('r', entries)) })
    const line = lines(stdout).find((each) => each.startsWith('  opaque')) ?? ''
    expect(line.length).toBeLessThanOrEqual(105)
    expect(line.endsWith('…')).toBe(true)
  })

  test.each([
    ['the model', { modelId: 'other' }, 'by other'],
    ['the provider', { providerId: 'backup' }, 'by the same model of backup'],
  ])('says who answered when only %s was another', async (_what, by, words) => {
    const entries: Entry[] = [
      [KIND.RunStarted, runStarted('hi')],
      [KIND.AssistantMessageCompleted, { ...answer('t', 'Hello.'), ...by }],
    ]
    const { stdout } = await call(['show', 'x.db', 'r'], { store: await storeOf(chain('r', entries)) })
    expect(stdout).toContain(`stop, ${words}\n`)
  })

  test('goes through export and import byte for byte', async () => {
    const store = await storeOf(richRun())
    const raw = await call(['export', 'x.db', '--format', 'raw'], { store })
    expect(raw.code).toBe(EXIT.ok)
    const { code } = await call(['import', 'y.db', '-'], { store, stdin: [raw.stdout] })
    expect(code).toBe(EXIT.ok)
    expect(await store.log('y.db').read('r')).toEqual(richRun())
    expect((await call(['export', 'y.db', '--format', 'raw'], { store })).stdout).toBe(raw.stdout)
  })
})

describe('the parts of an answer', () => {
  test('take their share of the text in bytes, in their order', () => {
    const parts = [{ type: 'text', length: 2 }, { type: 'tool_use' }, { type: 'text', length: 4 }]
    expect(viewParts('é😀', parts)).toEqual([
      { type: 'text', text: 'é' },
      { type: 'mark', of: 'tool_use' },
      { type: 'text', text: '😀' },
    ])
  })

  test('hide no text, whatever they claim', () => {
    expect(viewParts('abc', [])).toEqual([{ type: 'text', text: 'abc' }])
    expect(viewParts('abc', [{ type: 'text', length: 99 }])).toEqual([{ type: 'text', text: 'abc' }])
    expect(viewParts('abc', [{ type: 'text', length: -1 }])?.at(-1)).toEqual({ type: 'text', text: 'abc' })
    expect(viewParts('é', [{ type: 'text', length: 1 }])).toEqual([
      { type: 'text', text: '\uFFFD' },
      { type: 'text', text: '\uFFFD' },
    ])
  })

  test('are nothing where the log has none', () => {
    expect(viewParts('abc', undefined)).toBeUndefined()
  })
})

async function storeOf(run: readonly Event[]): Promise<MemoryStore> {
  const store = createMemoryStore()
  await store.add('x.db', run)
  return store
}

function richRun(): Event[] {
  const turn = { turnId: 't', attempt: 1, error: 'try later' }
  const text = ['Let me look.', 'It is só.']
  const length = (index: number): number => utf8Encode(text[index] ?? '').length
  return chain('r', [
    [
      KIND.RunStarted,
      {
        ...runStarted('What is this?'),
        settings: encodeCbor({ seed: 18_446_744_073_709_551_615n, reasoning_effort: 'high' }),
        attachments: [IMAGE, FILE],
      },
    ],
    [KIND.TurnStarted, { turnId: 't', promptHash: null, inputTokens: 9 }],
    [
      KIND.TurnFailed,
      { ...turn, errorClass: 'overloaded', next: 'retry', status: 529, partialText: 'It', retryAfterMs: 1500 },
    ],
    [
      KIND.TurnFailed,
      {
        ...turn,
        attempt: 2,
        error: 'too many',
        errorClass: 'rate_limit',
        next: 'fallback',
        status: 429,
        providerId: 'first',
        modelId: 'm1',
      },
    ],
    [KIND.ReasoningEmitted, { turnId: 't', content: 'I should search.', sensitive: true }],
    [
      KIND.AssistantMessageCompleted,
      {
        ...answer('t', text.join('')),
        toolUses: [{ callId: 'c1', tool: 'crop', args: encodeCbor({}) }],
        reasoningTokens: 2,
        providerId: 'anthropic',
        modelId: 'claude-opus-5-5',
        parts: [
          { type: 'reasoning', signature: new Uint8Array([1]) },
          { type: 'text', length: length(0) },
          { type: 'opaque', data: SEARCH },
          { type: 'text', length: length(1), citations: [{ data: CITATION }] },
          { type: 'tool_use', signature: new Uint8Array([2, 3]) },
        ],
      },
    ],
    [KIND.ToolCallScheduled, { callId: 'c1', turnId: 't', tool: 'crop', args: encodeCbor({}), attempt: 1 }],
    [
      KIND.ToolCallCompleted,
      {
        callId: 'c1',
        result: encodeCbor({ ok: true }),
        durationMs: 1,
        attempt: 1,
        attachments: [{ type: 'image', mediaType: 'image/jpeg', data: new Uint8Array(999) }],
      },
    ],
    [KIND.RunResumed, { atSeq: 8, reissueTools: false, pendingCalls: 0 }],
    [
      KIND.UserMessageAppended,
      {
        content: 'And now?',
        attachments: [{ type: 'file', mediaType: 'text/plain', data: new Uint8Array(1_500_000) }, IMAGE],
      },
    ],
  ])
}

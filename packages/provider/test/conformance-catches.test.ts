import { expect, test } from 'vitest'

import { CONFORMANCE_KEY, PROVIDER_CHECKS, type ProviderCheck, type ProviderHarness } from '../src/conformance/index.ts'
import { scenarioNamed } from '../src/conformance/scenarios.ts'
import { partsOf, type ModelChunk, type Usage } from '../src/index.ts'
import {
  abortingAll,
  answeringOnce,
  changingChunks,
  changingErrors,
  changingFailures,
  changingRequests,
  closingOnce,
  differing,
  eager,
  flawed,
  holdingBack,
  leaking,
  neverReleasing,
  overpromising,
  sendingWhenAborted,
  sharing,
  withholdingUsage,
  wrappingAborts,
} from './flawed-providers.ts'
import { lineHarness } from './line-harness.ts'
import { scriptedHarness } from './scripted-harness.ts'

const STATUS_CHECKS = [400, 401, 403, 404, 429, 500, 503, 529].map(
  (status) => PROVIDER_CHECKS.find(({ scenario }) => scenario === `status-${status}`)?.title ?? `status ${status}`,
)

const FLAWS: Readonly<Record<string, readonly [harness: ProviderHarness, caughtBy: readonly string[]]>> = {
  'loses text': [
    changingChunks((chunk) => (chunk.type === 'text-delta' ? undefined : chunk)),
    [
      'a text answer arrives whole, with its usage and one end',
      'a long answer arrives whole',
      'text before a tool call arrives',
    ],
  ],
  'has no end': [
    changingChunks((chunk) => (chunk.type === 'end' ? undefined : chunk)),
    ['an answer without content still ends', 'a whole answer closes its connection'],
  ],
  'decodes every read by itself': [
    lineHarness({ splitsCharacters: true }),
    ['characters that are split across reads arrive whole', 'arguments in single characters and bytes arrive whole'],
  ],
  'gives one call the arguments of all': [
    changingChunks((chunk) => (chunk.type === 'tool-call-delta' ? { ...chunk, callId: 'call-a' } : chunk)),
    [
      'several tool calls arrive in order, each with its own arguments',
      'tool calls that travel at once are told apart',
    ],
  ],
  'loses tool calls': [
    changingChunks((chunk) => (chunk.type.startsWith('tool-call') ? undefined : chunk)),
    ['a tool call arrives with its id, name and arguments', 'a tool call without arguments arrives'],
  ],
  'loses reasoning': [
    changingChunks((chunk) => (chunk.type === 'reasoning-delta' ? undefined : chunk)),
    ['reasoning arrives', 'reasoning before a tool call arrives'],
  ],
  'loses signatures': [changingChunks(withoutSignature), ['the signature of a reasoning block arrives']],
  'shows redacted reasoning as text': [
    changingChunks((chunk) =>
      chunk.type === 'redacted-reasoning' ? { type: 'reasoning-delta', text: chunk.data } : chunk,
    ),
    ['a redacted reasoning block arrives'],
  ],
  'counts cached tokens as input': [
    changingUsage((usage) => ({ ...usage, input: usage.input + usage.cacheRead + usage.cacheWrite })),
    [
      'tokens read from the cache are counted apart from the input',
      'tokens written to the cache are counted apart from the input',
    ],
  ],
  'counts reasoning beside the output': [
    changingUsage((usage) => ({ ...usage, output: usage.output - usage.reasoning })),
    ['reasoning tokens are counted within the output'],
  ],
  'always stops for the same reason': [
    changingChunks((chunk) => (chunk.type === 'end' ? { ...chunk, stopReason: 'stop' } : chunk)),
    [
      'an answer that reached the output limit says so',
      'an answer that reached a stop sequence says so',
      'an answer that the vendor filtered says so',
      'a refusal says so',
      'an answer that went wrong says so',
      'a reason to stop that has no word of its own is other',
    ],
  ],
  'loses the id of the call': [
    changingChunks((chunk) => (chunk.type === 'end' ? { ...chunk, requestId: undefined } : chunk)),
    ['the id of the call arrives'],
  ],
  'hashes reads and not bytes': [
    lineHarness({ hashesReads: true }),
    ['the response hash covers the bytes, however they are cut'],
  ],
  'hashes nothing': [
    changingChunks((chunk) => (chunk.type === 'end' ? { ...chunk, rawResponseHash: new Uint8Array(32) } : chunk)),
    ['the response hash tells answers apart'],
  ],
  'fails with plain errors': [
    changingErrors((error) => new Error(String(error))),
    [...STATUS_CHECKS, 'an error page of a proxy is classified by its status'],
  ],
  'calls every failure a network failure': [
    changingFailures(() => ({ code: 'PROVIDER_NETWORK' })),
    [
      ...STATUS_CHECKS,
      'a failure without a body is classified',
      'an error inside the stream is a failure of the vendor',
      'an error before any content is a failure of the vendor',
      'a stream that is not in the protocol is an error',
    ],
  ],
  'calls every failure one of the vendor': [
    changingFailures(() => ({ code: 'PROVIDER_SERVER' })),
    ['a vendor that cannot be reached is a network failure', 'a connection that breaks is a network failure'],
  ],
  'never says that trying again may help': [
    changingFailures(() => ({ retryable: false })),
    ['a vendor that cannot be reached is a network failure', 'an answer that is cut off is an error'],
  ],
  'forgets how long to wait': [
    changingFailures(() => ({ retryAfterMs: undefined })),
    ['the seconds of retry-after are reported in milliseconds'],
  ],
  'prefers seconds to milliseconds': [
    changingFailures(({ retryAfterMs }) => ({ retryAfterMs: retryAfterMs === undefined ? undefined : 7000 })),
    ['retry-after-ms counts before retry-after'],
  ],
  'quotes what the vendor says': [
    lineHarness({ quotesVendor: true }),
    [
      'status 401 is PROVIDER_AUTH',
      'status 403 is PROVIDER_AUTH',
      'an error page of a proxy is classified by its status',
    ],
  ],
  'keeps what the vendor says as the cause': [lineHarness({ keepsVendorError: true }), ['status 401 is PROVIDER_AUTH']],
  'says its key': [
    changingFailures(({ message }) => ({ message: `${message} (with ${CONFORMANCE_KEY})` })),
    ['status 500 is PROVIDER_SERVER'],
  ],
  'takes the end of the stream for the end of the answer': [
    lineHarness({ endsWithStream: true }),
    [
      'an answer that is cut off is an error',
      'a tool call that is cut off is an error',
      "an answer without the vendor's last marker is an error",
    ],
  ],
  'swallows its failures': [changingErrors(() => undefined), ['an answer that is cut off is an error']],
  'gives the last text only with what follows it': [
    holdingBack,
    ['the text before an error inside the stream arrives'],
  ],
  'tells the usage of whole answers only': [
    withholdingUsage,
    [
      'the usage that came before an answer was cut off arrives',
      'the usage that came before a connection broke arrives',
      'the usage that came before an error inside the stream arrives',
    ],
  ],
  'sends before it is asked': [
    eager,
    ['nothing is sent before the first chunk is asked for', 'a call that is left before its first chunk sends nothing'],
  ],
  'has no name': [flawed(() => ({ info: { id: '', apiVersion: 'v0' } })), ['the name of the provider needs no call']],
  'sends although it was aborted': [
    sendingWhenAborted,
    ['an abort before the call sends nothing and rejects with its reason'],
  ],
  'wraps the reason of an abort': [
    wrappingAborts,
    [
      'an abort while the vendor has not answered rejects with its reason',
      'an abort in the middle of an answer rejects with its reason',
      'an abort between two chunks rejects with its reason',
      'an abort without a reason of its own rejects with the default one',
    ],
  ],
  'ends an aborted answer as if it were whole': [
    changingErrors(() => undefined),
    ['an abort in the middle of an answer rejects with its reason'],
  ],
  'cannot be left twice': [closingOnce, ['leaving an answer twice is harmless']],
  'answers one call only': [
    answeringOnce,
    [
      'one provider answers call after call',
      'an abort after the end changes nothing',
      'a provider that failed answers the next call',
    ],
  ],
  'shares an answer between calls': [sharing, ['two calls at once do not mix']],
  'ends all calls when one is aborted': [abortingAll, ['aborting one of two calls leaves the other alone']],
  'changes its request': [
    changingRequests((request) => Object.assign(request, { model: 'other' })),
    ['the model and the goal reach the vendor'],
  ],
  'loses the system prompt': [
    changingRequests((request) => ({ ...request, systemPrompt: '' })),
    ['the system prompt, the tools and the parameters reach the vendor'],
  ],
  'loses the parameters': [
    changingRequests((request) => ({ ...request, params: {} })),
    ['the system prompt, the tools and the parameters reach the vendor'],
  ],
  'loses the stop sequences': [
    changingRequests((request) => ({ ...request, stopSequences: [] })),
    ['the stop sequences reach the vendor'],
  ],
  'loses tool results': [
    changingRequests(({ messages, ...request }) => ({
      ...request,
      messages: messages.filter(({ role }) => role !== 'tool'),
    })),
    ['tool calls and their results reach the vendor in order'],
  ],
  'turns the conversation around': [
    changingRequests(({ messages, ...request }) => ({ ...request, messages: messages.toReversed() })),
    ['tool calls and their results reach the vendor in order'],
  ],
  'drops the settings it does not know': [
    changingRequests(({ model, systemPrompt, messages, tools }) => ({ model, systemPrompt, messages, tools })),
    [
      'maxOutputTokens',
      'temperature',
      'topP',
      'topK',
      'seed',
      'stopSequences',
      'reasoningEffort',
      'jsonFormat',
      'schemaFormat',
      'toolChoice',
      'parallelToolCalls',
    ].map((setting) => `the setting ${setting} reaches the vendor, or is refused before anything is sent`),
  ],
  'takes of one model what it says that only others can': [
    overpromising,
    [
      'the setting seed reaches the vendor, or is refused before anything is sent',
      'a format beside tools reaches the vendor, or is refused before anything is sent',
    ],
  ],
  'can do more with a model than at all': [
    flawed(() => ({ capabilities: { tools: true }, capabilitiesOf: () => ({ tools: true, seed: true }) })),
    ['what it can do with a model it can do at all'],
  ],
  'leaves attachments out': [
    changingRequests(({ messages, ...request }) => ({
      ...request,
      messages: messages.map((message) => ({ ...message, attachments: [] })),
    })),
    ['an image reaches the vendor', 'a file reaches the vendor', 'an image in a tool result reaches the vendor'],
  ],
  'keeps the parts of an answer in its own order': [
    changingRequests(({ messages, ...request }) => ({
      ...request,
      messages: messages.map((message) =>
        message.role === 'assistant' ? { ...message, parts: partsOf(message).toReversed() } : message,
      ),
    })),
    ['the parts of an earlier answer reach the vendor in order, none of them twice'],
  ],
  'answers calls in its own order': [
    changingRequests(({ messages, ...request }) => ({
      ...request,
      messages: [
        ...messages.filter(({ role }) => role !== 'tool'),
        ...messages.filter(({ role }) => role === 'tool').toReversed(),
      ],
    })),
    ['the results of parallel calls reach the vendor in the order of the calls'],
  ],
  'sends the last message only': [
    changingRequests(({ messages, ...request }) => ({ ...request, messages: messages.slice(-1) })),
    ['an earlier answer with reasoning reaches the vendor'],
  ],
}

test.for(Object.entries(FLAWS))('the suite catches a provider that %s', async ([, [harness, caughtBy]]) => {
  for (const title of caughtBy) {
    expect({ title, passes: await passes(title, harness) }).toEqual({ title, passes: false })
    expect({ title, passes: await passes(title, scriptedHarness) }).toEqual({ title, passes: true })
  }
})

test('the suite catches a provider that leaves connections open', async () => {
  // At once: each of them waits for a release that never comes.
  const cases: readonly (readonly [ProviderHarness, string])[] = [
    [leaking, 'leaving an answer early closes its connection'],
    [neverReleasing, 'a whole answer closes its connection'],
    [neverReleasing, 'an abort in the middle of an answer rejects with its reason'],
    [lineHarness({ leavesBody: true }), 'status 500 is PROVIDER_SERVER'],
  ]
  const outcomes = await Promise.all(cases.map(([harness, title]) => passes(title, harness)))
  expect(outcomes).toEqual(cases.map(() => false))
})

test('every check of the suite is shown to catch something', () => {
  const shown = new Set(Object.values(FLAWS).flatMap(([, caughtBy]) => caughtBy))
  shown.add('leaving an answer early closes its connection')
  expect(PROVIDER_CHECKS.map(({ title }) => title).filter((title) => !shown.has(title))).toEqual([])
})

test('no two checks have the same title', () => {
  const titles = PROVIDER_CHECKS.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
})

async function passes(title: string, harness: ProviderHarness): Promise<boolean> {
  const check: ProviderCheck | undefined = PROVIDER_CHECKS.find((candidate) => candidate.title === title)
  if (check === undefined) throw new RangeError(`no check is called ${title}`)
  await using opened = await harness.open(scenarioNamed(check.scenario))
  try {
    await check.run(opened, harness)
    return true
  } catch {
    // What the check says is for people; here it counts that it says something.
    return false
  }
}

test.for(PROVIDER_CHECKS.filter(({ title }) => /^the setting|^a format|^what it can do/.test(title)))(
  'of a provider whose models differ, the suite accepts that $title',
  async ({ title }) => {
    expect(await passes(title, differing)).toBe(true)
  },
)

function changingUsage(change: (usage: Usage) => Usage): ProviderHarness {
  return changingChunks((chunk) => (chunk.type === 'usage' ? { ...chunk, usage: change(chunk.usage) } : chunk))
}

function withoutSignature(chunk: ModelChunk): ModelChunk {
  return 'signature' in chunk ? { ...chunk, signature: undefined } : chunk
}

import type { VendorAnswer, VendorEnding, VendorReply } from './vendor-answer.ts'

/** The scenarios of the suite. */
export const SCENARIO_NAMES = [
  'text',
  'text-in-bytes',
  'same-text-cut-differently',
  'different-texts',
  'empty-answer',
  'long-text',
  'tool-call',
  'tool-calls',
  'tool-calls-interleaved',
  'tool-call-without-arguments',
  'tool-call-in-pieces',
  'text-and-tool-call',
  'reasoning',
  'reasoning-signed',
  'reasoning-redacted',
  'reasoning-and-tool-call',
  'usage-cache-read',
  'usage-cache-write',
  'usage-reasoning',
  'stop-max-tokens',
  'stop-sequence',
  'stop-filtered',
  'stop-refusal',
  'stop-error',
  'stop-other',
  'status-400',
  'status-401',
  'status-403',
  'status-404',
  'status-429',
  'status-500',
  'status-503',
  'status-529',
  'retry-after',
  'retry-after-ms',
  'error-page',
  'error-without-body',
  'unreachable',
  'disconnect',
  'cut',
  'cut-tool-call',
  'unterminated',
  'error-in-stream',
  'error-first-in-stream',
  'garbage',
  'silence-before-answer',
  'silence-in-answer',
  'failure-then-text',
] as const

/** The name of a scenario of the suite: one of {@link SCENARIO_NAMES}. */
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

/** The key that a harness configures its provider with; it must never appear in an error. */
export const CONFORMANCE_KEY = 'conformance-key-5f1d0c'

/** A text whose characters take one to four bytes, with a joined emoji at the end. */
const MANY_WIDTHS = 'zażółć – 你好, 𝒳 👩‍🚀'

const USAGE = { input: 11, cacheRead: 0, cacheWrite: 0, output: 7, reasoning: 0 }

const TEXT: VendorReply = {
  reasoning: [],
  text: ['Hel', 'lo, ', 'world.'],
  toolCalls: [],
  interleaved: false,
  usage: USAGE,
  stopReason: 'stop',
  requestId: 'request-1',
}

const TOOL_CALL: VendorReply = {
  ...TEXT,
  text: [],
  toolCalls: [{ callId: 'call-a', name: 'search', argumentPieces: ['{"q":"go"}'] }],
  stopReason: 'tool_use',
}

const TOOL_CALLS: VendorReply = {
  ...TOOL_CALL,
  toolCalls: [
    { callId: 'call-a', name: 'search', argumentPieces: ['{"q":', '"go"}'] },
    { callId: 'call-b', name: 'search', argumentPieces: ['{"q":', '"rust"', '}'] },
    { callId: 'call-c', name: 'lookup', argumentPieces: ['{"id":7}'] },
  ],
}

const NARROW_PIECES = characters(JSON.stringify({ q: MANY_WIDTHS, nested: { list: [1, 2.5, null, true], empty: {} } }))

const SIGNATURE: Uint8Array = new TextEncoder().encode('c2lnbmF0dXJl')

/** Every scenario: what the vendor answers to the calls of one check, in order; the last answer repeats. */
export const SCENARIOS: Readonly<Record<ScenarioName, readonly VendorAnswer[]>> = {
  text: [reply(TEXT)],
  'text-in-bytes': [reply({ ...TEXT, text: characters(MANY_WIDTHS) }, 'complete', 'bytes')],
  'same-text-cut-differently': [reply(TEXT), reply(TEXT, 'complete', 'bytes')],
  'different-texts': [reply(TEXT), reply({ ...TEXT, text: ['Good', 'bye.'], requestId: 'request-2' })],
  'empty-answer': [reply({ ...TEXT, text: [] })],
  'long-text': [reply({ ...TEXT, text: Array.from({ length: 400 }, (_, index) => `${index} ${MANY_WIDTHS}\n`) })],
  'tool-call': [reply(TOOL_CALL)],
  'tool-calls': [reply(TOOL_CALLS)],
  'tool-calls-interleaved': [reply({ ...TOOL_CALLS, interleaved: true })],
  'tool-call-without-arguments': [
    reply({ ...TOOL_CALL, toolCalls: [{ callId: 'call-a', name: 'search', argumentPieces: [] }] }),
  ],
  'tool-call-in-pieces': [
    reply(
      { ...TOOL_CALL, toolCalls: [{ callId: 'call-a', name: 'search', argumentPieces: NARROW_PIECES }] },
      'complete',
      'bytes',
    ),
  ],
  'text-and-tool-call': [reply({ ...TOOL_CALL, text: ['Let me ', 'look.'] })],
  reasoning: [reply({ ...TEXT, reasoning: [{ text: 'Two and two.' }] })],
  'reasoning-signed': [reply({ ...TEXT, reasoning: [{ text: 'Two and two.', signature: SIGNATURE }] })],
  'reasoning-redacted': [reply({ ...TEXT, reasoning: [{ text: 'b3BhcXVl', redacted: true }] })],
  'reasoning-and-tool-call': [reply({ ...TOOL_CALL, reasoning: [{ text: 'I should look.' }] })],
  'usage-cache-read': [reply({ ...TEXT, usage: { ...USAGE, cacheRead: 90 } })],
  'usage-cache-write': [reply({ ...TEXT, usage: { ...USAGE, cacheWrite: 40 } })],
  'usage-reasoning': [reply({ ...TEXT, usage: { ...USAGE, reasoning: 5 } })],
  'stop-max-tokens': [reply({ ...TEXT, stopReason: 'max_tokens' })],
  'stop-sequence': [reply({ ...TEXT, stopReason: 'stop_sequence' })],
  'stop-filtered': [reply({ ...TEXT, stopReason: 'filtered' })],
  'stop-refusal': [reply({ ...TEXT, stopReason: 'refusal' })],
  'stop-error': [reply({ ...TEXT, stopReason: 'error' })],
  'stop-other': [reply({ ...TEXT, stopReason: 'other' })],
  'status-400': [status(400)],
  'status-401': [status(401, { message: `incorrect key provided: ${CONFORMANCE_KEY}` })],
  'status-403': [status(403, { message: `the key ${CONFORMANCE_KEY} may not use this model` })],
  'status-404': [status(404)],
  'status-429': [status(429)],
  'status-500': [status(500)],
  'status-503': [status(503)],
  'status-529': [status(529)],
  'retry-after': [status(429, { headers: { 'retry-after': '7' } })],
  'retry-after-ms': [status(503, { headers: { 'retry-after-ms': '1500', 'retry-after': '7' } })],
  'error-page': [status(502, { rawBody: '<html>\n<body>\n<h1>502 Bad Gateway</h1>\n</body>\n</html>\n' })],
  'error-without-body': [status(500, { rawBody: '' })],
  unreachable: [{ type: 'unreachable' }],
  disconnect: [reply(TEXT, 'disconnect')],
  cut: [reply(TEXT, 'cut')],
  'cut-tool-call': [reply(TOOL_CALL, 'cut')],
  unterminated: [reply(TEXT, 'unterminated')],
  'error-in-stream': [reply(TEXT, 'error')],
  'error-first-in-stream': [reply({ ...TEXT, text: [] }, 'error')],
  garbage: [reply(TEXT, 'garbage')],
  'silence-before-answer': [{ type: 'silence' }],
  'silence-in-answer': [reply(TEXT, 'silence')],
  'failure-then-text': [status(500), reply(TEXT)],
}

/** What the vendor does in one check. */
export interface ConformanceScenario {
  readonly name: ScenarioName
  /** The answers to the calls, in the order the calls arrive; the last one repeats. */
  readonly answers: readonly VendorAnswer[]
}

/** Returns the scenario with this name. */
export function scenarioNamed(name: ScenarioName): ConformanceScenario {
  return { name, answers: SCENARIOS[name] }
}

/** Returns the answer to a call, counted from 0 in the order of arrival. */
export function answerTo(scenario: ConformanceScenario, callIndex: number): VendorAnswer {
  const answer = scenario.answers[callIndex] ?? scenario.answers.at(-1)
  if (answer === undefined) throw new RangeError(`scenario ${scenario.name} has no answers`)
  return answer
}

function reply(
  content: VendorReply,
  ending: VendorEnding = 'complete',
  delivery: 'whole' | 'bytes' = 'whole',
): VendorAnswer {
  return { type: 'reply', reply: content, ending, delivery }
}

function status(code: number, details: Partial<VendorAnswer & { type: 'status' }> = {}): VendorAnswer {
  return { message: `conformance failure ${code}`, headers: {}, ...details, type: 'status', status: code }
}

/** Splits between code points, also inside what is shown as one character. */
function characters(text: string): string[] {
  return Array.from(text)
}

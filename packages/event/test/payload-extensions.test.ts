import { expect, test } from 'vitest'
import {
  decodePayload,
  encodePayload,
  encodeValue,
  fromHex,
  KIND,
  readableJson,
  referencePayloadJson,
  toHex,
  type AssistantMessageCompleted,
  type RecordedAttachment,
  type RunStarted,
} from '../src/index.ts'

const ATTACHMENTS: readonly RecordedAttachment[] = [
  { type: 'image', mediaType: 'image/png', data: Uint8Array.of(1, 2, 255) },
  { type: 'file', mediaType: 'application/pdf', url: 'https://files.test/a.pdf', name: 'a.pdf' },
]

const ANSWER: AssistantMessageCompleted = {
  turnId: 'turn',
  text: 'żaba and more',
  stopReason: 'end_turn',
  inputTokens: 1,
  outputTokens: 2,
  costUsd: 0,
  rawResponseHash: null,
}

const PARTS = [
  { type: 'reasoning' },
  { type: 'text', length: 5, citations: [{ data: '{"url":"https://a.test"}' }, { data: '{}' }] },
  { type: 'opaque', data: '{"type":"server_tool_use"}' },
  { type: 'text', length: 9, signature: Uint8Array.of(7) },
  { type: 'tool_use', signature: Uint8Array.of(8, 9) },
] as const

test('attachments read back as they were written', () => {
  const message = { content: 'look', origin: 'output', attachments: ATTACHMENTS }
  expect(decodePayload(KIND.UserMessageAppended, encodePayload(KIND.UserMessageAppended, message))).toEqual(message)
})

test('the parts of an answer read back as they were written, with who answered', () => {
  const answer = { ...ANSWER, parts: PARTS, providerId: 'other', modelId: 'other-model' }
  expect(decodePayload(KIND.AssistantMessageCompleted, encodePayload(KIND.AssistantMessageCompleted, answer))).toEqual({
    ...answer,
  })
})

test('an answer without parts has the bytes that it had before there were any', () => {
  expect(
    toHex(encodePayload(KIND.AssistantMessageCompleted, { ...ANSWER, parts: [], providerId: '', modelId: '' })),
  ).toBe(toHex(encodePayload(KIND.AssistantMessageCompleted, ANSWER)))
})

test('long cache writes and their rate read back as they were written', () => {
  const answer = { ...ANSWER, cacheCreateLongTokens: 7, rate: { input: 1, cacheWrite: 2, cacheWriteLong: 4 } }
  const payload = encodePayload(KIND.AssistantMessageCompleted, answer)
  expect(decodePayload(KIND.AssistantMessageCompleted, payload)).toEqual(answer)
})

test('an answer without long cache writes has the bytes that it had before there were any', () => {
  const bytesOf = (answer: AssistantMessageCompleted) => toHex(encodePayload(KIND.AssistantMessageCompleted, answer))
  const rate = { input: 1, cacheWrite: 2 }
  expect(bytesOf({ ...ANSWER, rate: { ...rate, cacheWriteLong: undefined }, cacheCreateLongTokens: 0 })).toBe(
    bytesOf({ ...ANSWER, rate }),
  )
})

test('what a failed attempt used reads back as it was written, and an attempt that used nothing has its old bytes', () => {
  const failed = { turnId: 'turn', attempt: 1, error: 'x', errorClass: 'server', next: 'fail' }
  const used = { ...failed, inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, costUsd: 0.5, rate: { input: 1 } }
  expect(decodePayload(KIND.TurnFailed, encodePayload(KIND.TurnFailed, used))).toEqual(used)
  const nothing = { ...failed, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, costUsd: 0, rate: undefined }
  expect(toHex(encodePayload(KIND.TurnFailed, nothing))).toBe(toHex(encodePayload(KIND.TurnFailed, failed)))
})

test('the settings of a run are one map, and shown as one', () => {
  const settings = encodeValue({ temperature: 0.5, seed: 7 })
  const payload = encodePayload(KIND.RunStarted, { ...startOf(), settings })
  expect(decodePayload(KIND.RunStarted, payload).settings).toEqual(settings)
  const hash = new Uint8Array(32)
  const event = { runId: 'r', seq: 1, ts: 0n, kind: KIND.RunStarted, prevHash: null, payload, hash }
  expect(readableJson(event)).toContain('"settings":{"seed":7,"temperature":0.5}')
})

test('the projection of the reference shows nothing that the reference does not know', () => {
  const payload = encodePayload(KIND.AssistantMessageCompleted, { ...ANSWER, parts: PARTS })
  expect(referencePayloadJson({ kind: KIND.AssistantMessageCompleted, payload })).toMatch(
    /^{"turn_id":.*"raw_response_hash":null}$/,
  )
})

test('a start without settings and attachments has neither key', () => {
  const payload = encodePayload(KIND.RunStarted, startOf())
  expect(decodePayload(KIND.RunStarted, payload)).not.toHaveProperty('settings', expect.anything())
  expect(decodePayload(KIND.RunStarted, payload)).not.toHaveProperty('attachments', expect.anything())
  expect(toHex(payload)).not.toContain(toHex(new TextEncoder().encode('settings')))
})

function startOf(): RunStarted {
  return {
    schemaVersion: 1,
    goal: 'g',
    providerId: 'p',
    modelId: 'm',
    apiVersion: 'v',
    paramsHash: null,
    params: fromHex('f6'),
    systemPromptHash: null,
    systemPrompt: '',
    toolRegistryHash: null,
    toolSchemas: null,
  }
}

import { decodePayload, encodePayload, KIND } from '@starling/event'
import type { Attachment } from '@starling/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attachmentTokens } from '../src/attachments.ts'
import { createPrompt, findAttachmentProblem, toAttachments, toRecordedAttachments } from '../src/index.ts'

const attachment: fc.Arbitrary<Attachment> = fc.record(
  {
    type: fc.constantFrom('image', 'file'),
    mediaType: fc.constantFrom('image/png', 'text/plain', 'application/vnd.oasis.opendocument.text'),
    data: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.webUrl({ validSchemes: ['https'] })),
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }),
  },
  { requiredKeys: ['type', 'mediaType', 'data'], noNullPrototype: true },
)

test('what is usable comes back from the log as it was', () => {
  fc.assert(
    fc.property(fc.array(attachment, { minLength: 1, maxLength: 3 }), (given) => {
      for (const each of given) expect(findAttachmentProblem(each)).toBeUndefined()
      const attachments = toRecordedAttachments(given)
      const payload = encodePayload(KIND.UserMessageAppended, { content: '', attachments })
      expect(toAttachments(decodePayload(KIND.UserMessageAppended, payload).attachments)).toEqual(given)
    }),
  )
})

test('none are recorded as none', () => {
  for (const given of [undefined, []]) {
    expect(toRecordedAttachments(given)).toBeUndefined()
    expect(toAttachments(given)).toBeUndefined()
  }
})

test('the bytes on record are a copy', () => {
  const data = Uint8Array.of(1)
  const recorded = toRecordedAttachments([{ type: 'file', mediaType: 'text/plain', data }])
  data[0] = 2
  expect(recorded?.[0]?.data).toEqual(Uint8Array.of(1))
})

test('of a type that this version does not know, an attachment is a file', () => {
  const recorded = [{ type: 'video', mediaType: 'video/mp4', url: 'https://a.test/a.mp4', name: '' }]
  expect(toAttachments(recorded)).toEqual([{ type: 'file', mediaType: 'video/mp4', data: 'https://a.test/a.mp4' }])
})

test.each<[string, Attachment, number]>([
  ['an image', { type: 'image', mediaType: 'image/png', data: new Uint8Array(5_000_000) }, 1500],
  ['an image at an address', { type: 'image', mediaType: 'image/png', data: 'https://a.test/a.png' }, 1500],
  ['a file at an address', { type: 'file', mediaType: 'application/pdf', data: 'https://a.test/a.pdf' }, 1500],
  ['a text', { type: 'file', mediaType: 'text/csv', data: new Uint8Array(3001) }, 1001],
  ['JSON', { type: 'file', mediaType: 'application/json', data: new Uint8Array(3) }, 1],
  ['a kind of XML', { type: 'file', mediaType: 'application/atom+xml', data: new Uint8Array(30) }, 10],
  ['a short PDF', { type: 'file', mediaType: 'application/pdf', data: new Uint8Array(1) }, 1500],
  ['a long PDF', { type: 'file', mediaType: 'application/pdf', data: new Uint8Array(65_536 * 2 + 1) }, 4500],
])('the estimate for %s is %i tokens', (_name, each, tokens) => {
  expect(attachmentTokens(each)).toBe(tokens)
})

test('the estimate of a prompt counts attachments where it is told to', () => {
  const image = { type: 'image', mediaType: 'image/png', data: Uint8Array.of(1) } as const
  const estimateOf = (countAttachments: boolean): number => {
    const prompt = createPrompt({
      model: 'm',
      systemPrompt: '',
      tools: [],
      params: null,
      hashReasoning: true,
      countAttachments,
    })
    prompt.append({ role: 'user', content: 'abc', attachments: [image, image] })
    prompt.append({ role: 'tool', callId: 'c', content: 'def', isError: false, attachments: [image] })
    return prompt.estimateTokens()
  }
  expect(estimateOf(false)).toBe(2)
  expect(estimateOf(true)).toBe(2 + 3 * 1500)
})

test('whatever it is, what is no attachment has one line that says why', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything({ withNullPrototype: true }), (value, part) => {
      expect(findAttachmentProblem(value)).toMatch(/^[^\n]+$/)
      expect(findAttachmentProblem({ type: part, mediaType: part })).toMatch(/^[^\n]+$/)
      expect(findAttachmentProblem({ type: 'file', mediaType: part, data: part })).toMatch(/^[^\n]+$/)
    }),
  )
})

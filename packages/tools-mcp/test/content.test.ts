import type { CallToolResult } from '@modelcontextprotocol/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { convertPrompt, convertResource, convertToolResult } from '../src/convert-content.ts'
import { limitOutput, limitText } from '../src/limit-output.ts'
import { PIXEL } from './servers/workshop.ts'

const LIMIT = 1024 * 1024

describe('the result of a tool', () => {
  test('that is one text is the text', () => {
    expect(write({ content: [{ type: 'text', text: '{ "a": 1 }' }] })).toBe('"{ \\"a\\": 1 }"')
  })

  test('that is several texts is a list of them', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ] as const
    expect(JSON.parse(write({ content: [...content] }))).toEqual({ content })
  })

  test('that is nothing is an empty list', () => {
    expect(write({ content: [] })).toBe('{"content":[]}')
  })

  test('that is structured is that, with its numbers as the server wrote them in the text beside it', () => {
    const result: CallToolResult = {
      structuredContent: JSON.parse('{"id":9007199254740993,"rate":1.0}'),
      content: [{ type: 'text', text: '{"id": 9007199254740993, "rate": 1.0}' }],
    }
    expect(write(result)).toBe('{"id": 9007199254740993, "rate": 1.0}')
  })

  test.for([
    ['the same JSON', '{ "a": { "b": [1, "two"] } }'],
    ['a part of it', '{"b":[1,"two"]}'],
    ['a text in it', 'two'],
    ['nothing', ' '],
  ])('that is structured goes without a text that is %s', ([, text = '']) => {
    const result: CallToolResult = { structuredContent: { a: { b: [1, 'two'] } }, content: [{ type: 'text', text }] }
    expect(JSON.parse(write(result))).toEqual(result.structuredContent)
  })

  test.for(['half of it is missing', '{"a":2}', '2'])('that is structured keeps the text %s beside it', (text) => {
    const result: CallToolResult = { structuredContent: { a: 1 }, content: [{ type: 'text', text }] }
    expect(JSON.parse(write(result))).toEqual(result)
  })

  test('that is structured keeps links beside it', () => {
    const link = { type: 'resource_link', uri: 'a://b', name: 'b' } as const
    const result: CallToolResult = { structuredContent: { a: 1 }, content: [{ type: 'text', text: '{"a":1}' }, link] }
    expect(JSON.parse(write(result))).toEqual({ structuredContent: { a: 1 }, content: [link] })
  })

  test('shows images only where they are wanted', () => {
    const result: CallToolResult = { content: [{ type: 'image', data: PIXEL, mimeType: 'image/png' }] }
    const shown = convertToolResult(result, false)
    const hidden = convertToolResult(result, true)
    expect([shown.attachments.length, hidden.attachments.length]).toEqual([1, 0])
    expect(hidden.value).toEqual({
      content: [{ type: 'image', mimeType: 'image/png', bytes: 70, omitted: 'only text is shown' }],
    })
  })

  test.for([
    ['image/jpg', 'image/jpeg'],
    ['Image/PNG; name=a.png', 'image/png'],
  ])('takes %s for %s', ([mimeType = '', mediaType]) => {
    const { attachments } = convertToolResult({ content: [{ type: 'image', data: PIXEL, mimeType }] }, false)
    expect(attachments).toMatchObject([{ type: 'image', mediaType }])
  })

  test.for([
    ['image/svg+xml', PIXEL, 'not an image that can be shown'],
    ['image/png', '???', 'not valid base64'],
    ['image/png', 'AAAA'.repeat(2_000_000), 'larger than 5242880 bytes'],
  ])('says why %s is not shown', ([mimeType = '', data = '', omitted]) => {
    const { value, attachments } = convertToolResult({ content: [{ type: 'image', data, mimeType }] }, false)
    expect(attachments).toEqual([])
    expect(value).toMatchObject({ content: [{ omitted }] })
  })
})

test('a resource keeps its texts and names its bytes', () => {
  const contents = [
    { uri: 'a://1', mimeType: 'text/plain', text: 'one' },
    { uri: 'a://2', mimeType: 'application/pdf', blob: PIXEL },
    { uri: 'a://3', blob: PIXEL },
    { uri: 'a://4', mimeType: 'image/png', blob: PIXEL },
  ]
  const { value, attachments } = convertResource({ contents }, false)
  expect(value).toMatchObject({
    contents: [
      { uri: 'a://1', text: 'one' },
      { uri: 'a://2', type: 'blob', bytes: 70, omitted: 'not an image that can be shown' },
      { uri: 'a://3', mimeType: 'application/octet-stream' },
      { uri: 'a://4', attached: true },
    ],
  })
  expect(attachments).toMatchObject([{ type: 'image', mediaType: 'image/png' }])
})

test('a prompt keeps its roles', () => {
  const text = { type: 'text', text: 'hi' } as const
  const { value } = convertPrompt({ description: 'd', messages: [{ role: 'assistant', content: text }] }, false)
  expect(value).toEqual({ description: 'd', messages: [{ role: 'assistant', content: text }] })
})

describe('the limit of output', () => {
  test('leaves what fits to the byte', () => {
    expect(limitOutput({ value: 'é'.repeat(127), attachments: [] }, 256, 'x')).toBe(`"${'é'.repeat(127)}"`)
  })

  test('cuts one text short and says so', () => {
    const text = limitOutput({ value: 'é'.repeat(1000), attachments: [] }, 256, 'x')
    expect(bytesOf(text)).toBeLessThanOrEqual(256)
    expect(JSON.parse(text)).toEqual({ text: expect.stringMatching(/^é{60,}$/), truncated: true, bytes: 2000 })
  })

  test('cuts the last texts first', () => {
    const content = ['a', 'b', 'c'].map((letter) => ({ type: 'text', text: letter.repeat(200) }))
    const text = limitOutput({ value: { content }, attachments: [] }, 550, 'x')
    expect(JSON.parse(text)).toMatchObject({
      content: [{ text: 'a'.repeat(200) }, { text: expect.stringMatching(/^b+$/) }, { truncated: true, bytes: 200 }],
    })
    expect(bytesOf(text)).toBeLessThanOrEqual(550)
  })

  test('refuses structured content that is too long', () => {
    const value = { text: 'x'.repeat(500) }
    const limit = (): unknown => limitOutput({ value, isWhole: true, attachments: [] }, 256, 'mcp tool "a"')
    expect(limit).toThrow('the result of mcp tool "a" has 511 bytes, more than 256')
    expect(limit).toThrow(expect.objectContaining({ code: 'TOOL_RESULT_TOO_LARGE' }))
  })

  test('cuts what is beside structured content, and not in it', () => {
    const structuredContent = { note: { text: 'n'.repeat(200) } }
    const result: CallToolResult = { structuredContent, content: [{ type: 'text', text: 'x'.repeat(500) }] }
    const text = limitOutput(convertToolResult(result, false), 512, 'x')
    expect(bytesOf(text)).toBeLessThanOrEqual(512)
    expect(JSON.parse(text)).toEqual({
      structuredContent,
      content: [{ type: 'text', text: expect.stringMatching(/^x{50,}$/), truncated: true, bytes: 500 }],
    })
    const larger = { ...result, structuredContent: { note: { text: 'n'.repeat(600) } } }
    expect(() => limitOutput(convertToolResult(larger, false), 512, 'x')).toThrow('more than 512')
  })

  test('refuses what has no text to cut', () => {
    const content = Array.from({ length: 50 }, () => ({ type: 'audio', bytes: 1 }))
    expect(() => limitOutput({ value: { content }, attachments: [] }, 256, 'x')).toThrow('more than 256')
  })

  test('never splits a character and never goes over', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 3 }), (texts) => {
        const value = texts.length === 1 ? texts[0] : { content: texts.map((text) => ({ type: 'text', text })) }
        const limited = limitOutput({ value, attachments: [] }, 512, 'x')
        expect(bytesOf(limited)).toBeLessThanOrEqual(512)
        expect(limited.isWellFormed()).toBe(true)
      }),
    )
  })

  test('holds for the words of a failure', () => {
    expect(limitText('short', 256)).toBe('short')
    const cut = limitText('é'.repeat(1000), 256)
    expect(bytesOf(cut)).toBeLessThanOrEqual(260)
    expect(cut).toMatch(/^é+…$/)
  })
})

function write(result: CallToolResult): string {
  return limitOutput(convertToolResult(result, false), LIMIT, 'mcp tool "a"')
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

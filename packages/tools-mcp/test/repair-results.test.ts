import { describe, expect, test } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { scripted } from './servers/scripted.ts'

const TOLD = { type: 'text', text: 'payment 7 was made' } as const

describe('a result of a tool that has run', () => {
  test.for<readonly [string, string, unknown]>([
    [
      'an image without a byte',
      `{ type: 'image', mimeType: 'image/png', data: '' }`,
      { type: 'image', mimeType: 'image/png', bytes: 0, omitted: 'without a byte' },
    ],
    [
      'bytes that are not base64',
      `{ type: 'image', mimeType: 'image/png', data: '%%' }`,
      { type: 'text', text: '{"type":"image","mimeType":"image/png","omitted":"not valid base64"}' },
    ],
    [
      'a block of a kind unknown',
      `{ type: 'video', uri: 'a:b' }`,
      { type: 'text', text: '{"type":"video","uri":"a:b"}' },
    ],
    ['a block that is none', `'words'`, { type: 'text', text: 'words' }],
  ])('is not lost because of %s', async ([, block, shown]) => {
    const transport = scripted(`tool('x', () => ({ content: [${JSON.stringify(TOLD)}, ${block}] }))`)
    await using source = createMcpSource({ name: 'a', transport })
    const attach = (): void => expect.unreachable('an image was attached')
    const result = await call(await listTools(source), 'x', { context: { attach } })
    expect(result).toEqual({ content: [TOLD, shown] })
  })

  test.for<readonly [string, string, unknown]>([
    ['structured content that is no object', '{ structuredContent: [1] }', '[1]'],
    ['structured content that is no object beside its text', `{ ...text('[1]'), structuredContent: [1] }`, '[1]'],
    ['content that is a text', `{ content: 'done' }`, 'done'],
  ])('is not lost because of %s', async ([, answer, shown]) => {
    await using source = createMcpSource({ name: 'a', transport: scripted(`tool('x', () => (${answer}))`) })
    expect(await call(await listTools(source), 'x')).toBe(shown)
  })

  test('is a failure when it says so in another word', async () => {
    const transport = scripted(
      `tool('x', () => ({ ...text('no'), isError: 'true' })); tool('y', () => ({ ...text('yes'), isError: 'false' }))`,
    )
    await using source = createMcpSource({ name: 'a', transport })
    const tools = await listTools(source)
    await expect(call(tools, 'x')).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED', message: 'no' })
    expect(await call(tools, 'y')).toBe('yes')
  })
})

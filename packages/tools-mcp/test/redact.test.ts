import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource } from '../src/index.ts'
import { redactStep } from '../src/redact-step.ts'
import { recordingContext, type Recording } from './call.ts'
import { rawServer } from './servers/raw.ts'

const RESULTS = {
  text: '{"content":[{"type":"text","text":"the key is sk-123"}]}',
  data: '{"structuredContent":{"key":"sk-123","id":9007199254740993},"content":[{"type":"text","text":"{\\"key\\":\\"sk-123\\",\\"id\\":9007199254740993}"}]}',
  fail: '{"isError":true,"content":[{"type":"text","text":"sk-123 is refused"}]}',
}

describe('what a policy hides', () => {
  test.for([
    ['text', '"the key is [hidden]"'],
    ['data', '{"id":9007199254740993,"key":"[hidden]"}'],
  ])('is neither in the result nor in the record: %s', async ([name = '', result]) => {
    const recording: Recording = { effects: [] }
    await using source = open()
    const { tools } = await source.list({})
    const tool = tools.find((candidate) => candidate.name === name)
    expect(await tool?.execute('{}', recordingContext(recording))).toBe(result)
    expect(JSON.stringify(recording)).not.toContain('sk-123')
  })

  test('is not in the words of a failure either, of the tool or of the protocol', async () => {
    const recording: Recording = { effects: [] }
    await using source = open()
    const { tools } = await source.list({})
    const failures: unknown[] = []
    for (const name of ['fail', 'gone']) {
      const tool = tools.find((candidate) => candidate.name === name)
      failures.push(await tool?.execute('{}', recordingContext(recording)).catch((error: unknown) => error))
    }
    expect(failures).toMatchObject([
      { code: 'MCP_TOOL_FAILED', message: '[hidden] is refused' },
      { code: 'MCP_REQUEST_FAILED', message: expect.stringContaining('[hidden] tool: gone') },
    ])
    const [failed, refused] = recording.effects
    expect(failed?.value).toMatchObject({ result: '[hidden] is refused' })
    expect(refused?.error).toMatchObject({ message: expect.not.stringContaining('Unknown') })
  })
})

test('a result that cannot be redacted is not recorded, words of a failure are', () => {
  const redact = (): never => {
    throw new Error('cannot tell')
  }
  expect(() => redactStep({ result: '{}' }, redact)).toThrow('cannot tell')
  expect(redactStep({ result: 'no', is_error: true }, redact)).toEqual({ result: 'no', is_error: true })
  expect(redactStep({ result: 'no', is_error: true }, () => 7)).toEqual({ result: 'no', is_error: true })
  const asking = { questions: [], resume: 'retry' } as const
  expect(redactStep(asking, redact)).toBe(asking)
})

function open(): McpSource {
  const transport = rawServer({ names: [...Object.keys(RESULTS), 'gone'], rawResults: RESULTS })
  return createMcpSource({ name: 'raw', transport, policy: { redact: hide } })
}

function hide(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/sk-\d+|Unknown/g, '[hidden]')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]))
}

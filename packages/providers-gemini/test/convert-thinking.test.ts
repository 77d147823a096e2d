import { hasCode } from '@starling/event'
import { REASONING_EFFORTS, type ReasoningEffort } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { convertThinking } from '../src/convert-thinking.ts'
import { bodyOf, HELLO } from './support/provider.ts'

const REFUSED = 'refused'

/** Each model with what every effort becomes, in the order of the efforts. */
const MODELS: readonly (readonly [model: string, ...(number | string | undefined)[]])[] = [
  ['gemini-4-hydrogen', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'],
  ['gemini-4-argon', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.8-flash', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.7-flash-001', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.6-flash', REFUSED, 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.5-flash-lite', REFUSED, 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.1-flash-lite-preview', REFUSED, 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3.1-pro-preview', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3-flash-preview', REFUSED, 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['gemini-3-pro-preview', REFUSED, 'LOW', 'LOW', 'HIGH', 'HIGH', 'HIGH'],
  ['gemini-flash-latest', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
  ['models/gemini-2.5-pro', REFUSED, 128, 1024, 8192, 24_576, 32_768],
  ['gemini-2.5-flash', 0, 512, 1024, 8192, 24_576, 24_576],
  ['gemini-2.5-flash-lite', 0, 512, 1024, 8192, 24_576, 24_576],
  ['gemini-2.0-flash', undefined, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ['gemma-3-27b-it', undefined, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ['tunedModels/some-model', REFUSED, 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH'],
]

describe('the reasoning effort', () => {
  test.for(MODELS)('of %s is a level, a budget, or refused', ([model, ...expected]) => {
    expect(REASONING_EFFORTS.map((effort) => outcomeOf(model, effort))).toEqual(expected)
  })

  test('that is not said is the vendor’s own', () => {
    expect(MODELS.map(([model]) => convertThinking({ ...HELLO, model }))).toEqual(MODELS.map(() => undefined))
  })

  test.each([
    [
      'gemini-3.8-flash',
      'none',
      'gemini-3.8-flash always reasons, so reasoningEffort cannot be none: the least is minimal',
    ],
    [
      'gemini-2.5-pro',
      'none',
      'gemini-2.5-pro always reasons, so reasoningEffort cannot be none: the least is minimal',
    ],
    ['gemini-2.0-flash', 'low', 'gemini-2.0-flash does not reason, so reasoningEffort cannot be low'],
  ] as const)('that %s does not have is refused: %s', (model, reasoningEffort, message) => {
    expect(() => convertThinking({ ...HELLO, model, reasoningEffort })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }),
    )
  })

  test('brings the thoughts along, unless there are none', async () => {
    expect(await configOf({ reasoningEffort: 'max' })).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' },
    })
    expect(await configOf({ reasoningEffort: 'none', model: 'gemini-2.5-flash' })).toEqual({
      thinkingConfig: { thinkingBudget: 0 },
    })
  })
})

function outcomeOf(model: string, reasoningEffort: ReasoningEffort): unknown {
  try {
    const { thinkingLevel, thinkingBudget, ...rest } = convertThinking({ ...HELLO, model, reasoningEffort }) ?? {}
    expect(rest).toEqual({})
    return thinkingLevel ?? thinkingBudget
  } catch (error) {
    if (hasCode(error, 'PROVIDER_INVALID_OPTIONS')) return REFUSED
    throw error
  }
}

async function configOf(request: Parameters<typeof bodyOf>[0]): Promise<unknown> {
  const body: { generationConfig?: unknown } = JSON.parse(await bodyOf(request))
  return body.generationConfig
}

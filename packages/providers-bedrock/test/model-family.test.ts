import { REASONING_EFFORTS } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { effortFields, familyOf, isClaude } from '../src/model-family.ts'
import { bodyOf } from './support/request.ts'

describe('the family of a model', () => {
  test.for([
    ['anthropic.claude-sonnet-4-6', 'claude'],
    ['us.anthropic.claude-opus-4-6-v1', 'claude'],
    ['global.anthropic.claude-opus-4-7', 'claude'],
    ['anthropic.claude-opus-5', 'claude'],
    ['anthropic.claude-mythos-preview', 'claude-always'],
    ['anthropic.claude-haiku-5-5', 'claude'],
    ['us.anthropic.claude-opus-5-5', 'claude-always'],
    ['global.anthropic.claude-fable-5', 'claude-always'],
    ['anthropic.claude-fable-5-2', 'claude-always'],
    ['anthropic.claude-mythos-5-1', 'claude-always'],
    ['us.anthropic.claude-sonnet-5-5', 'claude-between'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5', 'claude'],
    ['anthropic.claude-opus-4-5-20251101-v1:0', 'claude-budget'],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-budget'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-budget'],
    ['anthropic.claude-opus-4-1-20250805-v1:0', 'claude-budget'],
    ['eu.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-budget'],
    ['anthropic.claude-3-7-sonnet-20250219-v1:0', 'claude-budget'],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0', 'claude-budget'],
    ['anthropic.claude-opus-4-10', 'claude'],
    ['us.amazon.nova-2-lite-v1:0', 'nova'],
    ['amazon.nova-pro-v1:0', 'nova'],
    ['openai.gpt-oss-120b-1:0', 'gpt-oss'],
    ['cohere.command-r-plus-v1:0', 'cohere'],
    ['us.deepseek.r1-v1:0', 'deepseek'],
    ['mistral.mistral-large-2407-v1:0', 'other'],
    ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123', 'other'],
    ['marker-model', 'other'],
  ] as const)('%s is %s', ([model, family]) => {
    expect(familyOf(model)).toBe(family)
  })
})

test('a family of Claude is one, whatever it takes', () => {
  const models = [
    'anthropic.claude-opus-5',
    'anthropic.claude-opus-5-5',
    'anthropic.claude-sonnet-5-5',
    'anthropic.claude-v2',
  ]
  expect(models.map((model) => isClaude(familyOf(model)))).toEqual([true, true, true, true])
  expect(isClaude(familyOf('amazon.nova-pro-v1:0'))).toBe(false)
})

describe('sampling from the most likely tokens', () => {
  test.for([
    ['anthropic.claude-sonnet-4-6', { top_k: 40 }],
    ['amazon.nova-pro-v1:0', { inferenceConfig: { topK: 40 } }],
    ['cohere.command-r-v1:0', { k: 40 }],
    ['mistral.mistral-large-2407-v1:0', { top_k: 40 }],
  ] as const)('%s takes it as %j', ([model, expected]) => {
    expect(bodyOf({ model, topK: 40 })).toMatchObject({ additionalModelRequestFields: expected })
  })
})

describe('the reasoning effort', () => {
  test.for([
    ['none', { additionalModelRequestFields: { thinking: { type: 'disabled' } } }],
    ['minimal', { outputConfig: { effort: 'low' }, additionalModelRequestFields: { thinking: { type: 'adaptive' } } }],
    ['low', { outputConfig: { effort: 'low' }, additionalModelRequestFields: { thinking: { type: 'adaptive' } } }],
    [
      'medium',
      { outputConfig: { effort: 'medium' }, additionalModelRequestFields: { thinking: { type: 'adaptive' } } },
    ],
    ['high', { outputConfig: { effort: 'high' }, additionalModelRequestFields: { thinking: { type: 'adaptive' } } }],
    ['max', { outputConfig: { effort: 'max' }, additionalModelRequestFields: { thinking: { type: 'adaptive' } } }],
  ] as const)('Claude that adapts: %s', ([reasoningEffort, expected]) => {
    expect(bodyOf({ model: 'anthropic.claude-opus-5', reasoningEffort })).toMatchObject(expected)
  })

  test.for([
    ['minimal', 1024],
    ['low', 2048],
    ['medium', 8192],
    ['high', 16_384],
    ['max', 32_768],
  ] as const)('Claude within a budget: %s is %i tokens', ([reasoningEffort, budget_tokens]) => {
    expect(bodyOf({ model: 'anthropic.claude-sonnet-4-5-20250929-v1:0', reasoningEffort })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens } },
    })
  })

  test('Claude that reasons between calls of tools goes on with that, and Claude that always reasons is refused', () => {
    expect(bodyOf({ model: 'anthropic.claude-sonnet-5-5', reasoningEffort: 'none' })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'between_tools' } },
    })
    for (const model of ['us.anthropic.claude-opus-5-5', 'anthropic.claude-fable-5-1']) {
      expect(() => bodyOf({ model, reasoningEffort: 'none' })).toThrow(
        expect.objectContaining({
          code: 'PROVIDER_INVALID_OPTIONS',
          message: 'the model always reasons, so reasoningEffort cannot be none: the least is minimal',
        }),
      )
      expect(bodyOf({ model, reasoningEffort: 'minimal' })).toMatchObject({
        outputConfig: { effort: 'low' },
        additionalModelRequestFields: { thinking: { type: 'adaptive' } },
      })
    }
  })

  test('a budget that the output limit leaves no room for is refused', () => {
    const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
    expect(() => bodyOf({ model, reasoningEffort: 'high', maxOutputTokens: 16_384 })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'reasoningEffort "high" is a budget of 16384 tokens, which maxOutputTokens 16384 leaves no room for',
      }),
    )
    expect(bodyOf({ model, reasoningEffort: 'high', maxOutputTokens: 16_385 })).toMatchObject({
      inferenceConfig: { maxTokens: 16_385 },
    })
  })

  test.for([
    ['none', { type: 'disabled' }],
    ['minimal', { type: 'enabled', maxReasoningEffort: 'low' }],
    ['medium', { type: 'enabled', maxReasoningEffort: 'medium' }],
    ['max', { type: 'enabled', maxReasoningEffort: 'high' }],
  ] as const)('Nova: %s', ([reasoningEffort, reasoningConfig]) => {
    expect(bodyOf({ model: 'us.amazon.nova-2-lite-v1:0', reasoningEffort })).toMatchObject({
      additionalModelRequestFields: { reasoningConfig },
    })
  })

  test('gpt-oss takes a word', () => {
    expect(bodyOf({ model: 'openai.gpt-oss-20b-1:0', reasoningEffort: 'max' })).toMatchObject({
      additionalModelRequestFields: { reasoning_effort: 'high' },
    })
  })

  test('a model that is not known takes the field that Converse has for it', () => {
    expect(bodyOf({ model: 'mistral.new', reasoningEffort: 'high' })).toMatchObject({
      outputConfig: { effort: 'high' },
    })
    expect(bodyOf({ model: 'mistral.new', reasoningEffort: 'max' })).toMatchObject({ outputConfig: { effort: 'max' } })
  })

  test.for(['openai.gpt-oss-20b-1:0', 'mistral.new', 'us.deepseek.r1-v1:0'])(
    '%s cannot be told not to reason',
    (model) => {
      expect(() => bodyOf({ model, reasoningEffort: 'none' })).toThrow(
        expect.objectContaining({
          code: 'PROVIDER_INVALID_OPTIONS',
          message: expect.stringContaining('reasoningEffort'),
        }),
      )
    },
  )

  test('every effort but none has words in every family', () => {
    for (const family of [
      'claude',
      'claude-always',
      'claude-between',
      'claude-budget',
      'nova',
      'gpt-oss',
      'cohere',
      'deepseek',
      'other',
    ] as const) {
      for (const effort of REASONING_EFFORTS.filter((word) => word !== 'none')) {
        expect(JSON.stringify(effortFields(family, effort, 0))).toMatch(/low|medium|high|max|\d{4}/)
      }
    }
  })

  test('without an effort nothing is said', () => {
    expect(bodyOf({ model: 'anthropic.claude-opus-5' })).not.toHaveProperty('outputConfig')
  })
})

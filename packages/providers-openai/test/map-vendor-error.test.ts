import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classifyVendorWords, parseStreamError, parseVendorError } from '../src/map-vendor-error.ts'
import { isJsonObject } from '../src/json-object.ts'

describe('parseVendorError', () => {
  test.each([
    [
      { error: { message: 'no', type: 'requests', code: 'rate_limit_exceeded' } },
      'no',
      ['rate_limit_exceeded', 'requests'],
    ],
    [{ error: { message: 'no', code: null, type: '' } }, 'no', []],
    [{ error: 'model not found' }, 'model not found', []],
    [[{ error: { message: 'bad', status: 'INVALID_ARGUMENT' } }], 'bad', ['INVALID_ARGUMENT']],
    [{ object: 'error', message: 'too long', type: 'BadRequestError' }, 'too long', ['BadRequestError']],
    [{ detail: 'Not Found' }, 'Not Found', []],
    [{ detail: [{ loc: ['body'], msg: 'field required' }] }, '[{"loc":["body"],"msg":"field required"}]', []],
    [{ error: { message: 'two\n  lines' } }, 'two lines', []],
    [{ error: {} }, '', []],
    ['plain', 'plain', []],
    [[], '', []],
  ])('%j says %j', (body, message, words) => {
    expect(parseVendorError(body)).toMatchObject({ message, words })
  })

  test.each([
    [{ error: { code: 429 } }, 429],
    [{ error: { code: '503' } }, 503],
    [{ error: { code: 'x', status: 400 } }, 400],
    [{ error: { code: 1007 } }, undefined],
    [{ error: { code: null } }, undefined],
  ])('%j has the status %s', (body, status) => {
    expect(parseVendorError(body).status).toBe(status)
  })

  test('any JSON gives one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(parseVendorError(body).message).not.toMatch(/[\r\n]/)
      }),
    )
  })
})

describe('parseStreamError', () => {
  test('a chunk of an answer is no error, also when its error is empty', () => {
    expect(parseStreamError({ choices: [] }, '')).toBeUndefined()
    for (const error of [null, '', false]) expect(parseStreamError({ choices: [], error }, '')).toBeUndefined()
  })

  test('an error is known by its field, its object or the name of its event', () => {
    expect(parseStreamError({ error: { message: 'm' } }, '')).toMatchObject({ message: 'm' })
    expect(parseStreamError({ object: 'error', message: 'm' }, '')).toMatchObject({ message: 'm' })
    expect(parseStreamError({ message: 'm' }, 'error')).toMatchObject({ message: 'm' })
  })

  test('no chunk with choices alone is taken for an error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(isJsonObject(value) && !('error' in value) && value['object'] !== 'error')
        expect(isJsonObject(value) && parseStreamError(value, 'message')).toBeUndefined()
      }),
    )
  })
})

describe('classifyVendorWords', () => {
  test.each([
    [['rate_limit_exceeded'], 'PROVIDER_RATE_LIMIT'],
    [['insufficient_quota', 'insufficient_quota'], 'PROVIDER_RATE_LIMIT'],
    [['RESOURCE_EXHAUSTED'], 'PROVIDER_RATE_LIMIT'],
    [['invalid_api_key', 'invalid_request_error'], 'PROVIDER_AUTH'],
    [['context_length_exceeded', 'invalid_request_error'], 'PROVIDER_REJECTED'],
    [['model_not_found'], 'PROVIDER_REJECTED'],
    [['server_error'], 'PROVIDER_SERVER'],
    [['overloaded_error'], 'PROVIDER_SERVER'],
    [[], 'PROVIDER_SERVER'],
  ])('%j is %s', (words, code) => {
    expect(classifyVendorWords(words)).toBe(code)
  })
})

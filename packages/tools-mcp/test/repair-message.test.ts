import { deserializeMessage } from '@modelcontextprotocol/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readMessages, repairMessage, repairText } from '../src/repair-message.ts'

const RESULT = { content: [] }

describe('a message', () => {
  test.for<readonly [string, object]>([
    ['a result', { jsonrpc: '2.0', id: 1, result: { ...RESULT, _meta: { a: null } } }],
    ['an error', { jsonrpc: '2.0', id: 'q', error: { code: -32601, message: 'no', data: null } }],
    ['a request', { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: {} } }],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    [
      'an error of a request that could not be read',
      { jsonrpc: '2.0', id: null, error: { code: -32700, message: '' } },
    ],
    ['no message at all', { hello: 'world' }],
    ['a line of a log', { id: 1, level: 'info', error: 'the disk is slow' }],
  ])('is the very same when it is %s to the letter', ([, message]) => {
    expect(repairMessage(message)).toBe(message)
    expect(repairText(JSON.stringify(message))).toBeUndefined()
  })

  test.for<readonly [string, unknown, unknown]>([
    ['a _meta of nothing', { jsonrpc: '2.0', id: 1, result: { a: 1, _meta: null } }, { result: { a: 1 } }],
    ['a _meta that is a text', { jsonrpc: '2.0', id: 1, result: { a: 1, _meta: 'x' } }, { result: { a: 1 } }],
    ['an error of nothing', { jsonrpc: '2.0', id: 1, result: { a: 1 }, error: null }, { result: { a: 1 } }],
    ['no version', { id: 1, result: { a: 1 } }, { result: { a: 1 } }],
    [
      'a result beside its error',
      { jsonrpc: '2.0', id: 1, result: null, error: { code: 5, message: 'm' } },
      errorFive(),
    ],
    ['an error that is a text', { jsonrpc: '2.0', id: 1, error: 'it broke' }, internal('it broke')],
    ['an error without a code', { jsonrpc: '2.0', id: 1, error: { message: 'it broke' } }, internal('it broke')],
    ['an error of half a code', { jsonrpc: '2.0', id: 1, error: { code: 1.5, message: 'm' } }, internal('m')],
    ['an error without words', { jsonrpc: '2.0', id: 1, error: { code: 5 } }, internal('{"code":5}')],
    ['a result of nothing', { jsonrpc: '2.0', id: 1, result: null }, unreadable('null')],
    ['a result that is a text', { jsonrpc: '2.0', id: 1, result: 'ran' }, unreadable('ran')],
    ['neither result nor error', { jsonrpc: '2.0', id: 1 }, unreadable('nothing')],
  ])('with %s is taken as it must be meant', ([, message, repaired]) => {
    expect(repairMessage(message)).toEqual({ jsonrpc: '2.0', id: 1, ...Object(repaired) })
  })

  test.for<readonly [string, object, object]>([
    ['params of nothing', { jsonrpc: '2.0', method: 'm', params: null }, { jsonrpc: '2.0', method: 'm' }],
    [
      'a _meta of nothing in its params',
      { jsonrpc: '2.0', id: 1, method: 'm', params: { a: 1, _meta: null } },
      { jsonrpc: '2.0', id: 1, method: 'm', params: { a: 1 } },
    ],
  ])('of the server with %s is taken as it must be meant', ([, message, repaired]) => {
    expect(repairMessage(message)).toEqual(repaired)
  })

  test('says no more of what cannot be read than 200 characters', () => {
    const repaired = repairMessage({ jsonrpc: '2.0', id: 1, result: 'x'.repeat(10_000) })
    expect(JSON.stringify(repaired).length).toBeLessThan(400)
  })

  test('may come in a batch', () => {
    const one = { jsonrpc: '2.0', id: 1, result: {} }
    const two = { jsonrpc: '2.0', id: 2, result: { _meta: 7 } }
    expect(readMessages(JSON.stringify([one, two]))).toEqual([one, { ...two, result: {} }])
    expect(repairText(JSON.stringify([one, two]))).toBe(JSON.stringify([one, { ...two, result: {} }]))
    expect(repairText(JSON.stringify([one, one]))).toBeUndefined()
  })

  test('that is not JSON is told to be none', () => {
    expect(() => readMessages('{{')).toThrow(SyntaxError)
    expect(() => repairText('{{')).toThrow(SyntaxError)
  })

  test('that answers a request is one that the SDK takes, whatever the server writes', () => {
    const answer = fc.record(
      {
        id: fc.nat(),
        jsonrpc: fc.constant('2.0'),
        result: fc.jsonValue(),
        error: fc.jsonValue(),
        more: fc.jsonValue(),
      },
      { requiredKeys: ['id', 'jsonrpc'] },
    )
    fc.assert(
      fc.property(answer, (written) => {
        const text = JSON.stringify(repairMessage(JSON.parse(JSON.stringify(written))))
        expect(deserializeMessage(text)).toMatchObject({ id: written.id })
      }),
    )
  })
})

function errorFive(): object {
  return { error: { code: 5, message: 'm', data: undefined } }
}

function internal(message: string): object {
  return { error: { code: -32603, message } }
}

function unreadable(what: string): object {
  return { error: { code: -32000, message: `the answer is no result, but ${what}`, data: 'starling/unreadable' } }
}

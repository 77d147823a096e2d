import {
  OAuthError,
  OAuthErrorCode,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { isTransient, ToolError, transient } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import {
  isConnectionLost,
  isSessionForgotten,
  isSilence,
  streamEnded,
  toCallFailure,
  toConnectionFailure,
  toFailure,
  type FailureContext,
} from '../src/failure.ts'
import { McpError } from '../src/mcp-error.ts'

const CONTEXT: FailureContext = {
  what: 'mcp tool "a" of server "s"',
  mask: (text) => text.replaceAll('secret', '[hidden]'),
  detail: undefined,
  classify: undefined,
}

describe('a failed request', () => {
  test.for<readonly [string, unknown, string, string]>([
    [
      'a refusal of the protocol',
      new ProtocolError(-32602, 'Unknown tool'),
      'MCP_REQUEST_FAILED',
      'the server answered with error -32602: Unknown tool',
    ],
    [
      'a lost connection',
      new SdkError(SdkErrorCode.ConnectionClosed, 'Connection closed'),
      'TOOL_TRANSIENT',
      'the connection was lost: Connection closed',
    ],
    [
      'a process that has gone',
      new Error('the server does not run'),
      'TOOL_TRANSIENT',
      'the connection was lost: the server does not run',
    ],
    [
      'an answer of the wrong form',
      new SdkError(SdkErrorCode.InvalidResult, 'Invalid result'),
      'MCP_REQUEST_FAILED',
      'Invalid result',
    ],
    [
      'a network that is down',
      new TypeError('fetch failed', { cause: new Error('ENETDOWN') }),
      'TOOL_TRANSIENT',
      'the connection was lost: fetch failed: ENETDOWN',
    ],
    ['a server that is busy', http(503), 'TOOL_TRANSIENT', 'the server answered with HTTP 503'],
    ['a server that is asked too often', http(429), 'TOOL_TRANSIENT', 'the server answered with HTTP 429'],
    ['a request that is wrong', http(400), 'MCP_REQUEST_FAILED', 'the server answered with HTTP 400'],
    ['credentials that are refused', http(401), 'MCP_UNAUTHORIZED', 'the server refuses the credentials (HTTP 401)'],
    ['access that is refused', http(403), 'MCP_UNAUTHORIZED', 'the server refuses access (HTTP 403)'],
    ['no credentials', new UnauthorizedError(), 'MCP_UNAUTHORIZED', 'the server asks for authorization (HTTP 401)'],
    [
      'a grant that is refused',
      new OAuthError(OAuthErrorCode.InvalidGrant, 'secret'),
      'MCP_UNAUTHORIZED',
      'the authorization server refuses (invalid_grant)',
    ],
    ['words', 'broken', 'MCP_REQUEST_FAILED', 'broken'],
  ])('is told in one line: %s', ([, error, code, message]) => {
    const failure = toFailure(error, CONTEXT)
    expect(failure).toMatchObject({ code, message: `mcp tool "a" of server "s": ${message}` })
  })

  test('is one line without secrets, and not longer than 2,000 characters', () => {
    const failure = toFailure(new Error(`a secret\n\tover\u0000 lines ${'x'.repeat(5000)}`), CONTEXT)
    expect(failure.message).toMatch(/^mcp tool "a" of server "s": a \[hidden\] over lines x+$/)
    expect(failure.message.length).toBeLessThan(2100)
  })

  test('says how the server ended, where that is known', () => {
    const error = new SdkError(SdkErrorCode.ConnectionClosed, 'Connection closed')
    const failure = toFailure(error, { ...CONTEXT, detail: 'the server exited with code 7' })
    expect(failure.message).toBe('mcp tool "a" of server "s": the connection was lost: the server exited with code 7')
  })

  test('that is ours already stays as it is', () => {
    const ours = new ToolError('TOOL_RESULT_TOO_LARGE', 'too large')
    expect(toFailure(ours, CONTEXT)).toBe(ours)
  })

  test('is transient when the options call it so', () => {
    const error = new ProtocolError(-32099, 'try later')
    const context = { ...CONTEXT, classify: (given: unknown) => given === error }
    expect(isTransient(toFailure(error, context))).toBe(true)
    expect(isTransient(toFailure(new Error('other'), context))).toBe(false)
  })

  test('whose causes are a loop comes to an end', () => {
    const error = new Error('a')
    error.cause = error
    expect(toFailure(error, CONTEXT).message).toBe('mcp tool "a" of server "s": a')
  })
})

describe('a connection that failed', () => {
  test('is worth another attempt, unless there is no such program', () => {
    const refused = toConnectionFailure(new Error('ECONNREFUSED'), CONTEXT)
    const missing = toConnectionFailure(Object.assign(new Error('spawn x ENOENT'), { code: 'ENOENT' }), CONTEXT)
    expect([refused.retryable, missing.retryable]).toEqual([true, false])
    expect([refused.code, missing.code]).toEqual(['MCP_CONNECTION_FAILED', 'MCP_CONNECTION_FAILED'])
  })

  test('makes the call that needed it transient in the same case', () => {
    const refused = new McpError('MCP_CONNECTION_FAILED', 'refused', { retryable: true })
    const missing = new McpError('MCP_CONNECTION_FAILED', 'missing')
    expect(isTransient(toCallFailure(refused, CONTEXT))).toBe(true)
    expect(toCallFailure(missing, CONTEXT)).toBe(missing)
    const already = transient('already')
    expect(toCallFailure(already, CONTEXT)).toBe(already)
  })
})

test('a stream that ended without an answer counts as a lost connection, an error of the server does not', () => {
  const { error } = streamEnded(7, 'cut')
  const ended = new ProtocolError(error.code, error.message, error.data)
  expect(isConnectionLost(ended)).toBe(true)
  expect(toFailure(ended, CONTEXT).message).toBe('mcp tool "a" of server "s": the connection was lost: cut')
  expect(isConnectionLost(new ProtocolError(-32000, 'cut'))).toBe(false)
})

test.for(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])(
  'a pipe or a socket that breaks with %s is a lost connection',
  (code) => {
    const broken = Object.assign(new Error('write failed'), { code })
    expect(isConnectionLost(broken)).toBe(true)
    expect(isTransient(toFailure(broken, CONTEXT))).toBe(true)
    expect(isConnectionLost(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe(false)
  },
)

test('only a 404 says that a session is forgotten, and only the time of a request that there was silence', () => {
  expect([isSessionForgotten(http(404)), isSessionForgotten(http(400)), isSessionForgotten(new Error('404'))]).toEqual([
    true,
    false,
    false,
  ])
  expect(isSilence(new SdkError(SdkErrorCode.RequestTimeout, 'Request timed out'))).toBe(true)
  expect(isSilence(new SdkError(SdkErrorCode.ConnectionClosed, 'closed'))).toBe(false)
})

function http(status: number): SdkHttpError {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'Error POSTing to endpoint: secret', { status })
}

import { describe, expect, test } from 'vitest'

import { repairBody } from '../src/repair-body.ts'

const GOOD = '{"jsonrpc":"2.0","id":1,"result":{}}'
const BAD = '{"jsonrpc":"2.0","id":1,"result":{"_meta":null}}'
const CALL = { method: 'POST', body: '{"jsonrpc":"2.0","id":5,"method":"tools/call"}' }
const STREAM = 'text/event-stream; charset=utf-8'

describe('an answer that is one message', () => {
  test('is repaired when it must be, and stays to the letter when not', async () => {
    expect(await read([BAD.slice(0, 20), BAD.slice(20)], 'application/json', CALL)).toBe(GOOD)
    const spaced = '{ "jsonrpc": "2.0",  "id": 1, "result": {} }'
    expect(await read([spaced], 'application/json; charset=utf-8', CALL)).toBe(spaced)
  })

  test('that is not JSON is left to the SDK', async () => {
    expect(await read(['{{'], 'application/json', CALL)).toBe('{{')
    expect(await read([''], 'application/json', CALL)).toBe('')
  })

  test('to what is no request of the protocol is left as it is', async () => {
    const init = { method: 'POST', body: '{"redirect_uris":[]}' }
    expect(await read([BAD], 'application/json', init)).toBe(BAD)
    expect(await read([BAD], 'application/json')).toBe(BAD)
  })
})

describe('an answer that is a stream', () => {
  test.for([
    ['line feeds', [`event: message\nid: 7\ndata: ${BAD}\n\n: still here\n\n`]],
    ['pairs', [`event: message\r\nid: 7\r\ndata: ${BAD}\r\n\r\n: still here\r\n\r\n`]],
    ['carriage returns', [`event: message\rid: 7\rdata: ${BAD}\r\r: still here\r\r`]],
    ['pairs in two pieces', [`event: message\r\nid: 7\r\ndata: ${BAD}\r`, '\n\r', '\n: still here\r', '\n\r\n']],
  ] as const)('is repaired event by event, with lines that end in %s', async ([, chunks]) => {
    expect(await read(chunks, STREAM)).toBe(`event: message\nid: 7\ndata: ${GOOD}\n\n: still here\n\n`)
  })

  test('keeps events that are well, or only say where the stream stands', async () => {
    const events = `id: 1\ndata: \n\nid: 2\ndata: ${GOOD}\n\nretry: 100\n\n`
    expect(await read([events], STREAM)).toBe(events)
  })

  test('puts data of many lines together', async () => {
    const pretty = JSON.stringify(JSON.parse(BAD), undefined, 2).split('\n')
    expect(await read([...pretty.map((line) => `data: ${line}\n`), '\n'], STREAM)).toBe(`data: ${GOOD}\n\n`)
  })

  test('passes an event on as soon as it is whole', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const answer = await repaired(new Response(readable, { headers: { 'content-type': STREAM } }))
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    void writer.write(new TextEncoder().encode(`data: ${BAD}\r\r`))
    expect(await reader?.read()).toEqual({ done: false, value: `data: ${GOOD}\n\n` })
    await writer.close()
  })

  test('answers the request when what it says is not JSON', async () => {
    expect(await read(['data: {{\n\n'], STREAM, CALL)).toContain('"id":5,"error"')
    expect(await read(['data: {{\n\n'], STREAM)).toBe('data: {{\n\n')
    const notification = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect(await read(['data: {{\n\n'], STREAM, { method: 'POST', body: notification })).toBe('data: {{\n\n')
  })
})

test.for([
  ['a refusal', new Response(BAD, { status: 400, headers: { 'content-type': 'application/json' } })],
  ['an answer of another type', new Response(BAD, { headers: { 'content-type': 'text/html' } })],
  ['an answer without a body', new Response(null, { status: 202 })],
] as const)('%s is left as it is', async ([, response]) => {
  expect(await repaired(response)).toBe(response)
})

function repaired(response: Response, init?: RequestInit): Promise<Response> {
  return repairBody(async () => response, 10_000)('https://a.example', init)
}

async function read(chunks: readonly string[], type: string, init?: RequestInit): Promise<string> {
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)))
  const answer = await repaired(new Response(body, { headers: { 'content-type': type } }), init)
  return answer.text()
}

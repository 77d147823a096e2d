import { describe, expect, test } from 'vitest'

import { limitBody } from '../src/limit-body.ts'

describe('an answer', () => {
  test('of one message passes up to the limit', async () => {
    expect(await read(['12345', '67890'], 'application/json')).toEqual({ text: '1234567890', reasons: [] })
  })

  test('of one message breaks off behind the limit, and says why', async () => {
    const { text, reasons } = await read(['1234567890', '1'], 'application/json')
    expect([text, reasons]).toEqual([undefined, ['a message of more than 10 bytes']])
  })

  test('that is a stream may be as long as it likes, as long as its events are not', async () => {
    const events = Array.from({ length: 50 }, (_, index) => `data: ${index % 10}\n\n`)
    expect(await read(events, 'text/event-stream; charset=utf-8')).toEqual({ text: events.join(''), reasons: [] })
    const windows = ['data: 1\r\n\r\n', 'data', ': 2\r\n', '\r\n']
    expect(await read(windows, 'text/event-stream', 12)).toEqual({ text: windows.join(''), reasons: [] })
  })

  test('that is a stream breaks off in an event that is too long', async () => {
    const { text, reasons } = await read(['data: 1\n\ndata:', ' 12345678'], 'text/event-stream')
    expect([text, reasons]).toEqual([undefined, ['a message of more than 10 bytes']])
  })

  test('without a body, or a refusal, is left as it is', async () => {
    const empty = new Response(null, { status: 202 })
    const refusal = new Response('a long explanation', { status: 400 })
    const limited = (response: Response) =>
      limitBody(
        async () => response,
        3,
        () => undefined,
      )('https://a.example')
    expect(await limited(empty)).toBe(empty)
    expect(await limited(refusal)).toBe(refusal)
  })
})

async function read(chunks: readonly string[], contentType: string, maxBytes = 10) {
  const reasons: string[] = []
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)))
  const response = new Response(body, { headers: { 'content-type': contentType } })
  const limited = limitBody(
    async () => response,
    maxBytes,
    (reason) => void reasons.push(reason),
  )
  const answer = await limited('https://a.example')
  return { text: await answer.text().catch(() => undefined), reasons }
}

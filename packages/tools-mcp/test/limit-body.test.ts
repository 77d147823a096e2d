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

  test('without a body is left as it is', async () => {
    const empty = new Response(null, { status: 202 })
    expect(await limited(empty, 3)).toBe(empty)
  })

  test('that is a refusal keeps its status, and what it says up to 64 KiB', async () => {
    const short = await limited(new Response('x'.repeat(64 * 1024), { status: 400 }), 1_000_000)
    expect([short.status, (await short.text()).length]).toEqual([400, 64 * 1024])
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++
        controller.enqueue(new Uint8Array(16 * 1024))
      },
    })
    const long = await limited(new Response(endless, { status: 500 }), 1_000_000)
    expect(long.status).toBe(500)
    await expect(long.text()).rejects.toThrow('a message of more than 65536 bytes')
    expect(pulled).toBeLessThan(10)
  })
})

function limited(response: Response, maxBytes: number): Promise<Response> {
  const limit = limitBody(
    async () => response,
    maxBytes,
    (reason) => expect.unreachable(reason),
  )
  return limit('https://a.example')
}

async function read(chunks: readonly string[], contentType: string, maxBytes = 10) {
  const reasons: string[] = []
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)))
  const response = new Response(body, { headers: { 'content-type': contentType } })
  const limit = limitBody(
    async () => response,
    maxBytes,
    (reason) => void reasons.push(reason),
  )
  const answer = await limit('https://a.example')
  return { text: await answer.text().catch(() => undefined), reasons }
}

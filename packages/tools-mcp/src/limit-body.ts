import type { Transformer } from 'node:stream/web'

/** What is called like the global `fetch`. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** What a refusal is read of. */
const MAX_REFUSAL_BYTES = 64 * 1024

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/**
 * Returns a `fetch` whose answers break off when one message in them gets too long.
 *
 * A message is the whole body, or one event of a stream: streams may stay open for ever.
 * A refusal is short, or nobody reads it.
 */
export function limitBody(fetch: Fetch, maxBytes: number, onExcess: (reason: string) => void): Fetch {
  const refuse = (): RangeError => {
    const error = tooLong(maxBytes)
    onExcess(error.message)
    return error
  }
  return async (url, init) => {
    const response = await fetch(url, init)
    if (response.body === null) return response
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    const { status, statusText, headers } = response
    if (!response.ok) {
      const limit = Math.min(maxBytes, MAX_REFUSAL_BYTES)
      const refusal = response.body.pipeThrough(new TransformStream(countAll(limit, () => tooLong(limit))))
      return new Response(refusal, { status, statusText, headers })
    }
    const body = response.body.pipeThrough(
      new TransformStream(isStream ? countEvents(maxBytes, refuse) : countAll(maxBytes, refuse)),
    )
    return new Response(body, { status, statusText, headers })
  }
}

function tooLong(maxBytes: number): RangeError {
  return new RangeError(`a message of more than ${maxBytes} bytes`)
}

function countAll(maxBytes: number, refuse: () => RangeError): Transformer<Uint8Array, Uint8Array> {
  let size = 0
  return {
    transform(chunk, controller) {
      size += chunk.length
      if (size > maxBytes) controller.error(refuse())
      else controller.enqueue(chunk)
    },
  }
}

/** An event ends with an empty line. */
function countEvents(maxBytes: number, refuse: () => RangeError): Transformer<Uint8Array, Uint8Array> {
  let size = 0
  let isLineEmpty = true
  return {
    transform(chunk, controller) {
      for (const byte of chunk) {
        if (byte === LINE_FEED) {
          if (isLineEmpty) size = 0
          isLineEmpty = true
        } else if (byte !== CARRIAGE_RETURN) isLineEmpty = false
        size++
      }
      if (size > maxBytes) controller.error(refuse())
      else controller.enqueue(chunk)
    },
  }
}

import type { Transformer } from 'node:stream/web'

import { unreadable } from './failure.ts'
import type { Fetch } from './limit-body.ts'
import { LineReader } from './line-reader.ts'
import { repairText } from './repair-message.ts'

/** Returns a `fetch` whose answers hold messages that the SDK takes, as {@link repairText} makes them. */
export function repairBody(fetch: Fetch, maxLength: number): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init)
    const { body, ok, status, statusText, headers } = response
    const type = headers.get('content-type') ?? ''
    if (body === null || !ok) return response
    const repairer = repairerOf(type, maxLength, init)
    if (repairer === undefined) return response
    const repaired = body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TransformStream(repairer))
      .pipeThrough(new TextEncoderStream())
    return new Response(repaired, { status, statusText, headers })
  }
}

type TextTransformer = Transformer<string, string>

function repairerOf(type: string, maxLength: number, init: RequestInit | undefined): TextTransformer | undefined {
  if (type.startsWith('text/event-stream')) return new EventRepairer(maxLength, init)
  return type.startsWith('application/json') && isMessage(init?.body) ? new TextRepairer() : undefined
}

/** Whether a request is one of the protocol: those for tokens go the same way. */
function isMessage(body: unknown): boolean {
  return typeof body === 'string' && body.includes('"jsonrpc"')
}

/** A body that is one message. */
class TextRepairer implements TextTransformer {
  readonly #parts: string[] = []

  transform(chunk: string): void {
    this.#parts.push(chunk)
  }

  flush(controller: TransformStreamDefaultController<string>): void {
    const text = this.#parts.join('')
    controller.enqueue(tryRepair(text) ?? text)
  }
}

function tryRepair(text: string): string | undefined {
  try {
    return repairText(text)
  } catch {
    return undefined // The SDK says what is wrong with it.
  }
}

/** A stream of events, which passes on each one when it is whole. */
class EventRepairer implements TextTransformer {
  readonly #lines: LineReader
  readonly #request: RequestInit | undefined
  #event: string[] = []
  #endedInReturn = false

  constructor(maxLength: number, request: RequestInit | undefined) {
    this.#lines = new LineReader(maxLength)
    this.#request = request
  }

  transform(chunk: string, controller: TransformStreamDefaultController<string>): void {
    for (const line of this.#lines.read(this.#unify(chunk))) {
      this.#event.push(line)
      if (line !== '') continue
      controller.enqueue(this.#repair(this.#event))
      this.#event = []
    }
  }

  /** Lines of events may also end in a carriage return alone, and a pair may come in two pieces. */
  #unify(chunk: string): string {
    const rest = this.#endedInReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk
    this.#endedInReturn = chunk.endsWith('\r')
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest
  }

  #repair(lines: readonly string[]): string {
    const data = lines.flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length)] : [])).join('\n')
    // Events without data only say where the stream stands.
    const better = data.trim() === '' ? undefined : this.#repairData(data)
    if (better === undefined) return `${lines.join('\n')}\n`
    const others = lines.filter((line) => line !== '' && !line.startsWith('data:'))
    return [...others, `data: ${better}`, '', ''].join('\n')
  }

  #repairData(data: string): string | undefined {
    try {
      return repairText(data)
    } catch {
      const id = requestIdOf(this.#request)
      return id === undefined ? undefined : JSON.stringify(unreadable(id, 'the answer is not JSON'))
    }
  }
}

/** The id of the request that a body of text is; the SDK writes no other. */
function requestIdOf(request: RequestInit | undefined): number | string | undefined {
  if (typeof request?.body !== 'string') return undefined
  const message: unknown = JSON.parse(request.body)
  if (typeof message !== 'object' || message === null || !('method' in message) || !('id' in message)) return undefined
  return typeof message.id === 'number' || typeof message.id === 'string' ? message.id : undefined
}

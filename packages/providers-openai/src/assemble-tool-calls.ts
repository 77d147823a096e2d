import { type ModelChunk, ProviderError } from '@starling/provider'
import type { JsonObject } from '@starling/provider-http'
import { markOf } from './marks.ts'
import type { ToolCallFragment } from './parse-chunk.ts'

/** Puts the fragments of an answer's tool calls together. */
export interface ToolCallAssembler {
  /** How many calls have been seen. */
  readonly size: number
  /** Whether the arguments of every call are JSON, or none at all: those of a call that was cut off are not. */
  readonly areWhole: boolean
  /** Takes one fragment and returns what it completes. */
  add(fragment: ToolCallFragment): ModelChunk[]
  /**
   * Returns what is left at the end of the answer: calls that were waiting for
   * an id, which get one now, and the end of every call in the order they began.
   *
   * @throws ProviderError `PROVIDER_INVALID_STREAM` when a call has no name.
   */
  finish(): ModelChunk[]
}

/** A call in the making; it starts once it has both an id and a name. */
interface OpenCall {
  id: string
  name: string
  /** All of its arguments so far. */
  text: string
  /** Arguments that came before the call could start. */
  pending: string
  isStarted: boolean
  extra: JsonObject | undefined
}

/**
 * Creates an assembler; `generateCallId` names the calls of servers that do not.
 *
 * Fragments belong together by `index`. Where a server leaves the index out or
 * says 0 for every call, an id or a name that differs begins a new call.
 */
export function createToolCallAssembler(generateCallId: () => string): ToolCallAssembler {
  return new FragmentAssembler(generateCallId)
}

class FragmentAssembler implements ToolCallAssembler {
  readonly #generateCallId: () => string
  readonly #calls: OpenCall[] = []
  readonly #callByIndex = new Map<number, OpenCall>()

  constructor(generateCallId: () => string) {
    this.#generateCallId = generateCallId
  }

  get size(): number {
    return this.#calls.length
  }

  get areWhole(): boolean {
    return this.#calls.every(({ text }) => text.trim() === '' || isJson(text))
  }

  add(fragment: ToolCallFragment): ModelChunk[] {
    const call = this.#find(fragment) ?? this.#open()
    if (fragment.index !== undefined) this.#callByIndex.set(fragment.index, call)
    call.extra = fragment.extra ?? call.extra
    call.text += fragment.argumentsText
    if (!call.isStarted) {
      call.id ||= this.#isTaken(fragment.id) ? '' : fragment.id
      call.name ||= fragment.name
      call.pending += fragment.argumentsText
      return call.id === '' || call.name === '' ? [] : start(call)
    }
    return fragment.argumentsText === '' ? [] : [delta(call, fragment.argumentsText)]
  }

  finish(): ModelChunk[] {
    const chunks: ModelChunk[] = []
    for (const [index, call] of this.#calls.entries()) {
      if (call.isStarted) continue
      if (call.name === '') {
        throw new ProviderError('PROVIDER_INVALID_STREAM', `tool call ${index} (id "${call.id}") has no name`)
      }
      call.id ||= this.#generateCallId()
      chunks.push(...start(call))
    }
    chunks.push(...this.#calls.map(end))
    return chunks
  }

  #find(fragment: ToolCallFragment): OpenCall | undefined {
    const call = fragment.index === undefined ? this.#calls.at(-1) : this.#callByIndex.get(fragment.index)
    if (call === undefined) {
      // A nameless fragment at a new index goes on with the call that has its id.
      return fragment.name === '' && fragment.id !== '' ? this.#withId(fragment.id) : undefined
    }
    if (fragment.id !== '' && call.id !== '') return call.id === fragment.id ? call : this.#withId(fragment.id)
    // Without ids to tell calls apart, another name means another call; a name never comes in pieces.
    const isRenamed = fragment.name !== call.name || fragment.index === undefined
    if (fragment.name !== '' && call.name !== '' && isRenamed) return undefined
    return call
  }

  #open(): OpenCall {
    const call: OpenCall = { id: '', name: '', text: '', pending: '', isStarted: false, extra: undefined }
    this.#calls.push(call)
    return call
  }

  #withId(id: string): OpenCall | undefined {
    return this.#calls.find((call) => call.id === id)
  }

  // A server that gives every call the same id gets ids that tell them apart.
  #isTaken(id: string): boolean {
    return id !== '' && this.#withId(id) !== undefined
  }
}

function start(call: OpenCall): ModelChunk[] {
  call.isStarted = true
  const chunks: ModelChunk[] = [{ type: 'tool-call-start', callId: call.id, name: call.name }]
  if (call.pending !== '') chunks.push(delta(call, call.pending))
  call.pending = ''
  return chunks
}

function end(call: OpenCall): ModelChunk {
  const signature = markOf({ extra_content: call.extra })
  return { type: 'tool-call-end', callId: call.id, ...(signature !== undefined && { signature }) }
}

function delta(call: OpenCall, argumentsText: string): ModelChunk {
  return { type: 'tool-call-delta', callId: call.id, argumentsText }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // Whatever is wrong with it, it is not the whole of what was meant.
    return false
  }
}

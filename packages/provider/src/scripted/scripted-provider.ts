import { createBlake3, toHex, utf8Encode } from '@starling/event'

import { assertSupported } from '../assert-supported.ts'
import { capabilitiesFor } from '../capabilities-for.ts'
import { ProviderError } from '../provider-error.ts'
import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '../provider.ts'
import { replyToChunks, type ScriptedFault, type ScriptedTurn } from './scripted-turn.ts'

/**
 * The answers of a scripted provider: one for each call in turn, or a function
 * of the request and the number of the call (from 0), where `undefined` means
 * that the script is exhausted.
 */
export type Script =
  | readonly ScriptedTurn[]
  | ((request: ModelRequest, callIndex: number) => ScriptedTurn | undefined | Promise<ScriptedTurn | undefined>)

/** How {@link createScriptedProvider} makes a provider. */
export interface ScriptedProviderOptions {
  readonly turns: Script
  /** Default: `scripted`. */
  readonly id?: string | undefined
  /** Default: `v0`. */
  readonly apiVersion?: string | undefined
  /** A request beyond them fails with `PROVIDER_INVALID_OPTIONS`. Default: everything. */
  readonly capabilities?: ProviderCapabilities | undefined
  /** What it can do with one model, enforced likewise. Default: the same with all. */
  readonly capabilitiesOf?: ((model: string) => ProviderCapabilities) | undefined
  /** Waits this long before each chunk. Default: 0. */
  readonly latencyMs?: number | undefined
  /** Resolves after `ms`, or ends early when the signal is aborted. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined
  /**
   * What an end chunk without a response hash gets: `none`, or with `chunks`
   * the BLAKE3-256 over the JSON text of the chunks before it. Default: `none`.
   */
  readonly responseHash?: 'none' | 'chunks' | undefined
}

/** A provider that answers from a script, without a network. */
export interface ScriptedProvider extends Provider {
  /** Every request so far, in the order the calls began. */
  readonly requests: readonly ModelRequest[]
  /** How many calls are going on right now. */
  readonly activeCalls: number
}

const EVERYTHING: Required<Omit<ProviderCapabilities, 'formatExcludesTools'>> = {
  tools: true,
  toolChoice: true,
  reasoning: true,
  stopSequences: true,
  cacheControl: true,
  requestId: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  topK: true,
  seed: true,
  reasoningEffort: true,
  jsonFormat: true,
  schemaFormat: true,
  parallelToolCalls: true,
  images: true,
  files: true,
  toolAttachments: true,
  opaqueParts: true,
  citations: true,
}

/**
 * Creates a provider that answers from a script: the reference implementation of {@link Provider}.
 *
 * Chunks go out as they are written, also those that break the protocol. A call
 * beyond the script fails with `scripted provider exhausted`.
 *
 * @example
 * ```ts
 * const provider = createScriptedProvider({
 *   turns: [
 *     { toolCalls: [{ name: 'search', arguments: { q: 'errors' } }] },
 *     { fault: { kind: 'error' } },
 *     { text: 'Nothing found.', usage: { input: 12, output: 3 } },
 *   ],
 * })
 * ```
 */
export function createScriptedProvider(options: ScriptedProviderOptions): ScriptedProvider {
  return new ScriptProvider(options)
}

class ScriptProvider implements ScriptedProvider {
  readonly info: Provider['info']
  readonly capabilities: ProviderCapabilities
  readonly capabilitiesOf?: (model: string) => ProviderCapabilities
  readonly #options: ScriptedProviderOptions
  readonly #requests: ModelRequest[] = []
  #activeCalls = 0

  constructor(options: ScriptedProviderOptions) {
    this.info = { id: options.id ?? 'scripted', apiVersion: options.apiVersion ?? 'v0' }
    this.capabilities = options.capabilities ?? EVERYTHING
    if (options.capabilitiesOf !== undefined) this.capabilitiesOf = options.capabilitiesOf
    this.#options = options
  }

  get requests(): readonly ModelRequest[] {
    return this.#requests
  }

  get activeCalls(): number {
    return this.#activeCalls
  }

  async *stream(request: ModelRequest, { signal }: CallOptions = {}): AsyncIterable<ModelChunk> {
    signal?.throwIfAborted()
    this.#assertSupported(request)
    // Counted before anything is awaited: calls that begin together get different answers.
    const callIndex = this.#requests.push({ ...request, messages: [...request.messages] }) - 1
    this.#activeCalls++
    try {
      const turn = await this.#turnOf(request, callIndex)
      const latencyMs = turn.latencyMs ?? this.#options.latencyMs ?? 0
      for (const chunk of this.#chunksOf(turn, callIndex)) {
        if (latencyMs > 0) await this.#pause(latencyMs, signal)
        signal?.throwIfAborted()
        yield chunk
      }
      signal?.throwIfAborted()
      if (turn.fault !== undefined) await strike(turn.fault, signal)
    } finally {
      this.#activeCalls--
    }
  }

  #assertSupported(request: ModelRequest): void {
    const { id } = this.info
    const { model } = request
    if (this.capabilitiesOf !== undefined) {
      assertSupported(request, capabilitiesFor(this, model), { providerId: id, model })
    } else if (this.#options.capabilities !== undefined) assertSupported(request, this.capabilities, id)
  }

  async #turnOf(request: ModelRequest, callIndex: number): Promise<ScriptedTurn> {
    const { turns } = this.#options
    const turn = typeof turns === 'function' ? await turns(request, callIndex) : turns[callIndex]
    if (turn === undefined) throw new ProviderError('PROVIDER_REJECTED', 'scripted provider exhausted')
    return turn
  }

  /** The chunks that go out before the answer ends or its fault strikes. */
  #chunksOf(turn: ScriptedTurn, callIndex: number): readonly ModelChunk[] {
    const written = turn.chunks ?? replyToChunks(turn, callIndex)
    const chunks = this.#options.responseHash === 'chunks' ? withResponseHash(written) : written
    return turn.fault === undefined ? chunks : chunks.slice(0, chunksBefore(turn.fault, chunks.length))
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await (this.#options.sleep ?? sleep)(ms, signal)
    } catch (error) {
      // A sleep may reject with an error of its own when aborted; callers get the reason.
      signal?.throwIfAborted()
      throw error
    }
  }
}

function chunksBefore(fault: ScriptedFault, total: number): number {
  return fault.afterChunks ?? (fault.kind === 'eof' ? Math.max(total - 1, 0) : 0)
}

async function strike(fault: ScriptedFault, signal: AbortSignal | undefined): Promise<void> {
  if (fault.kind === 'error') {
    throw fault.error ?? new ProviderError('PROVIDER_SERVER', 'scripted failure', { retryable: true })
  }
  if (fault.kind === 'hang') await aborted(signal)
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
  signal?.throwIfAborted()
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, signal?.aborted === true ? 0 : ms)
    signal?.addEventListener('abort', wake, { once: true })
  })
}

/** Gives an end chunk that has no response hash one over everything before it. */
function withResponseHash(chunks: readonly ModelChunk[]): readonly ModelChunk[] {
  const hash = createBlake3()
  return chunks.map((chunk) => {
    if (chunk.type === 'end') return { ...chunk, rawResponseHash: chunk.rawResponseHash ?? hash.digest() }
    hash.update(utf8Encode(JSON.stringify(chunk, bytesAsHex)))
    return chunk
  })
}

function bytesAsHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value
}

import type { OpenedScenario, ProviderHarness } from '../src/conformance/index.ts'
import {
  assertSupported,
  ProviderError,
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
} from '../src/index.ts'
import { openScripted } from './scripted-harness.ts'

type Stream = Provider['stream']

/** A harness whose provider is a scripted one that `flaw` has changed. */
export function flawed(flaw: (provider: Provider, opened: OpenedScenario) => Partial<Provider>): ProviderHarness {
  return {
    name: 'flawed',
    async open(scenario) {
      const opened = openScripted(scenario)
      return { ...opened, provider: { ...opened.provider, ...flaw(opened.provider, opened) } }
    },
  }
}

/** Changes every chunk; nothing comes of one that becomes `undefined`. */
export function changingChunks(change: (chunk: ModelChunk) => ModelChunk | undefined): ProviderHarness {
  return flawed((provider) => ({
    async *stream(request, options) {
      for await (const chunk of provider.stream(request, options)) {
        const changed = change(chunk)
        if (changed !== undefined) yield changed
      }
    },
  }))
}

/** Changes what a call fails with; the answer just stops where that is `undefined`. */
export function changingErrors(change: (error: unknown) => Error | undefined): ProviderHarness {
  return flawed((provider) => ({
    async *stream(request, options) {
      try {
        yield* provider.stream(request, options)
      } catch (error) {
        const changed = change(error)
        if (changed !== undefined) throw changed
      }
    },
  }))
}

/** Changes every request before it is sent. */
export function changingRequests(change: (request: ModelRequest) => ModelRequest): ProviderHarness {
  return flawed((provider) => ({ stream: (request, options) => provider.stream(change(request), options) }))
}

/** Changes parts of a provider's own errors, and passes every other error. */
export function changingFailures(
  change: (error: ProviderError) => Partial<Pick<ProviderError, 'code' | 'message' | 'retryable' | 'retryAfterMs'>>,
): ProviderHarness {
  return changingErrors((error) => {
    if (!(error instanceof ProviderError)) return error instanceof Error ? error : undefined
    const { code, message, retryable, status, retryAfterMs } = { ...picked(error), ...change(error) }
    return new ProviderError(code, message, { retryable, status, retryAfterMs })
  })
}

/** Reads ahead: the call goes out before anyone asks for a chunk. */
export const eager: ProviderHarness = flawed((provider) => ({
  stream(request, options) {
    const chunks = provider.stream(request, options)[Symbol.asyncIterator]()
    let first: ReturnType<typeof chunks.next> | undefined = chunks.next()
    return iterable({
      next: () => {
        const result = first ?? chunks.next()
        first = undefined
        return result
      },
      return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
    })
  },
}))

/** Gives the signal no chance to stop a call before it is sent. */
export const sendingWhenAborted: ProviderHarness = flawed((provider) => ({
  async *stream(request, { signal } = {}) {
    const chunks = provider.stream(request, {})[Symbol.asyncIterator]()
    const first = await chunks.next()
    signal?.throwIfAborted()
    if (first.done !== true) yield first.value
    yield* iterable(chunks)
  },
}))

/** Gives each chunk only when the next one has come. */
export const holdingBack: ProviderHarness = flawed((provider) => ({
  async *stream(request, options) {
    let held: ModelChunk | undefined
    for await (const chunk of provider.stream(request, options)) {
      if (held !== undefined) yield held
      held = chunk
    }
    if (held !== undefined) yield held
  },
}))

/** Tells what was counted only with the end. */
export const withholdingUsage: ProviderHarness = flawed((provider) => ({
  async *stream(request, options) {
    let usage: ModelChunk | undefined
    for await (const chunk of provider.stream(request, options)) {
      if (chunk.type === 'end' && usage !== undefined) yield usage
      if (chunk.type === 'usage') usage = chunk
      else yield chunk
    }
  },
}))

/** Closes nothing when it is left. */
export const leaking: ProviderHarness = flawed((provider) => ({
  stream: (request, options) => {
    const chunks = provider.stream(request, options)[Symbol.asyncIterator]()
    return iterable({ next: () => chunks.next(), return: async () => ({ done: true, value: undefined }) })
  },
}))

/** Throws when it is left a second time. */
export const closingOnce: ProviderHarness = flawed((provider) => ({
  stream: (request, options) => {
    const chunks = provider.stream(request, options)[Symbol.asyncIterator]()
    let closed = false
    return iterable({
      next: () => chunks.next(),
      return: async () => {
        if (closed) throw new TypeError('closed already')
        closed = true
        return (await chunks.return?.()) ?? { done: true, value: undefined }
      },
    })
  },
}))

/** Counts its connections and never takes one off. */
export const neverReleasing: ProviderHarness = {
  name: 'never releasing',
  async open(scenario) {
    const opened = openScripted(scenario)
    return { ...opened, openConnections: () => opened.requests().length }
  },
}

/** Keeps the latest answer in one place for all calls. */
export const sharing: ProviderHarness = flawed((provider) => {
  let latest: AsyncIterator<ModelChunk> | undefined
  const stream: Stream = (request, options) => {
    const own = provider.stream(request, options)[Symbol.asyncIterator]()
    return iterable({
      next: () => {
        latest ??= own
        return latest.next()
      },
    })
  }
  return { stream }
})

/** Ends every call when one is aborted. */
export const abortingAll: ProviderHarness = flawed((provider) => {
  const all = new AbortController()
  return {
    stream(request, { signal }: CallOptions = {}) {
      signal?.addEventListener('abort', () => all.abort(signal.reason), { once: true })
      return provider.stream(request, { signal: all.signal })
    },
  }
})

/** Answers one call and no other. */
export const answeringOnce: ProviderHarness = flawed((provider, opened) => ({
  async *stream(request, options) {
    if (opened.requests().length > 0) throw new ProviderError('PROVIDER_INVALID_OPTIONS', 'used already')
    yield* provider.stream(request, options)
  },
}))

/** Says the default reason whatever the reason of the abort. */
export const wrappingAborts: ProviderHarness = flawed((provider) => ({
  async *stream(request, { signal } = {}) {
    try {
      yield* provider.stream(request, { signal })
    } catch (error) {
      throw signal?.aborted === true ? new ProviderError('PROVIDER_NETWORK', 'aborted', { cause: error }) : error
    }
  },
}))

/** Says of one model that it cannot do what it takes all the same. */
export const overpromising: ProviderHarness = {
  ...flawed(({ capabilities }) => ({
    capabilitiesOf: (model) =>
      model === 'old' ? { ...capabilities, seed: false, formatExcludesTools: true } : capabilities,
  })),
  models: ['new', 'old'],
}

/** What a provider is that has models of several kinds, and no flaw. */
export const differing: ProviderHarness = {
  ...flawed((provider, opened) => {
    const { capabilities } = provider
    const kinds = new Map<string, ProviderCapabilities>([
      ['old', { tools: true }],
      ['small', { ...capabilities, seed: false, formatExcludesTools: true }],
      ['bare', {}],
    ])
    const capabilitiesOf = (model: string): ProviderCapabilities => kinds.get(model) ?? capabilities
    return {
      capabilitiesOf,
      async *stream(request, options) {
        assertSupported(request, capabilitiesOf(request.model), opened.provider.info.id)
        yield* provider.stream(request, options)
      },
    }
  }),
  models: ['new', 'old', 'small', 'bare'],
}

function iterable(iterator: AsyncIterator<ModelChunk>): AsyncIterable<ModelChunk> {
  return { [Symbol.asyncIterator]: () => iterator }
}

function picked({
  code,
  message,
  retryable,
  status,
  retryAfterMs,
}: ProviderError): Pick<ProviderError, 'code' | 'message' | 'retryable' | 'status' | 'retryAfterMs'> {
  return { code, message, retryable, status, retryAfterMs }
}

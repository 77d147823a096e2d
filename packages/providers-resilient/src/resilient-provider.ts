import { assertSupported, capabilitiesFor, isProviderError } from '@starling/provider'
import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import { startAttempt, type Attempt } from './attempt.ts'
import { CallPlan, type Entry } from './call-plan.ts'
import type { NextStep } from './choose-step.ts'
import { intersectCapabilities } from './intersect-capabilities.ts'
import { messagesFor } from './messages-for.ts'
import type { ResolvedCandidate, Route } from './resolve-candidates.ts'
import { resolveSettings, type Settings } from './resolve-settings.ts'
import type { ResilientProviderOptions } from './resilient-provider-options.ts'

/**
 * Creates a provider that asks others, and asks again or asks somebody else when
 * one of them fails.
 *
 * It is named in the log as the primary is. Its capabilities are what every
 * candidate can do with the model that it is asked for. A failed attempt that another one follows is an
 * `attempt-failed` chunk, which takes back everything before it; nothing happens
 * until the next chunk is asked for. The last failure is thrown as not
 * retryable, with the vendor's own error as its cause: nobody tries again on top.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options that it does not know or that cannot work.
 */
export function createResilientProvider(options: ResilientProviderOptions): Provider {
  return new ResilientProvider(resolveSettings(options))
}

class ResilientProvider implements Provider {
  readonly info: Provider['info']
  readonly capabilities: ProviderCapabilities
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.info = settings.info
    this.capabilities = intersectCapabilities(settings.candidates)
    this.#settings = settings
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    return intersectCapabilities(this.#settings.candidates, model)
  }

  async *stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    options.signal?.throwIfAborted()
    this.#assertSupported(request)
    const plan = new CallPlan(this.#settings, { model: request.model, call: options })
    let entry = await plan.enter()
    for (;;) {
      const { candidate } = entry.route
      const attempt = this.#start(entry, request, options)
      let failed: (NextStep & { readonly chunk: ModelChunk }) | undefined
      let hasEnded = false
      try {
        for (let chunk = await attempt.next(); chunk !== undefined; chunk = await attempt.next()) {
          if (chunk.type !== 'attempt-failed') entry.permit.answered()
          if (chunk.type !== 'end') yield chunk
          else {
            // Told before the end goes out: whoever has the answer may not come back.
            hasEnded = true
            plan.succeed(entry)
            yield this.#signEnd(chunk, { candidate, request })
          }
        }
        return
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isProviderError(error)) throw error
        if (hasEnded) throw plan.giveUp(error)
        const step = plan.fail(entry, error)
        if (step === undefined) throw plan.giveUp()
        const { next, delayMs } = step
        const { providerId, model = request.model } = candidate
        failed = { ...step, chunk: { type: 'attempt-failed', error, next, delayMs, by: { providerId, model } } }
      } finally {
        attempt.close()
        entry.permit.dropped()
      }
      yield failed.chunk
      entry = await plan.follow(failed)
    }
  }

  /** Every candidate must be able to answer: a fallback is no time to find out. */
  #assertSupported(request: ModelRequest): void {
    for (const { routes, settings, model = request.model } of this.#settings.candidates) {
      for (const { provider } of routes) {
        const { id } = provider.info
        const by = provider.capabilitiesOf === undefined ? id : { providerId: id, model }
        assertSupported({ ...request, ...settings }, capabilitiesFor(provider, model), by)
      }
    }
  }

  #start({ route }: Entry, request: ModelRequest, options: CallOptions): Attempt {
    const { model = request.model, providerId } = route.candidate
    return startAttempt({
      // Only inside the attempt: whatever goes wrong with the request must end it, or its permit would be lost.
      call: (signal) => route.provider.stream(this.#requestFor(route, request), { ...options, signal }),
      signal: options.signal,
      timeouts: this.#settings.timeouts,
      name: `${providerId} (${model})`,
    })
  }

  #requestFor({ candidate }: Route, request: ModelRequest): ModelRequest {
    const { model = request.model, settings, providerId } = candidate
    const messages = messagesFor(request.messages, {
      reader: { providerId, model },
      own: { providerId: this.info.id, model: request.model },
    })
    return { ...request, ...settings, model, messages }
  }

  #signEnd(end: ModelChunk & { type: 'end' }, { candidate, request }: Asked): ModelChunk {
    const { providerId, model = request.model } = candidate
    const isAsAsked = providerId === this.info.id && model === request.model
    if (isAsAsked || end.answeredBy !== undefined) return end
    return { ...end, answeredBy: { providerId, model } }
  }
}

interface Asked {
  readonly candidate: ResolvedCandidate
  readonly request: ModelRequest
}

import type { ModelChunk, ModelRequest, ProviderCapabilities } from '../provider.ts'
import type { OpenedScenario, ProviderHarness } from './provider-harness.ts'
import { REQUESTS } from './requests.ts'
import type { ScenarioName } from './scenarios.ts'

/** One promise of the provider contract, as a test. */
export interface ProviderCheck {
  /** A sentence that states the promise. */
  readonly title: string
  readonly scenario: ScenarioName
  /** The check skips for a provider without this capability. Default: none needed. */
  readonly needs?: keyof ProviderCapabilities | undefined
  /** The check skips where the harness does not say this of the vendor. Default: it is for every vendor. */
  readonly ofVendor?: 'earlyUsage' | undefined
  /** Rejects when the promise is broken. */
  run(opened: OpenedScenario, harness: ProviderHarness): Promise<void>
}

/** Calls the opened provider with the smallest request. */
export function call(opened: OpenedScenario, signal?: AbortSignal): AsyncIterable<ModelChunk> {
  return opened.provider.stream(REQUESTS.minimal, { signal })
}

/** A copy of a request that throws when it is written to. */
export function frozen(request: ModelRequest): ModelRequest {
  return freeze(structuredClone(request))
}

function freeze<T>(value: T): T {
  // The bytes of a typed array cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}

import { CONFORMANCE_KEY, createScenarioFetch, type ProviderHarness } from '../src/conformance/index.ts'
import { createLineProvider, LINE_CODEC, type LineFlaws } from './line-provider.ts'

/** Plays the scenarios of the suite over a made-up wire format, with a provider that may have flaws. */
export function lineHarness(flaws: LineFlaws = {}): ProviderHarness {
  return {
    name: 'lines over HTTP',
    async open(scenario) {
      const vendor = createScenarioFetch(scenario, LINE_CODEC)
      return {
        provider: createLineProvider({ fetch: vendor.fetch, apiKey: CONFORMANCE_KEY, ...flaws }),
        requests: vendor.requests,
        openConnections: vendor.openConnections,
        async [Symbol.asyncDispose]() {},
      }
    },
  }
}

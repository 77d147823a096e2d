import type { Provider, ProviderCapabilities } from './provider.ts'

/** What a provider can do with one model. */
export function capabilitiesFor(
  provider: Pick<Provider, 'capabilities' | 'capabilitiesOf'>,
  model: string,
): ProviderCapabilities {
  return provider.capabilitiesOf?.(model) ?? provider.capabilities
}

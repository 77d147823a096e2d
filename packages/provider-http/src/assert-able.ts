import { assertSupported, capabilitiesFor, type ModelRequest, type Provider } from '@starling/provider'

/**
 * Refuses a request that asks for what a provider cannot do at all, or not with the model that is asked.
 *
 * The error names the model only where another one could.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`.
 */
export function assertAble(
  request: ModelRequest,
  provider: Pick<Provider, 'info' | 'capabilities' | 'capabilitiesOf'>,
): void {
  const { id } = provider.info
  assertSupported(request, provider.capabilities, id)
  assertSupported(request, capabilitiesFor(provider, request.model), { providerId: id, model: request.model })
}

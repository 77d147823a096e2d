import { ProviderError } from '@starling/provider'
import type { Settings } from './resolve-settings.ts'

/**
 * Refuses any other model than the one that the provider is bound to: another one in the log would be a lie.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`.
 */
export function assertModel(asked: string, { model, info }: Pick<Settings, 'model' | 'info'>): void {
  const { modelId } = model
  if (asked === modelId) return
  throw new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `the provider "${info.id}" is bound to the model "${modelId}" and cannot be asked for "${asked}": name the same model in both places`,
  )
}

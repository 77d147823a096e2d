import { type ProviderCapabilities, ProviderError, type ReasoningEffort } from '@starling/provider'

/** Something that a provider can do, or not. */
export type Feature = keyof ProviderCapabilities

/** What one family of models cannot do of all that their vendor can. */
export interface ModelLimits {
  /** The names of the family. */
  readonly models: RegExp
  readonly lacks?: readonly Feature[]
  /** Whether an answer that must be JSON goes without tools. */
  readonly formatExcludesTools?: boolean
  /** The reasoning efforts that it knows. Default: all of its vendor's. */
  readonly efforts?: readonly ReasoningEffort[]
}

/** Returns the capabilities without some of them. */
export function without(all: ProviderCapabilities, features: readonly Feature[]): ProviderCapabilities {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !features.some((feature) => feature === name)))
}

/**
 * Makes a function that knows what each model can do.
 *
 * The first family that has the name counts; a name of none is taken for one of
 * the newest models, which can do all.
 */
export function limitByModel(
  all: ProviderCapabilities,
  limits: readonly ModelLimits[],
): (model: string) => ProviderCapabilities {
  const families = limits.map(({ models, lacks = [], formatExcludesTools }) => ({
    models,
    capabilities: { ...without(all, lacks), ...(formatExcludesTools === true && { formatExcludesTools }) },
  }))
  return (model) => families.find(({ models }) => models.test(model))?.capabilities ?? all
}

/** What a request asks a model for. */
interface AskedEffort {
  readonly model: string
  readonly reasoningEffort?: ReasoningEffort | undefined
}

/**
 * Refuses a reasoning effort that a model does not know.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`.
 */
export function assertEffort({ model, reasoningEffort: effort }: AskedEffort, limits: readonly ModelLimits[]): void {
  const known = limits.find(({ models }) => models.test(model))?.efforts
  if (effort === undefined || known === undefined || known.includes(effort)) return
  throw new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `the model "${model}" has no reasoningEffort "${effort}": it knows ${known.join(', ')}`,
  )
}

import { decodeValue, encodeValue } from '@starling/event'
import { assertSupported, capabilitiesFor, REASONING_EFFORTS } from '@starling/provider'
import type { ModelRequest, Provider, ToolDefinition } from '@starling/provider'

/** How every model call of a run is made: the settings of {@link ModelRequest}, under the same names. */
export type ModelSettings = Pick<
  ModelRequest,
  | 'toolChoice'
  | 'stopSequences'
  | 'topK'
  | 'maxOutputTokens'
  | 'temperature'
  | 'topP'
  | 'seed'
  | 'reasoningEffort'
  | 'responseFormat'
  | 'parallelToolCalls'
  | 'cache'
>

type Check = (value: unknown) => string | undefined

/** What each setting must be; a check returns what it expected. */
const CHECKS: { readonly [Name in keyof ModelSettings]-?: Check } = {
  toolChoice: (value) => (typeof value === 'string' ? undefined : 'a text'),
  stopSequences: checkStops,
  topK: (value) => (isWhole(value) && value >= 0 ? undefined : 'a whole number of 0 or more'),
  maxOutputTokens: (value) => (isWhole(value) && value >= 0 ? undefined : 'a whole number of 0 or more'),
  temperature: (value) => (isNumber(value) && value >= 0 ? undefined : 'a number of 0 or more'),
  topP: (value) => (isNumber(value) && value > 0 && value <= 1 ? undefined : 'a number above 0 and up to 1'),
  seed: (value) => (isWhole(value) ? undefined : 'a whole number'),
  reasoningEffort: oneOf(...REASONING_EFFORTS),
  responseFormat: checkFormat,
  parallelToolCalls: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  cache: checkCache,
}

/** The names of the settings. */
export const SETTING_NAMES: readonly (keyof ModelSettings)[] = Object.keys(CHECKS).filter(isSetting)

/**
 * Finds what of the settings a call cannot be made with.
 *
 * @returns the first problem, in one line.
 */
export function findSettingProblem(settings: ModelSettings): string | undefined {
  for (const name of SETTING_NAMES) {
    const value: unknown = settings[name]
    const expected = value === undefined ? undefined : CHECKS[name](value)
    if (expected !== undefined) return `${name} is ${show(value)}, expected ${expected}`
  }
  return undefined
}

/** The settings that ask for something. */
export function pickSettings(options: ModelSettings): ModelSettings {
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => asks(name, options[name])).map((name) => [name, options[name]]),
  )
}

/** The model that is asked, and by whose provider. */
export interface AskedModel {
  readonly provider: Provider
  readonly model: string
}

/** Makes sure that a provider can do with its model what a request asks for; throws what {@link assertSupported} throws. */
export function assertAble({ provider, model }: AskedModel, request: Partial<ModelRequest>): void {
  const { id } = provider.info
  const by = provider.capabilitiesOf === undefined ? id : { providerId: id, model }
  assertSupported(request, capabilitiesFor(provider, model), by)
}

/** Likewise, with what the settings ask for beside the tools. */
export function assertSettings(
  options: ModelSettings & AskedModel & { readonly tools?: readonly ToolDefinition[] | undefined },
): void {
  assertAble(options, { ...pickSettings(options), tools: options.tools ?? [] })
}

const FREE_CHOICE: ReadonlySet<string> = new Set(['', 'auto', 'none'])

/** Whether a tool choice makes the model call a tool, whatever it would do. */
export function isForced(toolChoice = ''): boolean {
  return !FREE_CHOICE.has(toolChoice)
}

/** The settings as one canonical CBOR map; `undefined` when none is set. */
export function encodeSettings(settings: ModelSettings): Uint8Array | undefined {
  return Object.keys(settings).length === 0 ? undefined : encodeValue(settings)
}

/** Which settings differ from the recorded ones, one line for each. */
export function differingSettings(recorded: Uint8Array | undefined, own: ModelSettings): readonly string[] {
  const before = new Map(Object.entries(recorded === undefined ? {} : (decodeValue(recorded) ?? {})))
  const encoded = encodeSettings(own)
  const now = new Map(Object.entries(encoded === undefined ? {} : (decodeValue(encoded) ?? {})))
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [show(before.get(name)), show(now.get(name))]
    return was === is ? [] : [`${name} recorded ${was}, now ${is}`]
  })
}

function isSetting(name: string): name is keyof ModelSettings {
  return Object.hasOwn(CHECKS, name)
}

/** No limit on the output, no choice and no stop sequence are the defaults. */
function asks(name: string, value: unknown): boolean {
  if (name === 'maxOutputTokens' && value === 0) return false
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function oneOf(...values: readonly string[]): Check {
  return (value) => (values.some((allowed) => allowed === value) ? undefined : `one of ${values.join(', ')}`)
}

function checkStops(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'a list'
  return value.every((stop) => typeof stop === 'string' && stop !== '') ? undefined : 'texts that are not empty'
}

const FORMAT_NAME = /^[A-Za-z0-9_-]{1,64}$/

function checkFormat(value: unknown): string | undefined {
  if (!isObject(value)) return 'a format'
  if (value['type'] === 'json') return undefined
  if (value['type'] !== 'json-schema') return 'one of the type json or json-schema'
  const { name, schema } = value
  if (typeof name !== 'string' || !FORMAT_NAME.test(name)) return 'a name of 1 to 64 of A-Z a-z 0-9 _ -'
  return isObject(parsed(schema)) ? undefined : 'a schema that is the JSON text of an object'
}

function checkCache(value: unknown): string | undefined {
  if (!isObject(value)) return 'an object'
  for (const [name, part] of Object.entries(value)) {
    if (name === 'ttl') {
      if (part !== undefined && part !== '5m' && part !== '1h') return 'a ttl of 5m or 1h'
    } else if (name !== 'tools' && name !== 'systemPrompt' && name !== 'messages') {
      return `tools, systemPrompt, messages and ttl, not ${name}`
    } else if (part !== undefined && typeof part !== 'boolean') return `${name} to be true or false`
  }
  return undefined
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  if (value === undefined) return 'unset'
  if (typeof value === 'number') return String(value)
  return (
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? typeof value
  )
}

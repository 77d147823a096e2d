import type { ModelRate, PriceTable } from './model-rate.ts'
import { DEFAULT_PRICES, VENDOR_PRICES } from './price-table.ts'
import { keysByAlias } from './prices-aliases.ts'

/**
 * How a rate was found, the surest first:
 *
 * - `exact`: the table has the name as it is.
 * - `free`: a variant that OpenRouter gives away, `….:free`.
 * - `plain`: the table has it without what says where the model is served, or which release it is.
 * - `alias`: the table has it under another name of the same model.
 * - `pattern`: a key of the table that ends in `*` covers it.
 */
export type RateRule = 'exact' | 'free' | 'plain' | 'alias' | 'pattern'

/** A rate, and where it comes from. */
export interface FoundRate {
  readonly rate: ModelRate
  /** The key of the table; of a free variant its own name. */
  readonly key: string
  readonly rule: RateRule
}

/**
 * Finds the rate of a model. `undefined` when the table does not know it:
 * another model's rate would be worse than none.
 *
 * @param provider The id of the provider that serves the model. Default: whoever the name itself speaks of.
 */
export function findRate(model: string, table: PriceTable = DEFAULT_PRICES, provider?: string): ModelRate | undefined {
  return lookUpRate(model, table, provider)?.rate
}

/**
 * Like {@link findRate}, and says how the rate was found.
 *
 * Names may carry what a vendor or a cloud puts around them: `openai/gpt-4o`,
 * `models/gemini-2.5-pro`, `us.anthropic.claude-opus-4-5-20251101-v1:0`, an
 * ARN, `claude-opus-4@20250514`, `…-preview-05-06`, `…-latest`, `…:nitro`.
 *
 * A key such as `groq:openai/gpt-oss-120b` is the rate of a model at one
 * provider, and comes before that of the name alone. What a host of other
 * vendors' models serves has no other built-in rate than such a one, and what
 * runs on a server of one's own has none.
 */
export function lookUpRate(
  model: string,
  table: PriceTable = DEFAULT_PRICES,
  provider?: string,
): FoundRate | undefined {
  if (provider === undefined) return lookUp(model, table)
  const own = pick(table, (key, rate) => builtIn(key) !== rate)
  return (
    at(own, model, 'exact') ?? atProvider(model, table, provider) ?? lookUp(model, HOSTS.has(provider) ? own : table)
  )
}

function atProvider(model: string, table: PriceTable, provider: string): FoundRate | undefined {
  const prefix = `${provider}:`
  const served = Object.entries(pick(table, (key) => key.startsWith(prefix)))
  const found = lookUp(model, Object.fromEntries(served.map(([key, rate]) => [key.slice(prefix.length), rate])))
  return found === undefined || found.rule === 'free' ? undefined : { ...found, key: `${prefix}${found.key}` }
}

function pick(table: PriceTable, test: (key: string, rate: ModelRate) => boolean): PriceTable {
  return Object.fromEntries(Object.entries(table).filter(([key, rate]) => test(key, rate)))
}

// These serve open models under the names of their makers.
const HOSTS: ReadonlySet<string> = new Set(['groq', 'together', 'ollama', 'vllm', 'lmstudio'])

function builtIn(key: string): ModelRate | undefined {
  return Object.hasOwn(DEFAULT_PRICES, key) ? DEFAULT_PRICES[key] : undefined
}

function at(table: PriceTable, key: string, rule: RateRule): FoundRate | undefined {
  const rate = Object.hasOwn(table, key) ? table[key] : undefined
  return rate === undefined ? undefined : { rate, key, rule }
}

function lookUp(model: string, table: PriceTable): FoundRate | undefined {
  const exact = at(table, model, 'exact')
  if (exact !== undefined) return exact
  if (FREE_VARIANT.test(model)) return { rate: FREE, key: model, rule: 'free' }
  const names = plainNames(model)
  for (const name of names) {
    const plain = at(table, name, 'plain')
    if (plain !== undefined) return plain
    for (const alias of aliasesOf(name)) {
      // What the name itself comes down to is found by that.
      const found = names.includes(alias) ? undefined : at(table, alias, 'alias')
      if (found !== undefined) return found
    }
  }
  return byPattern(model, table)
}

function byPattern(model: string, table: PriceTable): FoundRate | undefined {
  const bare = withoutPath(model)
  const patterns = Object.keys(table).filter(
    (key) => key.endsWith('*') && (bare.startsWith(key.slice(0, -1)) || model.startsWith(key.slice(0, -1))),
  )
  const longest = patterns.toSorted((a, b) => b.length - a.length)[0]
  return longest === undefined ? undefined : at(table, longest, 'pattern')
}

const FREE_VARIANT = /^[^/]+\/[^/]+:free$/
const FREE: ModelRate = { input: 0, output: 0 }

/** The names under which a table may have a model, the most exact first. */
function plainNames(model: string): readonly string[] {
  const bare = withoutPath(model)
  const withVendor = model === bare ? [] : withoutSuffixes(model)
  return [...withVendor, ...withoutSuffixes(bare).flatMap(withoutPlace)]
}

/** `openai/gpt-4o`, `models/gemini-2.5-pro`, an ARN. */
function withoutPath(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1)
}

// What stands at the end of a name: how OpenRouter routes it, Bedrock's version, Vertex's release, a date
// (`-20251001`, `-2024-08-06`, `-0613` of early GPTs), a stage. No stage with a price of its own is among them.
const SUFFIX =
  /(?::(?:nitro|floor|online|exacto|beta|thinking)|-v\d+(?::\d+\w*)*|@[\w.-]+|-\d{8}|-\d{4}-\d\d-\d\d|(?<=^gpt-.*)-\d{4}|-00\d|-preview(?:-\d\d-(?:\d{4}|\d\d))?|-latest)$/

/** The name, then the name with ever less at its end. */
function withoutSuffixes(name: string): readonly string[] {
  const names = [name]
  for (let rest = name.replace(SUFFIX, ''); rest !== names.at(-1); rest = rest.replace(SUFFIX, '')) names.push(rest)
  return names
}

const CLOUD_VENDORS =
  'ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer'
// Bedrock's ids: `anthropic.claude-…`, in an inference profile `us.anthropic.claude-…`.
const PLACED = new RegExp(`^(?:([a-z-]{2,6})\\.)?(${CLOUD_VENDORS})\\.(.+)$`)

/** What is served within a region may cost more than the same from anywhere, which costs what the vendor charges. */
function withoutPlace(name: string): readonly string[] {
  const [, region, vendor = '', model = ''] = PLACED.exec(name) ?? []
  if (model === '') return [name]
  const ofVendor = `${vendor}.${model}`
  return region === 'global' ? [name, model, ofVendor] : [name, ofVendor, model]
}

// `claude-3-5-haiku`, and `claude-haiku-3.5`: the same name in other orders and spellings.
const CLAUDE = 'opus|sonnet|haiku|fable|mythos'
const VERSION_FIRST = new RegExp(`^claude-(\\d+)(?:[-.](\\d+))?-(${CLAUDE})$`)
const VERSION_LAST = new RegExp(`^claude-(${CLAUDE})-(\\d+)(?:[-.](\\d+))?$`)

const LISTED = keysByAlias(VENDOR_PRICES.map(({ aliases }) => aliases))

/** Under which other names the table may know a model. */
function aliasesOf(name: string): readonly string[] {
  const listed = LISTED.get(name)
  return [...(listed === undefined ? [] : [listed]), ...otherSpellings(name)]
}

function otherSpellings(name: string): readonly string[] {
  if (name.startsWith('gpt-')) return azureSpelling(name)
  // OpenRouter's `amazon/nova-pro-v1`.
  if (name.startsWith('nova-')) return [`global.amazon.${name}`, `amazon.${name}`]
  const first = VERSION_FIRST.exec(name)
  const last = VERSION_LAST.exec(name)
  const [family, major, minor] = first === null ? (last ?? []).slice(1) : [first[3], first[1], first[2]]
  if (family === undefined) return []
  const base = `claude-${family}-${major}`
  return minor === undefined || minor === '0' ? [base, `${base}-0`] : [`${base}-${minor}`]
}

/** `gpt-5-4-mini` and `gpt-35-turbo` are Azure's spellings. */
function azureSpelling(name: string): readonly string[] {
  const dotted = name.replace(/^gpt-(\d)-(\d)(?=-|$)/, 'gpt-$1.$2').replace(/^gpt-35-/, 'gpt-3.5-')
  if (dotted === name) return []
  const listed = LISTED.get(dotted)
  return [dotted, ...(listed === undefined ? [] : [listed])]
}

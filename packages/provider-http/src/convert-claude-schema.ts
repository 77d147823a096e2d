import { ProviderError } from '@starling/provider'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { JsonText, parseExact, parseJsonObject, writeJson } from './json-text.ts'

const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

const DEFINITIONS = ['$defs', 'definitions'] as const

const SHAPES = ['properties', 'anyOf', 'oneOf', 'allOf'] as const

/** Where the conversion is, and what it has been through. */
interface Place {
  readonly path: string
  readonly root: JsonObject
  /** The references that are being followed. */
  readonly open: readonly string[]
  /** The references that lead to an end. */
  readonly finite: Set<string>
}

/**
 * Writes the schema of an answer in the part of JSON Schema that Claude can be bound to.
 *
 * A constraint outside of it, such as `minimum`, becomes words in the
 * `description` of its place, and every object is closed: what goes out allows
 * more values than the schema, or fewer keys, and whoever asked checks the answer.
 * The rewriting is that of `transformJSONSchema` in the vendor's SDK, except that
 * what would lose its meaning is refused.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a text that is no JSON object, and for a schema that
 * has places without a fixed shape: open objects, any value, recursion.
 */
export function convertClaudeSchema(text: string): string {
  const what = 'the schema of responseFormat'
  if (parseJsonObject(text) === undefined) {
    throw new ProviderError('PROVIDER_INVALID_OPTIONS', `${what} is not a JSON object`)
  }
  const root = parseExact(text)
  const place = { path: '#', root: isJsonObject(root) ? root : {}, open: ['#'], finite: new Set<string>() }
  return writeJson(convert(root, place), 'schema')
}

function convert(schema: unknown, place: Place): JsonObject {
  if (!isJsonObject(schema)) throw shapeless(place)
  // What stays in here ends as words.
  const { $schema: _, ...left } = schema
  const definitions = convertDefinitions(left, place)
  const reference = take(left, '$ref')
  if (reference !== undefined) {
    follow(reference, place)
    return { ...definitions, ...convertReference(reference, left, place) }
  }
  const literals = takeLiterals(left)
  const type = take(left, 'type') ?? impliedType(left)
  const choices = convertChoices(left, place)
  const isBound = Object.keys(literals).length > 0
  if (!isBound && choices === undefined && type === undefined) throw shapeless(place)
  const description = take(left, 'description')
  const title = take(left, 'title')
  if (choices !== undefined && isJsonObject(left['properties'])) {
    // Both sides are closed, so together they allow nothing.
    throw inexpressible(place, 'has properties beside a choice of schemas')
  }
  const shape = isBound || choices !== undefined ? {} : convertShape(type, left, place)
  return {
    ...definitions,
    ...literals,
    ...choices,
    ...(!isBound && choices === undefined && { type }),
    ...(title !== undefined && { title }),
    ...shape,
    ...((description !== undefined || Object.keys(left).length > 0) && { description: wordsOf(description, left) }),
  }
}

function convertDefinitions(left: Record<string, unknown>, place: Place): JsonObject {
  const converted: Record<string, unknown> = {}
  for (const keyword of DEFINITIONS) {
    const schemas = take(left, keyword)
    if (isJsonObject(schemas)) converted[keyword] = convertNamed(schemas, at(place, keyword))
  }
  return converted
}

function convertNamed(schemas: JsonObject, place: Place): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const inner = at(place, name)
      return [name, convert(schema, { ...inner, open: [...place.open, inner.path] })]
    }),
  )
}

// Nothing may stand beside a reference, so what is said of it goes around it.
function convertReference(reference: unknown, left: JsonObject, place: Place): JsonObject {
  const { title, description, ...constraints } = left
  // Both sides are closed, so together they allow nothing.
  if (SHAPES.some((keyword) => constraints[keyword] !== undefined)) {
    throw inexpressible(place, 'has a shape of its own beside a reference')
  }
  const words = wordsOf(description, constraints)
  if (title === undefined && words === '') return { $ref: reference }
  return {
    anyOf: [{ $ref: reference }],
    ...(title !== undefined && { title }),
    ...(words !== '' && { description: words }),
  }
}

function takeLiterals(left: Record<string, unknown>): JsonObject {
  const values = left['enum']
  const isEnum = Array.isArray(values) && values.length > 0 && values.every(isPrimitive)
  const isConst = left['const'] !== undefined && isPrimitive(left['const'])
  return {
    ...(isEnum && { enum: take(left, 'enum') }),
    ...(isConst && { const: take(left, 'const') }),
  }
}

function impliedType(left: JsonObject): string | undefined {
  if (isJsonObject(left['properties'])) return 'object'
  return left['items'] === undefined ? undefined : 'array'
}

function convertChoices(left: Record<string, unknown>, place: Place): JsonObject | undefined {
  const keyword = ['anyOf', 'oneOf', 'allOf'].find((name) => Array.isArray(left[name]))
  if (keyword === undefined) return undefined
  const entries = take(left, keyword)
  if (!Array.isArray(entries)) return undefined
  const converted = entries.map((entry, index) => convert(entry, at(at(place, keyword), String(index))))
  if (keyword !== 'allOf') return { anyOf: converted }
  // Each of them is closed, so together they allow nothing.
  if (entries.length > 1) throw inexpressible(place, 'joins several schemas with allOf')
  return { allOf: converted }
}

function convertShape(type: unknown, left: Record<string, unknown>, place: Place): JsonObject {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  return {
    ...(types.includes('object') && convertObject(left, place)),
    ...(types.includes('array') && convertArray(left, place)),
    ...(types.includes('string') && FORMATS.has(left['format']) && { format: take(left, 'format') }),
  }
}

function convertObject(left: Record<string, unknown>, place: Place): JsonObject {
  const properties = take(left, 'properties')
  const further = take(left, 'additionalProperties')
  const required = take(left, 'required')
  const fixed = isJsonObject(properties) ? properties : {}
  const isOpen = properties === undefined || (Object.keys(fixed).length === 0 && further !== undefined)
  if (isOpen && (further !== false || left['patternProperties'] !== undefined)) {
    throw inexpressible(place, 'is an object with open keys')
  }
  const missing = Array.isArray(required) ? required.find((name) => !Object.hasOwn(fixed, String(name))) : undefined
  if (missing !== undefined) throw inexpressible(place, `requires "${missing}", which is none of its properties,`)
  return {
    properties: convertNamed(fixed, at(place, 'properties')),
    additionalProperties: false,
    ...(required !== undefined && { required }),
  }
}

function convertArray(left: Record<string, unknown>, place: Place): JsonObject {
  // The end of a tuple, which is words as a whole.
  const items = left['items'] === false ? undefined : take(left, 'items')
  const isLeast = left['minItems'] === 0 || left['minItems'] === 1
  return {
    ...(items !== undefined && { items: convert(items, at(place, 'items')) }),
    ...(isLeast && { minItems: take(left, 'minItems') }),
  }
}

function follow(reference: unknown, place: Place): void {
  if (typeof reference !== 'string' || !reference.startsWith('#')) {
    throw inexpressible(place, `refers to ${JSON.stringify(reference)}, which is outside of it,`)
  }
  if (place.open.includes(reference)) throw inexpressible(place, `contains itself, by way of "${reference}"`)
  if (place.finite.has(reference)) return
  const target = resolve(reference, place.root)
  if (target === undefined) throw inexpressible(place, `refers to "${reference}", which is not there,`)
  convert(target, { ...place, path: reference, open: [...place.open, reference] })
  place.finite.add(reference)
}

// A JSON pointer as RFC 6901 has it.
function resolve(reference: string, root: JsonObject): unknown {
  const names = reference.split('/').slice(1)
  return names.reduce<unknown>((value, name) => {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) return value[Number(key)]
    return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }, root)
}

function wordsOf(description: unknown, left: JsonObject): string {
  const constraints = Object.entries(left).map(([name, value]) => `${name}: ${writeJson(value, name)}`)
  const said = typeof description === 'string' && description !== '' ? [description] : []
  return [...said, ...(constraints.length > 0 ? [`{${constraints.join(', ')}}`] : [])].join('\n\n')
}

function take(left: Record<string, unknown>, name: string): unknown {
  const value = left[name]
  delete left[name]
  return value
}

function at(place: Place, name: string): Place {
  return { ...place, path: `${place.path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` }
}

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value !== 'object' || value instanceof JsonText
}

function shapeless(place: Place): ProviderError {
  return inexpressible(place, 'does not say what type its value has')
}

function inexpressible({ path }: Place, problem: string): ProviderError {
  return new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `the schema of responseFormat ${problem} at "${path}", which the vendor cannot hold an answer to: let the agent ask for it in words instead, with outputVia "prompt"`,
  )
}

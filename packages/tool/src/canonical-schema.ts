import { ToolError } from './tool-error.ts'

/** The keywords that come first in every node, in this order; the others follow, sorted. */
const FIRST_KEYWORDS: readonly string[] = [
  'type',
  'description',
  'enum',
  'items',
  'properties',
  'required',
  'additionalProperties',
]

/** Keywords whose value is a schema, or a list of schemas. */
const SCHEMA_KEYWORDS: ReadonlySet<string> = new Set([
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
])

/** Keywords whose value maps names to schemas. */
const SCHEMA_MAP_KEYWORDS: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
])

/** Keywords that bring further schemas to bear on the same value, which may add properties to it. */
const IN_PLACE_KEYWORDS: readonly string[] = [
  '$dynamicRef',
  '$ref',
  'allOf',
  'anyOf',
  'dependencies',
  'dependentSchemas',
  'else',
  'if',
  'oneOf',
  'then',
]

/** Keywords whose schemas only test a value: closed, they would test for something else. */
const TESTS: ReadonlySet<string> = new Set(['contains', 'not'])

/** Of these, the ones that need no more than one of their schemas to hold. */
const CHOICES: ReadonlySet<string> = new Set(['$ref', 'anyOf', 'oneOf'])

/** Keywords with which a node describes an object by itself. */
const OBJECT_KEYWORDS: readonly string[] = [
  'additionalProperties',
  'patternProperties',
  'properties',
  'unevaluatedProperties',
]

/** Characters that the reference escapes beyond what JSON asks for. */
const BEYOND_JSON = /[<>&\u2028\u2029]/g

const MAX_DEPTH = 200

type Node = Readonly<Record<string, unknown>>

/** Where in the schema the writer is. */
interface Place {
  readonly path: string
  readonly depth: number
  /** Whether other schemas may add properties to the same objects, so that none of them may be closed. */
  readonly open: boolean
}

/**
 * Writes a JSON Schema as the text that is hashed into the log and sent to the model.
 *
 * The same schema gives the same text, whatever the order of its keys: compact,
 * each node with `type`, `description`, `enum`, `items`, `properties`,
 * `required`, `additionalProperties` in this order and every other keyword
 * behind them, sorted; properties and `required` sorted by their UTF-8 bytes;
 * strings with the escapes of the log's own JSON.
 *
 * An object that lists its properties is closed (`additionalProperties: false`)
 * unless it says otherwise or is put together out of several schemas, and always has
 * `required`. `$schema`, and the bounds of a safe integer, are left out.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` when a part is not JSON or not a schema.
 */
export function canonicalSchema(schema: unknown): string {
  const writer = new SchemaWriter()
  const root: Place = { path: 'schema', depth: 0, open: false }
  const text = writer.write(schema, root)
  // A definition that others extend may be any of them, the root included.
  return writer.extendsDefinitions ? new SchemaWriter().write(schema, { ...root, open: true }) : text
}

class SchemaWriter {
  /** Whether a reference puts a definition together with other schemas. */
  extendsDefinitions = false

  write(schema: unknown, place: Place): string {
    if (typeof schema === 'boolean') return String(schema)
    if (!isPlainObject(schema)) throw invalid(`${place.path} is ${nameOf(schema)}, expected a schema`)
    const node = withDefaults(schema, place)
    const alone = countParts(node) <= 1
    if ('$ref' in node && (place.open || !alone)) this.extendsDefinitions = true
    return writeMembers(sortedKeywords(node), (keyword) => {
      const combined = IN_PLACE_KEYWORDS.includes(keyword) && !(alone && CHOICES.has(keyword))
      const open = place.open || combined || TESTS.has(keyword)
      return this.#writeKeyword(keyword, node[keyword], { ...deeper(place, `.${keyword}`), open })
    })
  }

  #writeKeyword(keyword: string, value: unknown, place: Place): string {
    if (SCHEMA_MAP_KEYWORDS.has(keyword)) {
      if (!isPlainObject(value)) throw invalid(`${place.path} is ${nameOf(value)}, expected schemas by name`)
      const names = Object.keys(value).toSorted(compareUtf8)
      if (keyword === 'patternProperties') for (const name of names) checkPattern(name, place)
      return writeMembers(names, (name) => this.write(value[name], deeper(place, `.${name}`)))
    }
    if (!SCHEMA_KEYWORDS.has(keyword)) return writeJson(value, place)
    if (!Array.isArray(value)) return this.write(value, place)
    return `[${value.map((part, index) => this.write(part, deeper(place, `[${index}]`))).join(',')}]`
  }
}

/** Adds what objects have by default and drops what says nothing. */
function withDefaults(schema: Node, place: Place): Node {
  const node: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) if (!isNoise(keyword, value, schema)) node[keyword] = value
  if (!hasType(node, 'object') && !('properties' in node)) return node
  node['required'] = sortedNames(node['required'] ?? [], `${place.path}.required`)
  const saysOtherwise = OBJECT_KEYWORDS.some((keyword) => keyword !== 'properties' && keyword in node)
  // Of the bare `{ "type": "object" }` only the root means an object without properties.
  const parts = countParts(node)
  const complete = 'properties' in node ? parts === 1 : place.depth === 0 && parts === 0
  if (complete && !saysOtherwise && !place.open) node['additionalProperties'] = false
  return node
}

function isNoise(keyword: string, value: unknown, schema: Node): boolean {
  if (value === undefined || keyword === '$schema' || keyword.startsWith('~')) return true
  if (keyword === 'description') return value === ''
  // What every integer of a tool's input is anyway; some libraries write it out.
  if (!hasType(schema, 'integer')) return false
  return (
    (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER) ||
    (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER)
  )
}

/** How many schemas describe the value of this node: its own words about objects, and those it brings in. */
function countParts(node: Node): number {
  const own = OBJECT_KEYWORDS.some((keyword) => keyword in node) ? 1 : 0
  return own + IN_PLACE_KEYWORDS.filter((keyword) => keyword in node).length
}

function sortedKeywords(node: Node): readonly string[] {
  const rest = Object.keys(node).filter((keyword) => !FIRST_KEYWORDS.includes(keyword))
  return [...FIRST_KEYWORDS.filter((keyword) => keyword in node), ...rest.toSorted(compareUtf8)]
}

function sortedNames(value: unknown, path: string): readonly string[] {
  const isNames = Array.isArray(value) && value.every((name) => typeof name === 'string')
  if (!isNames) throw invalid(`${path} is ${nameOf(value)}, expected a list of names`)
  return [...new Set<string>(value)].toSorted(compareUtf8)
}

function checkPattern(pattern: string, place: Place): void {
  try {
    new RegExp(pattern, 'u').test('')
  } catch (cause) {
    const message = `${place.path} has ${quote(pattern)}, which is not a regular expression`
    throw new ToolError('TOOL_INVALID_DEFINITION', message, { cause })
  }
}

function writeJson(value: unknown, place: Place): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => writeJson(item, deeper(place, `[${index}]`))).join(',')}]`
  }
  if (!isPlainObject(value)) throw invalid(`${place.path} is ${nameOf(value)}, expected a JSON value`)
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return writeMembers(keys.toSorted(compareUtf8), (key) => writeJson(value[key], deeper(place, `.${key}`)))
}

function writeMembers(keys: readonly string[], write: (key: string) => string): string {
  return `{${keys.map((key) => `${quote(key)}:${write(key)}`).join(',')}}`
}

function deeper(place: Place, step: string): Place {
  const depth = place.depth + 1
  if (depth > MAX_DEPTH) throw invalid(`the schema nests deeper than ${MAX_DEPTH}, or contains itself`)
  return { path: place.path + step, depth, open: place.open }
}

function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    BEYOND_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Compares texts by their UTF-8 bytes, which is the order of code points and not that of UTF-16 units. */
function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}

function hasType(node: Node, type: string): boolean {
  const value = node['type']
  return value === type || (Array.isArray(value) && value.includes(type))
}

/** Reports whether `value` is an object that JSON could have written. */
export function isPlainObject(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}

function invalid(message: string): ToolError {
  return new ToolError('TOOL_INVALID_DEFINITION', message)
}

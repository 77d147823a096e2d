import { checkValue } from './check-value.ts'
import { listOf, objectOf, parseSchema, readField } from './form-field.ts'

type Schema = Readonly<Record<string, unknown>>

/**
 * Holds the arguments of a call, one JSON text, against the input schema of its
 * tool and returns what is wrong with them, a line for each problem.
 *
 * Looks at the arguments themselves, and not at what is nested in them: of that
 * only the tool is the judge. Without a schema they must be a JSON object.
 */
export function checkArguments(content: string, schema?: string): readonly string[] {
  const given = objectOf(JSON.parse(content))
  if (given === undefined) return [`arguments are a JSON object, not ${content.trim()}`]
  const root = schema === undefined ? undefined : objectOf(parseSchema(schema))
  return root === undefined ? [] : [...missingIn(given, root), ...misfitsIn(given, root), ...unknownIn(given, root)]
}

function missingIn(given: Schema, { required }: Schema): readonly string[] {
  const names = listOf(required).filter((name) => typeof name === 'string')
  return names.filter((name) => !Object.hasOwn(given, name)).map((name) => `${name} is required`)
}

function misfitsIn(given: Schema, { properties }: Schema): readonly string[] {
  return Object.entries(objectOf(properties) ?? {}).flatMap(([name, property]) => {
    const schema = objectOf(property)
    if (schema === undefined || !Object.hasOwn(given, name)) return []
    const problem = checkProperty(name, schema, given[name])
    return problem === undefined ? [] : [`${name}: ${problem}`]
  })
}

function unknownIn(given: Schema, { properties, additionalProperties, patternProperties }: Schema): readonly string[] {
  if (additionalProperties !== false || patternProperties !== undefined) return []
  const names = Object.keys(objectOf(properties) ?? {})
  const unknown = Object.keys(given).filter((name) => !names.includes(name))
  return unknown.map((name) => `the tool takes no ${name}; it takes ${names.join(', ') || 'nothing'}`)
}

function checkProperty(name: string, schema: Schema, value: unknown): string | undefined {
  const values = 'const' in schema ? [schema['const']] : listOf(schema['enum'])
  // A list or an object among the values is for the tool to compare.
  if (values.length > 0 && values.every(isPlain)) {
    if (values.includes(value)) return undefined
    return `one of ${values.map((one) => JSON.stringify(one)).join(', ')}, got ${JSON.stringify(value)}`
  }
  const field = readField(name, schema)
  if (field !== undefined) return checkValue({ ...field, required: true }, value)
  const types = [schema['type']].flat().filter((type) => typeof type === 'string')
  if (types.length === 0 || types.some((type) => isOfType(type, value))) return undefined
  return `wants ${types.map((type) => WANTED[type] ?? type).join(' or ')}, got ${JSON.stringify(value)}`
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object'
}

const WANTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/** A type that no schema knows holds nobody to anything. */
function isOfType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return objectOf(value) !== undefined
  if (type === 'null') return value === null
  if (type === 'integer') return Number.isInteger(value)
  return ['string', 'number', 'boolean'].includes(type) ? typeof value === type : true
}

import { isPlainObject } from './canonical-schema.ts'
import { joinPath } from './join-path.ts'
import type { StandardIssue } from './standard-schema.ts'

type Schema = Readonly<Record<string, unknown>>

/**
 * Returns one line for each property of `value` that a closed object of the schema does not have.
 *
 * Validators often drop such properties without a word, although the schema
 * that the model was shown forbids them. Follows properties and items, not
 * choices and references.
 */
export function findUnknownProperties(value: unknown, schema: unknown, path = ''): string[] {
  if (!isPlainObject(schema)) return []
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findUnknownProperties(item, itemSchema(schema, index), joinPath(path, index)))
  }
  if (!isPlainObject(value)) return []
  const properties = isPlainObject(schema['properties']) ? schema['properties'] : {}
  return Object.keys(value).flatMap((key) => {
    if (Object.hasOwn(properties, key)) return findUnknownProperties(value[key], properties[key], joinPath(path, key))
    const allowed = schema['additionalProperties'] !== false || matchesPattern(schema, key)
    return allowed ? [] : [`${joinPath(path, key)}: unknown property, ${expected(Object.keys(properties))}`]
  })
}

/** Returns one line for each issue, beginning with its place. */
export function describeIssues(issues: readonly StandardIssue[]): string[] {
  return issues.map(({ message, path = [] }) => {
    const place = path.reduce<string>(
      (joined, step) => joinPath(joined, typeof step === 'object' ? step.key : step),
      '',
    )
    return `${place === '' ? 'input' : place}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`
  })
}

function itemSchema(schema: Schema, index: number): unknown {
  const prefix = schema['prefixItems']
  return Array.isArray(prefix) && index < prefix.length ? prefix[index] : schema['items']
}

function matchesPattern(schema: Schema, key: string): boolean {
  const patterns = isPlainObject(schema['patternProperties']) ? Object.keys(schema['patternProperties']) : []
  return patterns.some((pattern) => new RegExp(pattern, 'u').test(key))
}

function expected(names: readonly string[]): string {
  return names.length === 0 ? 'expected none' : `expected ${names.join(', ')}`
}

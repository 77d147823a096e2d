import { fromJsonSchema } from '@modelcontextprotocol/client'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import type { StandardResult } from '@starling/tool'

/** Reports whether a value matches a schema, or one issue that says everything that does not. */
export type Validate = (value: unknown) => StandardResult<unknown> | Promise<StandardResult<unknown>>

/** A schema as a catalogue holds it. */
export interface WrittenSchema {
  readonly inputSchema: string
  /** The dialect it is written in, when that is not 2020-12; see {@link dialectOf}. */
  readonly dialect?: string | undefined
}

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#'
const DRAFT_2019_09 = 'https://json-schema.org/draft/2019-09/schema'

/** The older dialect that a schema says it is written in; what is unknown counts as 2020-12, the default. */
export function dialectOf({ $schema }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof $schema !== 'string') return undefined
  if (/\/draft-0[467]\//.test($schema)) return DRAFT_07
  return $schema.includes('/draft/2019-09/') ? DRAFT_2019_09 : undefined
}

/**
 * Compiles a schema; throws when that cannot be done.
 *
 * In an engine of its own: one that is shared keeps every schema for ever, and
 * takes two with the same `$id` for one.
 */
export function compileSchema({ inputSchema, dialect }: WrittenSchema): Validate {
  const schema: unknown = JSON.parse(inputSchema)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw new TypeError('the schema is not an object')
  const written = dialect === undefined ? { ...schema } : { ...schema, $schema: dialect }
  const { validate } = fromJsonSchema(written, new AjvJsonSchemaValidator())['~standard']
  return (value) => validate(value)
}

/** The compiled schemas of one source: each text is compiled once, however often it is listed. */
export class SchemaValidators {
  #compiled = new Map<string, Validate>()

  /** Throws when the schema cannot be compiled. */
  get(schema: WrittenSchema): Validate {
    const key = keyOf(schema)
    const known = this.#compiled.get(key)
    if (known !== undefined) return known
    const validate = compileSchema(schema)
    this.#compiled.set(key, validate)
    return validate
  }

  /** Forgets every schema but these. */
  keep(schemas: readonly WrittenSchema[]): void {
    const kept = new Set(schemas.map(keyOf))
    this.#compiled = new Map([...this.#compiled].filter(([key]) => kept.has(key)))
  }
}

function keyOf({ inputSchema, dialect = '' }: WrittenSchema): string {
  return `${dialect} ${inputSchema}`
}

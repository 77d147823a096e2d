import { createSchemaReader, ToolError, type SchemaReader, type StandardIssue } from '@starling/tool'

import { parseExact, parseNearlyExact, roundNumbers } from './exact-json.ts'
import type { Validate } from './schema-validators.ts'

/** Checks the JSON text of a call's arguments and returns them with every number as the model wrote it. */
export type ArgumentsReader = (input: string) => Promise<Arguments>

/** The arguments of a call, to be written as JSON; see `parseExact` for why not to be looked at. */
export type Arguments = Readonly<Record<string, unknown>>

/**
 * Creates the reader of a tool's arguments.
 *
 * @param validator - asked for at the first call: a server may have many tools of which a run calls few.
 */
export function createArgumentsReader(name: string, inputSchema: string, validator: () => Validate): ArgumentsReader {
  let validate: Validate | undefined
  let reader: SchemaReader<unknown> | undefined
  // What goes into a header as well, the SDK looks at.
  const parse = inputSchema.includes('"x-mcp-header"') ? parseNearlyExact : parseExact
  return async (input) => {
    validate ??= validator()
    const plain = parsePlain(input)
    if (plain !== undefined && (await validate(plain)).issues === undefined) return plain
    reader ??= createSchemaReader(schemaOf(inputSchema, validate))
    // The check sees rounded numbers, so that it does not refuse what the server can take.
    const { problems } = await reader.read(roundNumbers(input))
    if (problems !== undefined) throw invalidInput(name, problems)
    const exact = input === '' ? {} : parse(input)
    return isObject(exact) ? exact : {}
  }
}

/** The object that a text is, when it would be written the same again: then it holds nothing that needs a closer look. */
function parsePlain(input: string): Arguments | undefined {
  try {
    const value: unknown = JSON.parse(input)
    return isObject(value) && JSON.stringify(value) === input ? value : undefined
  } catch {
    return undefined // The reader says what is wrong with it.
  }
}

function schemaOf(
  inputSchema: string,
  validate: Validate,
): { readonly schema: object; parse(value: unknown): unknown } {
  const schema: unknown = JSON.parse(inputSchema)
  return {
    schema: Object(schema),
    async parse(value) {
      const checked = await validate(value)
      if (checked.issues === undefined) return value
      throw Object.assign(new Error('arguments do not match'), { issues: checked.issues.flatMap(splitIssue) })
    },
  }
}

/** The SDK's validator says everything in one text: `data/a must be string, data must have …`. */
function splitIssue({ message }: { readonly message: string }): readonly StandardIssue[] {
  return message.split(/, (?=data[/ ])/).map((line) => {
    const [, place = '', rest = line] = /^data((?:\/\S*)?) (.*)$/s.exec(line) ?? []
    const steps = place.split('/').slice(1)
    return { message: rest, path: steps.map((step) => (/^\d+$/.test(step) ? Number(step) : unescapeStep(step))) }
  })
}

/** A step of a JSON Pointer (RFC 6901). */
function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

function isObject(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalidInput(toolName: string, problems: readonly string[]): ToolError {
  const lines = problems.map((problem) => `\n- ${problem}`)
  return new ToolError('TOOL_INVALID_INPUT', `invalid input for tool ${toolName}:${lines.join('')}`)
}

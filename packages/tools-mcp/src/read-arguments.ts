import { fromJsonSchema } from '@modelcontextprotocol/client'
import { createSchemaReader, ToolError, type SchemaReader, type StandardIssue } from '@starling/tool'

import { parseExact, roundNumbers } from './exact-json.ts'

/** Checks the JSON text of a call's arguments and returns them with every number as the model wrote it. */
export type ArgumentsReader = (input: string) => Promise<Readonly<Record<string, unknown>>>

/**
 * Creates the reader of a tool's arguments.
 *
 * The schema is compiled at the first call: a server may have many tools of which a run calls few.
 */
export function createArgumentsReader(name: string, inputSchema: string): ArgumentsReader {
  let reader: SchemaReader<unknown> | undefined
  return async (input) => {
    reader ??= createSchemaReader(toPlainSchema(inputSchema))
    // The check sees rounded numbers, so that it does not refuse what the server can take.
    const { problems } = await reader.read(roundNumbers(input))
    if (problems !== undefined) throw invalidInput(name, problems)
    const exact = input === '' ? {} : parseExact(input)
    if (!isObject(exact)) throw invalidInput(name, ['input: expected an object'])
    return exact
  }
}

/** Throws when the schema cannot be compiled. */
export function checkInputSchema(inputSchema: string): void {
  toPlainSchema(inputSchema)
}

function toPlainSchema(inputSchema: string): { readonly schema: object; parse(value: unknown): unknown } {
  const schema: unknown = JSON.parse(inputSchema)
  if (!isObject(schema)) throw new TypeError('the schema is not an object')
  const { validate } = fromJsonSchema({ ...schema })['~standard']
  return {
    schema,
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalidInput(toolName: string, problems: readonly string[]): ToolError {
  const lines = problems.map((problem) => `\n- ${problem}`)
  return new ToolError('TOOL_INVALID_INPUT', `invalid input for tool ${toolName}:${lines.join('')}`)
}

import type { PlainInputSchema } from '@starling/tool'

/**
 * The inputs of the built-in tools, described once for the model and for the check.
 *
 * Written here rather than with a schema library: the text of a schema is
 * hashed into the log and the words of a refusal are compared by a replay, so
 * both must stay the same whatever else is installed.
 */

/** One property of an input. */
export interface InputField<Value> {
  /** Its JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>
  readonly required: boolean
  /** What it is when the model leaves it out. */
  readonly fallback: Value | undefined
  /** Returns what was expected of a value that does not fit. */
  readonly expected: (value: unknown) => string | undefined
}

/** What a field gives. */
export type InputValue<Field> = Field extends InputField<infer Value> ? Value : never

type Fields = Readonly<Record<string, InputField<unknown>>>

/** Bounds of a text, in UTF-16 units. */
export interface TextBounds {
  /** Default: 1. */
  readonly minLength?: number
  readonly maxLength: number
}

/** Describes the input of a tool by its properties; the order is that of the call. */
export function inputOf<Shape extends Fields>(
  fields: Shape,
): PlainInputSchema<{ readonly [Name in keyof Shape]: InputValue<Shape[Name]> }> {
  const entries = Object.entries(fields)
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, field]) => [name, field.schema])),
      required: entries.filter(([, field]) => field.required).map(([name]) => name),
    },
    parse(value) {
      const given = isObject(value) ? value : undefined
      if (given === undefined) throw new InputProblems([{ message: 'expected an object' }])
      const issues = entries.flatMap(([name, field]) => findIssue(name, field, given[name]))
      if (issues.length > 0) throw new InputProblems(issues)
      const read = entries.map(([name, field]) => [name, given[name] ?? field.fallback])
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field has passed its own check just above
      return Object.fromEntries(read) as { readonly [Name in keyof Shape]: InputValue<Shape[Name]> }
    },
  }
}

/** A text. */
export function textField(description: string, bounds: TextBounds): InputField<string> {
  const { minLength = 1, maxLength } = bounds
  return {
    schema: { type: 'string', description, minLength, maxLength },
    required: true,
    fallback: undefined,
    expected: (value) =>
      typeof value === 'string' && value.length >= minLength && value.length <= maxLength
        ? undefined
        : `text of ${minLength} to ${maxLength} characters`,
  }
}

/** A whole number within bounds, both included. */
export function integerField(description: string, minimum: number, maximum: number): InputField<number> {
  return {
    schema: { type: 'integer', description, minimum, maximum },
    required: true,
    fallback: undefined,
    expected: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum
        ? undefined
        : `a whole number from ${minimum} to ${maximum}`,
  }
}

/** Yes or no. */
export function flagField(description: string): InputField<boolean> {
  return {
    schema: { type: 'boolean', description },
    required: true,
    fallback: undefined,
    expected: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  }
}

/** One of a few words. */
export function choiceField<const Word extends string>(description: string, words: readonly Word[]): InputField<Word> {
  return {
    schema: { type: 'string', description, enum: words },
    required: true,
    fallback: undefined,
    expected: (value) => (words.some((word) => word === value) ? undefined : words.join(' or ')),
  }
}

/** A list of texts. */
export function textsField(
  description: string,
  bounds: TextBounds & { readonly maxItems: number },
): InputField<readonly string[]> {
  const { minLength = 1, maxLength, maxItems } = bounds
  const fits = (item: unknown): boolean =>
    typeof item === 'string' && item.length >= minLength && item.length <= maxLength
  return {
    schema: { type: 'array', description, items: { type: 'string', minLength, maxLength }, maxItems },
    required: true,
    fallback: undefined,
    expected: (value) =>
      Array.isArray(value) && value.length <= maxItems && value.every(fits)
        ? undefined
        : `at most ${maxItems} texts of ${minLength} to ${maxLength} characters`,
  }
}

/** A field that the model may leave out. */
export function optionalField<Value>(field: InputField<Value>): InputField<Value | undefined> {
  return { ...field, required: false, fallback: undefined }
}

/** A field that has a value when the model leaves it out, and says so. */
export function fieldWithDefault<Value>(field: InputField<Value>, fallback: Value): InputField<Value> {
  return { ...field, schema: { ...field.schema, default: fallback }, required: false, fallback }
}

interface InputIssue {
  readonly message: string
  readonly path?: readonly string[]
}

/** What validators throw: the list of what is wrong. */
class InputProblems extends Error {
  readonly issues: readonly InputIssue[]

  constructor(issues: readonly InputIssue[]) {
    super(issues.map(({ message }) => message).join('; '))
    this.issues = issues
  }
}

function findIssue(name: string, field: InputField<unknown>, value: unknown): readonly InputIssue[] {
  if (value === undefined && !field.required) return []
  const expected = field.expected(value)
  if (expected === undefined) return []
  return [{ path: [name], message: value === undefined ? `missing, expected ${expected}` : `expected ${expected}` }]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

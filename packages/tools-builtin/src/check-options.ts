import { nearestName } from '@starling/event'
import { definePolicy, ToolError, type ToolPolicy } from '@starling/tool'

/** Checks one option; returns what it expected of a value that does not fit. */
export type OptionCheck = (value: unknown) => string | undefined

/** A check for every option of a tool. */
export type OptionChecks<Options> = { readonly [Name in keyof Options]-?: OptionCheck }

/** The longest wait of a timer: 2^31 - 1 milliseconds, a little under 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Checks the options of a tool: each exists and fits. `undefined` counts as not given.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` that names the option.
 */
export function checkOptions<Options extends object>(
  tool: string,
  options: Options,
  checks: OptionChecks<Options>,
): void {
  const byName = new Map(Object.entries<OptionCheck>(checks))
  for (const [name, value] of Object.entries(options)) {
    const check = byName.get(name)
    if (check === undefined) {
      const nearest = nearestName(name, [...byName.keys()])
      const hint = nearest === undefined ? `known are ${[...byName.keys()].join(', ')}` : `did you mean "${nearest}"?`
      throw invalidOption(tool, `unknown option "${name}": ${hint}`)
    }
    const expected = value === undefined ? undefined : check(value)
    if (expected !== undefined) throw invalidOption(tool, `option ${name} is ${show(value)}, expected ${expected}`)
  }
}

/** Makes the error for an option that a tool cannot have. */
export function invalidOption(tool: string, problem: string): ToolError {
  return new ToolError('TOOL_INVALID_DEFINITION', `tool ${tool}: ${problem}`)
}

/** Lays the policy that a user gave over the one a tool has by itself. */
export function overridePolicy(own: ToolPolicy, given: ToolPolicy | undefined): ToolPolicy {
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return definePolicy({ ...own, ...Object.fromEntries(set) })
}

/** A whole number within bounds, both included. */
export function wholeNumber(minimum: number, maximum: number): OptionCheck {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum
      ? undefined
      : `a whole number from ${minimum} to ${maximum}`
}

/** Milliseconds that a timer can wait. */
export const milliseconds: OptionCheck = wholeNumber(1, MAX_TIMER_MS)

/** Text that is not empty. */
export const someText: OptionCheck = (value) => (typeof value === 'string' && value !== '' ? undefined : 'text')

/** A list of texts, none of them empty. */
export const texts: OptionCheck = (value) =>
  Array.isArray(value) && value.every((item) => someText(item) === undefined) ? undefined : 'a list of texts'

/** One of these values. */
export function oneOf(...values: readonly (string | boolean)[]): OptionCheck {
  return (value) => (values.some((allowed) => allowed === value) ? undefined : values.join(' or '))
}

/** A function. */
export const aFunction: OptionCheck = (value) => (typeof value === 'function' ? undefined : 'a function')

/** An object whose values are all texts. */
export const textsByName: OptionCheck = (value) =>
  isRecord(value) && Object.values(value).every((item) => typeof item === 'string') ? undefined : 'texts by name'

/** A policy; what is in it is checked with the tool's own. */
export const aPolicy: OptionCheck = (value) => (isRecord(value) ? undefined : 'a policy')

/** Reports whether `value` is an object with properties by name. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return `a ${typeof value}` // a bigint, or an object that contains itself
  }
}

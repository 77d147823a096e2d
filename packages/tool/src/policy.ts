import { ToolError } from './tool-error.ts'
import type { Tool, ToolPolicy } from './tool.ts'
import { wrap } from './wrap.ts'

/** The longest wait of a timer: 2^31 - 1 milliseconds, a little under 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

type Check = (value: unknown) => string | undefined

/** What each field of a policy must be; a check returns what it expected. */
const CHECKS: Readonly<Record<keyof ToolPolicy, Check>> = {
  timeoutMs: waitingTime,
  maxAttempts: wholeNumber,
  idempotent: oneOf(true, false),
  inDoubt: oneOf('ask', 'report', 'fail'),
  concurrency: wholeNumber,
  maxResultBytes: wholeNumber,
  approval: oneOf(true, false),
  approvalTimeoutMs: waitingTime,
  redact: (value) => (typeof value === 'function' ? undefined : 'a function'),
  onError: oneOf('feedback', 'fail'),
  replay: oneOf('execute', 'recorded'),
}

/**
 * Checks a policy and returns a frozen copy.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` for a field that does not
 * exist or a value it cannot have, and for fields that contradict each other.
 */
export function definePolicy(policy: ToolPolicy): ToolPolicy {
  for (const [field, value] of Object.entries(policy)) {
    if (!isField(field)) throw invalid(`policy field ${field} does not exist`)
    const expected = value === undefined ? undefined : CHECKS[field](value)
    if (expected !== undefined) throw invalid(`policy field ${field} is ${String(value)}, expected ${expected}`)
  }
  const { maxAttempts = 1, idempotent, replay } = policy
  if (maxAttempts > 1 && idempotent !== true) {
    throw invalid(`policy has maxAttempts ${maxAttempts}, which needs idempotent true, not ${String(idempotent)}`)
  }
  if (replay === 'execute' && idempotent === false) {
    throw invalid('policy has replay execute, which a tool with idempotent false does not allow')
  }
  return Object.freeze({ ...policy })
}

/**
 * Returns the same tool with `policy` laid over its own.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` as {@link definePolicy} does, for the two together.
 */
export function withPolicy(tool: Tool, policy: ToolPolicy): Tool {
  const merged = definePolicy({ ...tool.policy, ...policy })
  return { ...wrap(tool, (input, context, next) => next(input, context)), policy: merged }
}

function isField(name: string): name is keyof ToolPolicy {
  return Object.hasOwn(CHECKS, name)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function waitingTime(value: unknown): string | undefined {
  return isNumber(value) && value > 0 && value <= MAX_TIMER_MS ? undefined : 'milliseconds above 0 and below 2^31'
}

function wholeNumber(value: unknown): string | undefined {
  return isNumber(value) && Number.isSafeInteger(value) && value >= 1 ? undefined : 'a whole number from 1'
}

function oneOf(...values: readonly (string | boolean)[]): Check {
  return (value) => (values.some((allowed) => allowed === value) ? undefined : values.join(' or '))
}

function invalid(message: string): ToolError {
  return new ToolError('TOOL_INVALID_DEFINITION', message)
}

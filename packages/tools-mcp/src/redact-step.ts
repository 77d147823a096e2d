import { cborToJson, decodeValue, encodeValue, jsonToCbor } from '@starling/event'
import type { ToolPolicy } from '@starling/tool'

import type { CallStep } from './call-step.ts'

/** What hides things before they are recorded. */
export type Redact = NonNullable<ToolPolicy['redact']>

/**
 * Hides what the policy says in what a server answered: the run does so with the
 * result, but the exchange with the server is recorded before that.
 *
 * Throws what `redact` throws for a result; the words of a failure then stay as they are.
 */
export function redactStep(step: CallStep, redact: Redact): CallStep {
  if (!('result' in step)) return step
  if (step.is_error === true) return { ...step, result: redactWords(step.result, redact) }
  const value = redact(decodeValue(jsonToCbor(step.result)), 'output')
  return { ...step, result: cborToJson(encodeValue(value)) }
}

/** The words of a failure without what the policy hides. */
export function redactWords(words: string, redact: Redact): string {
  try {
    const redacted = redact(words, 'output')
    return typeof redacted === 'string' ? redacted : words
  } catch {
    return words // As the run does: a failure must be told.
  }
}

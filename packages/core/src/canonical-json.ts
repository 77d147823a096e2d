import { cborToJson, jsonToCbor } from '@starling/event'
import { errorText, isWithin, SCHEDULED_LEVELS } from '@starling/step'
import { refuse } from './agent-options.ts'

/**
 * A JSON text in canonical form.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is not JSON, or is nested deeper than the log takes.
 */
export function canonicalJson(text: string, what: string): string {
  let json: string
  try {
    json = cborToJson(jsonToCbor(text, { uniqueKeys: true }))
  } catch (cause) {
    return refuse(`${what} is not JSON: ${errorText(cause)}`, cause)
  }
  if (isWithin(SCHEDULED_LEVELS, json)) return json
  return refuse(`${what} is nested deeper than ${SCHEDULED_LEVELS} levels`)
}

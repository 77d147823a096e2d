import { cborToJson, decodeValue, encodeValue, jsonToCbor, utf8Encode } from '@starling/event'
import { ToolError } from '@starling/tool'
import type { Tool, ToolAttachment } from '@starling/tool'
import { ENGINE } from './engine.ts'
import type { Engine } from './engine.ts'
import { SCHEDULED_LEVELS, textWithin } from './nesting.ts'
import type { OperationOutcome } from './observer.ts'
import type { RunningCall } from './running-call.ts'
import type { ResultText } from './tool-call.ts'

/** What came of an attempt. */
export type AttemptResult =
  | ({ readonly ok: true; readonly attachments: readonly ToolAttachment[] } & ResultText)
  | { readonly ok: false; readonly error: unknown; readonly errorType: string }

/** A result that someone gave in the tool's stead is held to what the tool's own would be. */
export function giveResult(given: Uint8Array, tool: Tool | undefined, engine: Engine): AttemptResult {
  const text = cborToJson(given)
  if (tool === undefined) return { ok: true, result: given, canonical: text, raw: text, attachments: [] }
  try {
    return finishResult({ text, attachments: [] }, tool, engine)
  } catch (error) {
    return { ok: false, error, errorType: 'tool' }
  }
}

const DEFAULT_MAX_RESULT_BYTES = 1024 * 1024

/** What a tool has returned. */
interface Returned {
  readonly text: string
  readonly attachments: readonly ToolAttachment[]
}

/** What the model is to see, it must be able to see: a call inside another is not shown to it. */
export function assertShown({ environment, plan, place }: RunningCall, attachments: readonly ToolAttachment[]): void {
  if (environment.recorder.engine === ENGINE.reference) {
    throw new ToolError(
      'TOOL_INVALID_OUTPUT',
      `the result of ${plan.tool} has attachments, which the reference has not`,
    )
  }
  const problem = place === undefined ? environment.refuseAttachments?.(attachments) : undefined
  if (problem === undefined) return
  throw new ToolError('TOOL_INVALID_OUTPUT', `the result of ${plan.tool} cannot be shown: ${problem}`)
}

/** Holds what a tool has returned to the rules for results. */
export function finishResult({ text, attachments }: Returned, tool: Tool, engine: Engine): AttemptResult {
  const policy = tool.policy ?? {}
  const raw = jsonToCbor(text === '' ? 'null' : text)
  const result = policy.redact === undefined ? raw : encodeValue(policy.redact(decodeValue(raw), 'output'))
  const canonical = engine === ENGINE.reference ? cborToJson(result) : textWithin(SCHEDULED_LEVELS, result, 'result')
  const limit = policy.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES
  // The UTF-8 text is at least as long as the UTF-16 one: most results need not be encoded to be measured.
  if (canonical.length > limit || (canonical.length * 3 > limit && utf8Encode(canonical).length > limit)) {
    throw new ToolError('TOOL_RESULT_TOO_LARGE', `the result of ${tool.name} is larger than ${limit} bytes`)
  }
  return { ok: true, result, canonical, raw: text, attachments }
}

/** How an attempt went, for whoever observes the run. */
export function outcomeOf(result: AttemptResult): OperationOutcome {
  if (result.ok) return { status: 'ok', errorType: 'none' }
  return {
    status: result.errorType === 'cancelled' ? 'cancelled' : 'error',
    errorType: result.errorType,
    error: result.error,
  }
}

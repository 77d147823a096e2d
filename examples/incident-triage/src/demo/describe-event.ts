import { decodePayload, isKnownKind, KIND, kindName, type Event } from '@starling/event'
import { fit, paint } from './terminal.ts'

const NAME_WIDTH = 26
const DETAIL_WIDTH = 58

/** Describes an event in one line: its number, kind and what matters of its payload. */
export function describeEvent(event: Event): string {
  const detail = fit(detailOf(event), DETAIL_WIDTH)
  const name = detail === '' ? kindName(event.kind) : kindName(event.kind).padEnd(NAME_WIDTH)
  return `${paint('dim', `#${String(event.seq).padEnd(3)}`)} ${paint('cyan', name)} ${detail}`.trimEnd()
}

function detailOf({ kind, payload }: Event): string {
  if (!isKnownKind(kind)) return ''
  switch (kind) {
    case KIND.RunStarted: {
      const { modelId, providerId, toolSchemas } = decodePayload(kind, payload)
      return `${modelId} at ${providerId}, ${toolSchemas?.length ?? 0} tools`
    }
    case KIND.AssistantMessageCompleted: {
      const { toolUses = [], inputTokens, outputTokens } = decodePayload(kind, payload)
      const calls = toolUses.length === 0 ? 'the answer' : `plans ${toolUses.map(({ tool }) => tool).join(' + ')}`
      return `${calls} (${inputTokens} + ${outputTokens} tokens)`
    }
    case KIND.ToolCallScheduled: {
      const { tool, callId, reissueOf } = decodePayload(kind, payload)
      return reissueOf === undefined ? `${tool} ${callId}` : `${tool}, again for ${reissueOf}`
    }
    case KIND.ToolCallCompleted: {
      const { callId, result } = decodePayload(kind, payload)
      return `${callId}, ${result.length} bytes`
    }
    case KIND.ToolCallFailed:
      return decodePayload(kind, payload).error
    case KIND.RunResumed:
      return `after #${decodePayload(kind, payload).atSeq}`
    case KIND.RunCompleted: {
      const { turnCount, toolCallCount } = decodePayload(kind, payload)
      return `${turnCount} turns, ${toolCallCount} tool calls`
    }
    case KIND.RunFailed:
    case KIND.TurnFailed:
      return decodePayload(kind, payload).error
    default:
      return ''
  }
}

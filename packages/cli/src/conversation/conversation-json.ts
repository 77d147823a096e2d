import type { RunSummary } from '@starling/eventlog'
import { formatTime } from '../output/format.ts'
import { snakeKeys } from '../snake-keys.ts'
import { summaryJson } from '../summary-json.ts'
import type { AttachmentView } from './attachment-view.ts'
import type { Conversation, ConversationItem } from './conversation.ts'
import type { AnswerPart } from './view-parts.ts'

/**
 * Returns a conversation as JSON data. Tool arguments, results, settings,
 * citations, opaque parts and what was decided or answered are JSON *text*, so
 * that large integers survive any reader. Of attachments there is everything but the bytes.
 */
export function conversationJson(conversation: Conversation, summary: RunSummary): Record<string, unknown> {
  const { started, settings, items, sideEffects } = conversation
  return {
    ...summaryJson(summary),
    provider: started?.providerId ?? null,
    model: started?.modelId ?? null,
    system_prompt: started?.systemPrompt ?? null,
    tools: (started?.toolSchemas ?? []).map((tool) => tool.name),
    settings: settings ?? null,
    budget: started?.budget === undefined ? null : snakeKeys(started.budget),
    side_effect_count: sideEffects,
    items: items.map(itemJson),
  }
}

function itemJson(item: ConversationItem): Record<string, unknown> {
  switch (item.type) {
    case 'turn-failed':
      return { type: item.type, seq: item.seq, ...snakeKeys(item.failure) }
    case 'budget-exceeded':
      return { type: item.type, seq: item.seq, ...snakeKeys(item.budget) }
    case 'context-truncated':
      return { type: item.type, seq: item.seq, ...snakeKeys(item.truncation) }
    case 'resumed':
      return { type: item.type, seq: item.seq, ...snakeKeys(item.resume) }
    case 'tool-call': {
      const { outcome, ...call } = item
      return { ...snakeKeys(call), ...snakeKeys(outcome), ...attachmentsJson(outcome) }
    }
    case 'approval-requested':
    case 'approval-decided':
    case 'question-asked':
    case 'question-answered': {
      const { at, ...rest } = item
      return { ...snakeKeys(rest), at: formatTime(at) }
    }
    case 'user':
      return { ...snakeKeys(item), ...attachmentsJson(item) }
    case 'assistant':
      return { ...snakeKeys(item), ...(item.parts === undefined ? {} : { parts: item.parts.map(partJson) }) }
    default:
      return snakeKeys(item)
  }
}

function attachmentsJson(item: object & { readonly attachments?: readonly AttachmentView[] | undefined }): {
  readonly attachments?: unknown
} {
  return item.attachments === undefined ? {} : { attachments: item.attachments.map(snakeKeys) }
}

/** Under the names of the log. */
function partJson(part: AnswerPart): Record<string, unknown> {
  return part.type === 'mark' ? { type: part.of } : snakeKeys(part)
}

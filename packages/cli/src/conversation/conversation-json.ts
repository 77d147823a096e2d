import type { RunSummary } from '@starling/eventlog'
import { snakeKeys } from '../snake-keys.ts'
import { summaryJson } from '../summary-json.ts'
import type { Conversation, ConversationItem } from './conversation.ts'

/**
 * Returns a conversation as JSON data. Tool arguments and results are JSON
 * *text*, so that large integers survive any reader.
 */
export function conversationJson(conversation: Conversation, summary: RunSummary): Record<string, unknown> {
  const { started, items, sideEffects } = conversation
  return {
    ...summaryJson(summary),
    provider: started?.providerId ?? null,
    model: started?.modelId ?? null,
    system_prompt: started?.systemPrompt ?? null,
    tools: (started?.toolSchemas ?? []).map((tool) => tool.name),
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
      return { ...snakeKeys(call), ...snakeKeys(outcome) }
    }
    default:
      return snakeKeys(item)
  }
}

import { KIND, cborToJson, decodePayload, kindName, type Event, type RunStarted } from '@starling/event'
import { readApprovalEvent } from '../approvals/recorded-approval.ts'
import { viewAttachments } from './attachment-view.ts'
import type { AssistantItem, Conversation, ConversationItem, ToolCallItem, ToolOutcome } from './conversation.ts'
import { viewParts } from './view-parts.ts'

/**
 * Reads the events of a run as a conversation.
 *
 * Never fails: an event that cannot be read becomes an item that says so, as
 * this is how one looks at a damaged run.
 */
export function buildConversation(events: Iterable<Event>): Conversation {
  const builder: Builder = {
    started: undefined,
    settings: undefined,
    items: [],
    open: new Map(),
    tools: new Map(),
    sideEffects: 0,
  }
  for (const event of events) {
    try {
      add(builder, event)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      builder.items.push({ type: 'unreadable', seq: event.seq, kind: kindName(event.kind), error: reason })
    }
  }
  const { started, settings, items, sideEffects } = builder
  return { started, settings, items, sideEffects }
}

interface Builder {
  started: RunStarted | undefined
  settings: string | undefined
  readonly items: ConversationItem[]
  /** Where the open attempts stand in `items`, by call and attempt. */
  readonly open: Map<string, number>
  /** The tool of every call that was planned. */
  readonly tools: Map<string, string>
  sideEffects: number
}

function add(builder: Builder, event: Event): void {
  const { items } = builder
  const { kind, seq, payload } = event
  switch (kind) {
    case KIND.RunStarted: {
      builder.started ??= decodePayload(KIND.RunStarted, payload)
      const { goal, settings, attachments } = builder.started
      if (seq === 1) items.push({ type: 'user', seq, text: goal, attachments: viewAttachments(attachments) })
      if (settings !== undefined) builder.settings ??= cborToJson(settings)
      break
    }
    case KIND.UserMessageAppended: {
      const { content, attachments } = decodePayload(KIND.UserMessageAppended, payload)
      items.push({ type: 'user', seq, text: content, attachments: viewAttachments(attachments) })
      break
    }
    case KIND.ReasoningEmitted: {
      const { content, redacted = false } = decodePayload(KIND.ReasoningEmitted, payload)
      items.push({ type: 'reasoning', seq, text: redacted ? '' : content, redacted })
      break
    }
    case KIND.AssistantMessageCompleted:
      items.push(assistantItem(builder, seq, payload))
      break
    case KIND.ToolCallScheduled:
    case KIND.ToolCallCompleted:
    case KIND.ToolCallFailed:
      addToolEvent(builder, { kind, seq, payload })
      break
    case KIND.SideEffectRecorded:
      addSideEffect(builder, event)
      break
    case KIND.TurnStarted:
      break
    default:
      items.push(...otherItem(kind, seq, payload))
  }
}

function addSideEffect(builder: Builder, event: Event): void {
  const recorded = readApprovalEvent(event)
  if (recorded === undefined) {
    builder.sideEffects += 1
    return
  }
  const tool = builder.tools.get(recorded.callId) ?? ''
  builder.items.push({ ...recorded, seq: event.seq, at: event.ts, tool })
}

function assistantItem({ tools }: Builder, seq: number, payload: Uint8Array): AssistantItem {
  const message = decodePayload(KIND.AssistantMessageCompleted, payload)
  for (const { callId, tool } of message.toolUses ?? []) tools.set(callId, tool)
  const { text, stopReason, inputTokens, outputTokens, cacheReadTokens = 0, reasoningTokens, costUsd } = message
  const { providerId, modelId, parts } = message
  const spent = { inputTokens, outputTokens, cacheReadTokens, reasoningTokens, costUsd }
  return { type: 'assistant', seq, text, stopReason, ...spent, providerId, modelId, parts: viewParts(text, parts) }
}

function addToolEvent(builder: Builder, { kind, seq, payload }: Pick<Event, 'kind' | 'seq' | 'payload'>): void {
  if (kind === KIND.ToolCallScheduled) {
    const { callId, tool, args, attempt, reissueOf } = decodePayload(KIND.ToolCallScheduled, payload)
    builder.tools.set(callId, tool)
    builder.open.set(`${callId}\n${attempt}`, builder.items.length)
    const call = { callId, tool, arguments: cborToJson(args), attempt, reissueOf }
    builder.items.push({ type: 'tool-call', seq, ...call, outcome: { status: 'pending' } })
  } else if (kind === KIND.ToolCallCompleted) {
    const { callId, attempt, result, durationMs, attachments } = decodePayload(KIND.ToolCallCompleted, payload)
    const outcome = { result: cborToJson(result), durationMs, attachments: viewAttachments(attachments) }
    settle(builder, { callId, attempt, seq }, { status: 'completed', ...outcome })
  } else {
    const { callId, attempt, error, errorType, durationMs, final = false } = decodePayload(KIND.ToolCallFailed, payload)
    settle(builder, { callId, attempt, seq }, { status: 'failed', error, errorType, durationMs, willRetry: !final })
  }
}

/** Puts an outcome where its call stands; an outcome without a call gets an item of its own. */
function settle(
  builder: Builder,
  call: { readonly callId: string; readonly attempt: number; readonly seq: number },
  outcome: ToolOutcome,
): void {
  const { callId, attempt, seq } = call
  const key = `${callId}\n${attempt}`
  const index = builder.open.get(key)
  builder.open.delete(key)
  const open = index === undefined ? undefined : builder.items[index]
  const item: ToolCallItem =
    open?.type === 'tool-call'
      ? { ...open, outcome }
      : { type: 'tool-call', seq, callId, tool: '?', arguments: 'null', attempt, outcome }
  if (index === undefined) builder.items.push(item)
  else builder.items[index] = item
}

function otherItem(kind: number, seq: number, payload: Uint8Array): readonly ConversationItem[] {
  switch (kind) {
    case KIND.TurnFailed:
      return [{ type: 'turn-failed', seq, failure: decodePayload(KIND.TurnFailed, payload) }]
    case KIND.BudgetExceeded:
      return [{ type: 'budget-exceeded', seq, budget: decodePayload(KIND.BudgetExceeded, payload) }]
    case KIND.ContextTruncated:
      return [{ type: 'context-truncated', seq, truncation: decodePayload(KIND.ContextTruncated, payload) }]
    case KIND.RunResumed:
      return [{ type: 'resumed', seq, resume: decodePayload(KIND.RunResumed, payload) }]
    case KIND.RunCompleted:
      decodePayload(KIND.RunCompleted, payload)
      return [{ type: 'end', seq, status: 'completed', detail: '' }]
    case KIND.RunFailed: {
      const { error, errorType } = decodePayload(KIND.RunFailed, payload)
      return [{ type: 'end', seq, status: 'failed', detail: error, errorType }]
    }
    case KIND.RunCancelled:
      return [{ type: 'end', seq, status: 'cancelled', detail: decodePayload(KIND.RunCancelled, payload).reason }]
    default:
      return []
  }
}

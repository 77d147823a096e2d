import type { RunStarted, TurnFailed } from '@starling/event'
import type { RunSummary } from '@starling/eventlog'
import { budgetText } from '../output/budget-text.ts'
import { failedBy } from '../output/failed-by.ts'
import { count, formatCost, formatDuration, formatTime } from '../output/format.ts'
import type { Paint } from '../output/paint.ts'
import { prettyJson } from '../output/pretty-json.ts'
import { printable, printableBlock, printableLine } from '../output/printable.ts'
import { snakeKeys } from '../snake-keys.ts'
import { describeAttachment, type AttachmentView } from './attachment-view.ts'
import { renderApproval } from './render-approval.ts'
import type { AssistantItem, Conversation, ConversationItem, ToolCallItem } from './conversation.ts'

/** What is known of a run beside its conversation. */
export interface ShownRun extends RunSummary {
  /** For how many decisions it waits. Default: none. */
  readonly waiting?: number | undefined
}

/** Returns the lines that show a run to a person. */
export function renderConversation(conversation: Conversation, summary: ShownRun, paint: Paint): readonly string[] {
  const { status, waiting = 0 } = summary
  const open = waiting > 0 ? `waits for ${count(waiting, 'decision')}` : 'not ended: still running, or to be resumed'
  return [
    ...renderHeader(conversation, summary, paint),
    ...conversation.items.flatMap((item) => ['', ...renderItem(item, paint)]),
    ...(status === 'in progress' ? ['', paint.yellow(`… ${open}`)] : []),
  ]
}

/** Returns the lines above a conversation: what ran, how it ended and what it took. */
function renderHeader(
  { started, settings, sideEffects }: Conversation,
  summary: ShownRun,
  paint: Paint,
): readonly string[] {
  const status = { completed: paint.green, failed: paint.red, cancelled: paint.yellow, 'in progress': paint.cyan }
  const tokens = `${summary.inputTokens} in, ${summary.outputTokens} out`
  const effort = [
    count(summary.turnCount, 'turn'),
    count(summary.toolCallCount, 'tool call'),
    ...(sideEffects === 0 ? [] : [count(sideEffects, 'side effect')]),
    `${summary.lastSeq} events`,
  ]
  const rows: readonly (readonly [string, string])[] = [
    ['status', (summary.waiting ?? 0) > 0 ? paint.yellow('waiting') : status[summary.status](summary.status)],
    ...(started === undefined ? [] : describeStart(started, settings)),
    ['started', formatTime(summary.startedAt)],
    ['took', `${formatDuration(summary.durationMs)}, ${effort.join(', ')}`],
    ['tokens', `${tokens}, ${formatCost(summary.costUsd)}`],
  ]
  return [
    paint.bold(`Run ${printableLine(summary.runId)}`),
    ...rows.map(([label, value]) => `  ${paint.dim(label.padEnd(8))} ${value}`),
  ]
}

function describeStart(started: RunStarted, settings: string | undefined): readonly (readonly [string, string])[] {
  const { modelId, providerId, toolSchemas, budget, systemPrompt, parentRunId } = started
  const caps = Object.entries(snakeKeys(budget ?? {})).map(([name, cap]) => `${name} ${String(cap)}`)
  const tools = (toolSchemas ?? []).map((tool) => printableLine(tool.name))
  return [
    ['model', printableLine(`${modelId} (${providerId})`)],
    ...(tools.length === 0 ? [] : [['tools', tools.join(', ')] as const]),
    ...(settings === undefined ? [] : [['settings', shorten(printableLine(settings), 100)] as const]),
    ...(caps.length === 0 ? [] : [['budget', caps.join(', ')] as const]),
    ...(parentRunId === undefined ? [] : [['parent', printableLine(parentRunId)] as const]),
    ...(systemPrompt === '' ? [] : [['system', shorten(printableLine(systemPrompt), 100)] as const]),
  ]
}

function renderItem(item: ConversationItem, paint: Paint): readonly string[] {
  switch (item.type) {
    case 'user':
      return [
        paint.bold(paint.cyan('user')),
        ...indent(printable(item.text)),
        ...renderAttachments(item.attachments, paint),
      ]
    case 'reasoning':
      return [
        paint.dim('reasoning'),
        ...indent(item.redacted ? '(redacted by the provider)' : printable(item.text)).map(paint.dim),
      ]
    case 'assistant':
      return renderAnswer(item, paint)
    case 'tool-call':
      return renderToolCall(item, paint)
    case 'approval-requested':
    case 'approval-decided':
    case 'question-asked':
    case 'question-answered':
      return renderApproval(item, paint)
    case 'turn-failed':
      return renderTurnFailed(item.failure, paint)
    case 'budget-exceeded':
      return [paint.red(`budget exceeded: ${budgetText(item.budget)} (${printableLine(item.budget.where)})`)]
    case 'context-truncated': {
      const { strategy, tokensBefore, tokensAfter } = item.truncation
      return [paint.yellow(`context shortened by ${printableLine(strategy)}: ${tokensBefore} → ${tokensAfter} tokens`)]
    }
    case 'resumed': {
      const pending =
        item.resume.pendingCalls === 0 ? '' : `, ${count(item.resume.pendingCalls, 'tool call')} without an outcome`
      return [paint.yellow(`── resumed after event ${item.resume.atSeq}${pending} ──`)]
    }
    case 'end':
      return [renderEnd(item, paint)]
    case 'unreadable':
      return [paint.red(`event ${item.seq} (${item.kind}) cannot be read: ${printableLine(item.error)}`)]
  }
}

function renderAnswer(item: AssistantItem, paint: Paint): readonly string[] {
  const { stopReason, inputTokens, outputTokens, costUsd, providerId, modelId, parts } = item
  const spent = [
    `${inputTokens} in`,
    `${outputTokens} out`,
    formatCost(costUsd),
    ...(stopReason === '' ? [] : [printableLine(stopReason)]),
    ...(modelId === undefined && providerId === undefined ? [] : [`by ${answererOf(providerId, modelId)}`]),
  ]
  const head = `${paint.bold(paint.green('assistant'))} ${paint.dim(spent.join(', '))}`
  if (parts === undefined) return [head, ...indent(printable(item.text))]
  const lines = parts.flatMap((part) => {
    if (part.type === 'mark') return []
    if (part.type === 'opaque') return [`  ${paint.dim(oneLine('opaque', part.data))}`]
    const citations = (part.citations ?? []).map((data) => `  ${paint.dim(oneLine('citation', data))}`)
    return [...indent(printable(part.text)), ...citations]
  })
  return [head, ...lines]
}

function answererOf(providerId: string | undefined, modelId: string | undefined): string {
  if (modelId === undefined) return `the same model of ${printableLine(providerId ?? '')}`
  return printableLine(providerId === undefined ? modelId : `${modelId} (${providerId})`)
}

/** What only the provider understands, as far as one line holds it. */
function oneLine(title: string, data: string): string {
  return `${title} ${shorten(printableLine(data), 100 - title.length)}`
}

function renderTurnFailed(failure: TurnFailed, paint: Paint): readonly string[] {
  const { error, errorClass, status, attempt, next, retryAfterMs, partialText = '' } = failure
  const facts = [
    `${printableLine(failedBy(failure))}${printableLine(errorClass)}${status === undefined ? '' : ` ${status}`}`,
    `attempt ${attempt}`,
    `then ${printableLine(next)}${retryAfterMs === undefined ? '' : ` after ${formatDuration(retryAfterMs)}`}`,
  ]
  return [
    paint.red(`model call failed (${facts.join(', ')})`),
    ...indent(printable(error)),
    ...(partialText === '' ? [] : [`  ${paint.dim(oneLine('after', partialText))}`]),
  ]
}

function renderAttachments(attachments: readonly AttachmentView[] | undefined, paint: Paint): readonly string[] {
  return (attachments ?? []).map(
    (item) => `  ${paint.dim(`+ ${shorten(printableLine(describeAttachment(item)), 200)}`)}`,
  )
}

function renderEnd(item: Extract<ConversationItem, { type: 'end' }>, paint: Paint): string {
  if (item.status === 'completed') return paint.green('✓ completed')
  const type = item.errorType === undefined || item.errorType === '' ? '' : ` (${printableLine(item.errorType)})`
  const text = `${item.status}${type}: ${printableLine(item.detail)}`
  return item.status === 'failed' ? paint.red(`✗ ${text}`) : paint.yellow(`■ ${text}`)
}

function renderToolCall(item: ToolCallItem, paint: Paint): readonly string[] {
  const { tool, callId, attempt, reissueOf, outcome } = item
  const notes = [
    printableLine(callId),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(reissueOf === undefined ? [] : [`again for ${printableLine(reissueOf)}`]),
  ]
  const head = `${paint.bold(paint.yellow(`tool ${printableLine(tool)}`))} ${paint.dim(notes.join(', '))}`
  return [head, ...indent(printable(prettyJson(item.arguments))), ...renderOutcome(outcome, paint)]
}

function renderOutcome(outcome: ToolCallItem['outcome'], paint: Paint): readonly string[] {
  switch (outcome.status) {
    case 'completed': {
      const lines = indent(printable(prettyJson(outcome.result)))
      return [
        `  ${paint.green('→')} ${(lines[0] ?? '').trimStart()} ${paint.dim(formatDuration(outcome.durationMs))}`,
        ...lines.slice(1).map((line) => `  ${line}`),
        ...renderAttachments(outcome.attachments, paint),
      ]
    }
    case 'failed': {
      const again = outcome.willRetry ? ', not the last attempt' : ''
      const how = paint.dim(`${printableLine(outcome.errorType)}, ${formatDuration(outcome.durationMs)}${again}`)
      return [`  ${paint.red(`✗ ${printableBlock(outcome.error, '    ')}`)} ${how}`]
    }
    case 'pending':
      return [`  ${paint.yellow('… no outcome in the log')}`]
  }
}

function indent(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n').map((line) => `  ${line}`)
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

import { KIND, cborToJson, decodePayload, kindName, type Event, type RecordedAttachment } from '@starling/event'
import { reasonText } from './approvals/approval-words.ts'
import { readApprovalEvent, type RecordedApproval } from './approvals/recorded-approval.ts'
import { budgetText } from './output/budget-text.ts'
import { failedBy } from './output/failed-by.ts'
import { formatTime } from './output/format.ts'
import type { Paint } from './output/paint.ts'
import { printableLine } from './output/printable.ts'

/** Returns one line about an event: seq, time, kind and what matters most in it. */
export function eventLine(event: Event, paint: Paint): string {
  const kind = kindName(event.kind)
  const seq = paint.cyan(`#${event.seq}`.padEnd(5))
  const time = paint.dim(formatTime(event.ts).slice(11, 23))
  return `${seq} ${time} ${paintKind(event.kind, paint)(kind.padEnd(KIND_WIDTH))} ${detail(event)}`.trimEnd()
}

const KIND_WIDTH = Math.max(...Object.keys(KIND).map((name) => name.length))
const DETAIL_LENGTH = 120

function detail(event: Event): string {
  try {
    const text = printableLine(describe(event).replaceAll(/\s+/g, ' ').trim())
    return text.length <= DETAIL_LENGTH ? text : `${text.slice(0, DETAIL_LENGTH - 1)}…`
  } catch (error) {
    return `(unreadable: ${printableLine(error instanceof Error ? error.message : String(error))})`
  }
}

function describe({ kind, payload }: Event): string {
  switch (kind) {
    case KIND.RunStarted: {
      const { modelId, goal, attachments } = decodePayload(KIND.RunStarted, payload)
      return `${modelId}: ${withAttachments(goal, attachments)}`
    }
    case KIND.UserMessageAppended: {
      const { content, attachments } = decodePayload(KIND.UserMessageAppended, payload)
      return withAttachments(content, attachments)
    }
    case KIND.TurnStarted:
      return `about ${decodePayload(KIND.TurnStarted, payload).inputTokens} tokens in`
    case KIND.ReasoningEmitted: {
      const { content, redacted } = decodePayload(KIND.ReasoningEmitted, payload)
      return redacted === true ? '(redacted)' : content
    }
    case KIND.AssistantMessageCompleted: {
      const { text, toolUses = [], modelId } = decodePayload(KIND.AssistantMessageCompleted, payload)
      const by = modelId === undefined ? '' : `(${modelId})`
      return [by, text, ...toolUses.map((use) => `→ ${use.tool}`)].filter((part) => part !== '').join(' ')
    }
    case KIND.SideEffectRecorded: {
      const { name, value, error } = decodePayload(KIND.SideEffectRecorded, payload)
      const approval = readApprovalEvent({ kind, payload })
      if (approval !== undefined) return describeApproval(approval)
      return error === undefined ? `${name} = ${cborToJson(value)}` : `${name} failed: ${error}`
    }
    case KIND.BudgetExceeded:
      return budgetText(decodePayload(KIND.BudgetExceeded, payload))
    case KIND.ContextTruncated: {
      const { strategy, tokensBefore, tokensAfter } = decodePayload(KIND.ContextTruncated, payload)
      return `${strategy}: ${tokensBefore} → ${tokensAfter} tokens`
    }
    case KIND.TurnFailed: {
      const failed = decodePayload(KIND.TurnFailed, payload)
      const { errorClass, status, error, next } = failed
      return `${failedBy(failed)}${errorClass}${status === undefined ? '' : ` ${status}`}: ${error} (then ${next})`
    }
    default:
      return describeTool(kind, payload) ?? describeEnd(kind, payload) ?? ''
  }
}

function describeApproval(recorded: RecordedApproval): string {
  const { callId } = recorded
  if (recorded.type === 'approval-requested') return `${callId} waits for a decision: ${reasonText(recorded)}`
  if (recorded.type === 'question-asked') {
    const { question } = recorded
    return `${callId} asks: ${question.type === 'url' ? `${question.url} ` : ''}${question.message}`
  }
  const by = recorded.by === undefined ? '' : ` by ${recorded.by}`
  const why = recorded.reason === undefined ? '' : `: ${recorded.reason}`
  if (recorded.type === 'question-answered') {
    const did = { accept: 'answered', decline: 'declined', cancel: 'cancelled' }[recorded.action]
    return `${callId} ${did}${by}${why}${recorded.content === undefined ? '' : ` with ${recorded.content}`}`
  }
  const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[recorded.decision]
  const given = recorded.input ?? recorded.result
  return `${callId} ${how}${by}${why}${given === undefined ? '' : ` with ${given}`}`
}

/** The media types come first: a text may be longer than the line. */
function withAttachments(text: string, attachments: readonly RecordedAttachment[] = []): string {
  return [...attachments.map(({ mediaType }) => `+${mediaType}`), text].join(' ')
}

function describeTool(kind: number, payload: Uint8Array): string | undefined {
  switch (kind) {
    case KIND.ToolCallScheduled: {
      const { tool, args, callId, attempt } = decodePayload(KIND.ToolCallScheduled, payload)
      return `${tool} ${cborToJson(args)} (${callId}${attempt > 1 ? `, attempt ${attempt}` : ''})`
    }
    case KIND.ToolCallCompleted: {
      const { callId, result, attachments } = decodePayload(KIND.ToolCallCompleted, payload)
      return withAttachments(`${callId} = ${cborToJson(result)}`, attachments)
    }
    case KIND.ToolCallFailed: {
      const { callId, errorType, error } = decodePayload(KIND.ToolCallFailed, payload)
      return `${callId} ${errorType}: ${error}`
    }
    default:
      return undefined
  }
}

function describeEnd(kind: number, payload: Uint8Array): string | undefined {
  switch (kind) {
    case KIND.RunCompleted:
      return decodePayload(KIND.RunCompleted, payload).finalText
    case KIND.RunFailed: {
      const { errorType, error } = decodePayload(KIND.RunFailed, payload)
      return `${errorType}: ${error}`
    }
    case KIND.RunCancelled:
      return decodePayload(KIND.RunCancelled, payload).reason
    case KIND.RunResumed: {
      const { atSeq, pendingCalls } = decodePayload(KIND.RunResumed, payload)
      return `after event ${atSeq}, ${pendingCalls} pending`
    }
    default:
      return undefined
  }
}

function paintKind(kind: number, paint: Paint): (text: string) => string {
  switch (kind) {
    case KIND.RunFailed:
    case KIND.ToolCallFailed:
    case KIND.TurnFailed:
    case KIND.BudgetExceeded:
      return paint.red
    case KIND.RunCompleted:
      return paint.green
    case KIND.RunCancelled:
    case KIND.RunResumed:
      return paint.yellow
    default:
      return (text) => text
  }
}

import { type AssistantMessage, type AssistantPart, isOwnAnswer, type Message, partsOf } from '@starling/provider'

/** The Claude that is about to read a conversation. */
export interface ThinkingTarget {
  readonly providerId: string
  readonly model: string
}

/**
 * Returns the messages for a Claude that must not think within a budget here,
 * without its thoughts of the open tool loop; `undefined` when it may.
 *
 * All answers and results since a person spoke are one turn to Claude, in which
 * thinking is on or off: on, the turn has to begin with a thought that it has
 * signed itself, off, it must hold none. So a loop that another model has begun,
 * or has a part in, goes on without. The next thing a person says begins a new
 * turn. Thinking that decides itself has no such rule.
 * See https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows.
 */
export function endThinking(messages: readonly Message[], target: ThinkingTarget): readonly Message[] | undefined {
  const start = startOfLoop(messages, target)
  const answers = messages.slice(start).filter((message) => message.role === 'assistant')
  const [first] = answers.flatMap((answer) => partsThatCount(answer, target))
  const isOwn = answers.every((answer) => isOwnAnswer(answer, target.providerId, target.model))
  if (first === undefined || (isOwn && first.type === 'reasoning')) return undefined
  return messages.map((message, index) =>
    index < start || message.role !== 'assistant' ? message : withoutThoughts(message),
  )
}

// What a person says beside results is part of the loop: it goes into the same message.
function startOfLoop(messages: readonly Message[], target: ThinkingTarget): number {
  let start = 0
  let hasResults = false
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') hasResults = true
    else if (message.role === 'assistant') hasResults &&= partsThatCount(message, target).length === 0
    else if (!hasResults) start = index + 1
  }
  return start
}

// Without what is not sent: blank texts, and thoughts that nobody signed.
function partsThatCount(answer: AssistantMessage, { providerId, model }: ThinkingTarget): AssistantPart[] {
  return partsOf(answer, providerId, model).filter((part) => {
    if (part.type === 'text') return part.text.trim() !== ''
    return part.type !== 'reasoning' || part.redacted === true || (part.signature?.length ?? 0) > 0
  })
}

function withoutThoughts(answer: AssistantMessage): AssistantMessage {
  const { reasoning: _, parts, ...rest } = answer
  return parts === undefined ? rest : { ...rest, parts: parts.filter(({ type }) => type !== 'reasoning') }
}

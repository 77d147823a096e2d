import type { AssistantMessage, AssistantPart } from './provider.ts'
import { withoutMarks } from './without-marks.ts'

/**
 * Returns an assistant message as its parts in order: the recorded ones, else
 * reasoning, then the content, then the tool uses.
 *
 * What another provider or model gave comes without what only that one accepts
 * back: see {@link withoutMarks}.
 *
 * @param providerId - whose message it is about to be. Default: the run's own, whose answers name nobody.
 * @param model - the model that is about to read it. Default: any.
 */
export function partsOf(message: AssistantMessage, providerId?: string, model?: string): readonly AssistantPart[] {
  return listParts(isOwnAnswer(message, providerId, model) ? message : withoutMarks(message))
}

/** Whether an answer came from this provider, and from this model if one is given. */
export function isOwnAnswer(message: AssistantMessage, providerId?: string, model?: string): boolean {
  if (message.providerId !== undefined && message.providerId !== providerId) return false
  return message.model === undefined || model === undefined || message.model === model
}

function listParts(message: AssistantMessage): readonly AssistantPart[] {
  if (message.parts !== undefined) return message.parts
  const parts: AssistantPart[] = []
  for (const block of message.reasoning ?? []) parts.push({ type: 'reasoning', ...block })
  if (message.content !== '') parts.push({ type: 'text', text: message.content })
  for (const use of message.toolUses) parts.push({ type: 'tool-use', ...use })
  return parts
}

import { type AssistantMessage, isOwnAnswer, partsOf } from '@starling/provider'

/** Who is about to get an earlier answer back. */
export interface Recipient {
  readonly providerId: string
  readonly model: string
}

/**
 * Returns an earlier answer without what only its author can read.
 *
 * Of an answer that another provider gave, or another model of the same one, only
 * the texts and the tool calls are left: its reasoning, its signatures and what
 * only it understands would be refused.
 */
export function forRecipient(message: AssistantMessage, { providerId, model }: Recipient): AssistantMessage {
  // Whoever reads it next takes an answer that names nobody for its own.
  if (isOwnAnswer(message, providerId, model)) return { ...message, providerId: undefined, model: undefined }
  return {
    ...message,
    reasoning: undefined,
    parts: partsOf(message, providerId, model).filter(({ type }) => type !== 'reasoning'),
  }
}

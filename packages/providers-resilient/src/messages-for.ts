import { type AssistantMessage, isOwnAnswer, type Message, type ModelRequest, withoutMarks } from '@starling/provider'

/** A model of a provider: who gives an answer, or gets it back. */
export interface Author {
  readonly providerId: string
  readonly model: string
}

/** For whom messages are made ready. */
export interface MessagesForOptions {
  /** Who is asked. */
  readonly reader: Author
  /** The run's own provider and model: who gave the answers that name nobody. */
  readonly own: Author
}

/**
 * Makes the messages of a run ready for one of several models.
 *
 * What only their author understands or accepts is taken out of the answers that
 * another provider gave, or another model of the same one: signatures, redacted
 * reasoning, opaque parts and citations; they keep, or get, the `providerId` and
 * the `model` of their author. The answers that this model gave stay whole, and
 * name nobody: to it they are its own. Everything else stays as it is, in its
 * order; nothing is changed in place.
 *
 * The result is ready for this model and for it alone: make those for another
 * one from the messages of the run again.
 */
export function messagesFor(messages: ModelRequest['messages'], options: MessagesForOptions): readonly Message[] {
  return messages.map((message) => (message.role === 'assistant' ? answerFor(message, options) : message))
}

function answerFor(message: AssistantMessage, { reader, own }: MessagesForOptions): AssistantMessage {
  const { providerId, model, ...rest } = message
  const author = authorOf(message, own)
  if (!isOwnAnswer({ ...rest, ...author }, reader.providerId, reader.model)) {
    return { ...withoutMarks(rest), ...author }
  }
  return providerId === undefined && model === undefined ? message : rest
}

/** An answer of somebody else may leave its model unsaid; one that names nobody is the run's own. */
function authorOf(
  { providerId, model }: AssistantMessage,
  own: Author,
): Pick<AssistantMessage, 'providerId' | 'model'> {
  if (providerId === undefined && model === undefined) return own
  return { providerId: providerId ?? own.providerId, ...(model !== undefined && { model }) }
}

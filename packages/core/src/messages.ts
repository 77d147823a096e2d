import type { UserMessageAppended } from '@starling/event'
import type { Attachment, Message } from '@starling/provider'
import { errorText, findAttachmentProblem, toRecordedAttachments } from '@starling/step'
import { checkText, refuse } from './agent-options.ts'
import type { AgentSetup } from './session.ts'
import { assertAble } from './settings.ts'
import type { AskedModel } from './settings.ts'

/** What comes with a message. */
export interface MessageOptions {
  /** Images and files for the model, beside the text. Default: none. */
  readonly attachments?: readonly Attachment[] | undefined
}

interface GivenMessage extends MessageOptions {
  readonly content: string
  /** What errors call it. */
  readonly what: string
}

/**
 * Makes what is recorded of a message out of what a caller gave.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is not a text or not an attachment that the provider takes.
 */
export function toMessage(setup: AgentSetup, given: GivenMessage): UserMessageAppended {
  const { what, content, attachments } = given
  checkText(content, what)
  return { content, attachments: toRecordedAttachments(checkAttachments(setup, attachments)) }
}

function checkAttachments(setup: AgentSetup, given: MessageOptions['attachments'] = []): readonly Attachment[] {
  const { profile } = setup.options
  const list: unknown = given
  if (!Array.isArray(list)) refuse('attachments is not a list')
  for (const attachment of given) {
    const problem = findAttachmentProblem(attachment)
    if (problem !== undefined) refuse(problem)
  }
  if (given.length === 0) return given
  if (profile === 'reference') refuse('attachments have no place in the log of the profile reference')
  const problem = findUnsupported(setup.options, { role: 'user', content: '', attachments: given })
  return problem === undefined ? given : refuse(problem)
}

/** Finds what of a message a model cannot take. */
export function findUnsupported(asked: AskedModel, message: Message): string | undefined {
  try {
    assertAble(asked, { messages: [message] })
    return undefined
  } catch (error) {
    return errorText(error)
  }
}

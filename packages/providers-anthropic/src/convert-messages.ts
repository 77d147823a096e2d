import { type Message, type ModelRequest, ProviderError, type ToolMessage, type UserMessage } from '@starling/provider'
import { type ContentBlock, markLast, textBlocks } from './content-block.ts'
import { type AnswerTarget, convertAnswer } from './convert-answer.ts'
import { convertAttachment } from './convert-attachment.ts'
import { objectText } from './json-text.ts'
import { toolUseId } from './tool-use-id.ts'

/** A message of the API in the making. */
interface Turn {
  readonly role: 'user' | 'assistant'
  readonly blocks: ContentBlock[]
}

/**
 * Writes the messages of a request as a JSON array.
 *
 * What comes between two answers is one user message, the results of tools
 * first: the API wants the results of all calls of an answer right after it. An
 * answer of nothing is left out.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a message that cannot be expressed.
 */
export function convertMessages({ model, messages, cache = {} }: ModelRequest, providerId: string): string {
  const turns = collectTurns(messages, { providerId, model })
  return `[${turns
    .map(({ role, blocks }, index) => {
      const isMarked = cache.messages === true && index === turns.length - 1
      const content = isMarked ? markLast(resultsFirst(blocks), cache) : resultsFirst(blocks)
      return objectText({ role }, { content: `[${content.map(({ text }) => text).join(',')}]` })
    })
    .join(',')}]`
}

function collectTurns(messages: readonly Message[], target: AnswerTarget): Turn[] {
  const turns: Turn[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') {
      const blocks = convertAnswer(message, target)
      if (blocks.length > 0) turns.push({ role: 'assistant', blocks })
      continue
    }
    const blocks = message.role === 'tool' ? [resultBlock(message)] : userBlocks(message)
    if (blocks.length === 0)
      throw new ProviderError('PROVIDER_INVALID_OPTIONS', `message ${index} of the user is empty`)
    const last = turns.at(-1)
    if (last?.role === 'user') last.blocks.push(...blocks)
    else turns.push({ role: 'user', blocks })
  }
  return turns
}

function resultsFirst(blocks: readonly ContentBlock[]): readonly ContentBlock[] {
  return [...blocks.filter(({ isResult }) => isResult), ...blocks.filter(({ isResult }) => !isResult)]
}

// The vendor's advice: what is looked at comes before what is asked about it.
function userBlocks({ content, attachments = [] }: UserMessage): ContentBlock[] {
  return [...attachments.map(convertAttachment), ...textBlocks(content)]
}

function resultBlock({ callId, content, isError, attachments = [] }: ToolMessage): ContentBlock {
  const blocks = [...textBlocks(content), ...attachments.map(convertAttachment)]
  // The API takes a result of nothing, but no error of nothing.
  if (isError && blocks.length === 0) blocks.push(...textBlocks('error'))
  const fields = { type: 'tool_result', tool_use_id: toolUseId(callId), is_error: isError }
  const parts = blocks.length === 0 ? undefined : `[${blocks.map(({ text }) => text).join(',')}]`
  return { isResult: true, isMarkable: true, text: objectText(fields, { content: parts }) }
}

import { type ModelRequest, ProviderError, type ToolMessage, type UserMessage } from '@starling/provider'
import { convertAnswer } from './convert-answer.ts'
import { convertAttachment } from './convert-attachment.ts'
import { assertResultParts, convertResult } from './convert-result.ts'
import { factsOf } from './model-facts.ts'

/** A content of the API in the making. */
interface Content {
  readonly role: 'user' | 'model'
  readonly parts: object[]
}

/**
 * Converts the messages of a request.
 *
 * The results of tools that follow each other are one content: the API wants
 * as many of them as the answer before had calls. An answer of nothing is left out.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a message that cannot be expressed.
 */
export function convertContents(request: ModelRequest, providerId: string): readonly Content[] {
  const { model } = request
  const { wantsSignedCalls } = factsOf(model)
  const contents: Content[] = []
  const toolNames = new Map<string, string>()
  let results: Content | undefined
  for (const [index, message] of request.messages.entries()) {
    if (message.role === 'tool') {
      if (results === undefined) contents.push((results = { role: 'user', parts: [] }))
      results.parts.push(resultPart(message, request, toolNames))
      continue
    }
    results = undefined
    if (message.role === 'user') {
      contents.push({ role: 'user', parts: userParts(message, index) })
      continue
    }
    for (const { callId, name } of message.toolUses) toolNames.set(callId, name)
    for (const part of message.parts ?? []) if (part.type === 'tool-use') toolNames.set(part.callId, part.name)
    const parts = convertAnswer(message, { providerId, model, wantsSignedCalls })
    if (parts.length > 0) contents.push({ role: 'model', parts })
  }
  return contents
}

// What is looked at comes before what is asked about it.
function userParts({ content, attachments = [] }: UserMessage, index: number): object[] {
  const parts = [...attachments.map(convertAttachment), ...(content === '' ? [] : [{ text: content }])]
  if (parts.length > 0) return parts
  throw new ProviderError('PROVIDER_INVALID_OPTIONS', `message ${index} of the user is empty`)
}

function resultPart(message: ToolMessage, { model }: ModelRequest, toolNames: ReadonlyMap<string, string>): object {
  const name = toolNames.get(message.callId)
  if (name === undefined) {
    throw new ProviderError(
      'PROVIDER_INVALID_OPTIONS',
      `a tool message answers the call "${message.callId}", which no answer before it made`,
    )
  }
  assertResultParts(message, model, factsOf(model).takesResultParts)
  return convertResult(message, name)
}

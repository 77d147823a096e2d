import { isSpecType, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client'

/**
 * Makes the results of tools that come over `transport` ones that the SDK takes.
 *
 * It refuses a whole result because of one block of a kind that it does not
 * know, or of bytes that are not base64: but the tool has run, and what it did
 * must be told.
 *
 * @param isModern - whether the connection is one of 2026, asked when a result has come.
 */
export function repairResults(transport: Transport, isModern: () => boolean): void {
  const { onmessage } = transport
  // The SDK calls the listener that it finds before its own.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
  transport.onmessage = (message, extra) => {
    onmessage?.(message, extra)
    repair(message, isModern())
  }
}

function repair(message: JSONRPCMessage, isModern: boolean): void {
  if (!('result' in message)) return
  const { result } = message
  if (!('content' in result) && !('structuredContent' in result)) return
  const { content = [], structuredContent, isError } = result
  const blocks = Array.isArray(content) ? content.map(repairBlock) : [asText(content)]
  result['content'] = blocks
  if (isError !== undefined && typeof isError !== 'boolean') result['isError'] = isError !== 'false' && Boolean(isError)
  if (structuredContent === undefined || isObject(structuredContent) || isModern) return
  // Before 2026 it is an object: what is not is shown as what it is.
  if (structuredContent !== null && blocks.length === 0) blocks.push(asText(structuredContent))
  delete result['structuredContent']
}

function repairBlock(block: unknown): unknown {
  if (isSpecType.ContentBlock(block)) return block
  if (!isObject(block)) return asText(block)
  const { type, mimeType, data } = block
  if ((type === 'image' || type === 'audio') && typeof data === 'string') {
    return asText({ type, mimeType, omitted: 'not valid base64' })
  }
  return asText(block)
}

function asText(value: unknown): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { isSpecType, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client'

/**
 * Makes the results that come over `transport` ones that the SDK takes.
 *
 * It refuses a whole result because of one block of a kind that it does not
 * know, or of bytes that are not base64: but the tool has run, and what it did
 * must be told. It refuses a whole list because of a field that says `null` for nothing.
 *
 * @param isModern - whether the connection is one of 2026, asked when a result has come.
 */
export function repairResults(transport: Transport, isModern: () => boolean): void {
  const { onmessage } = transport
  // The SDK calls the listener that it finds before its own.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
  transport.onmessage = (message, extra) => {
    onmessage?.(message, extra)
    repair(message, isModern)
  }
}

type Fields = Record<string, unknown>

/** What is not the protocol's own: a `null` in there means something. */
const OPAQUE: ReadonlySet<string> = new Set(['_meta', 'inputSchema', 'structuredContent'])

/** The deepest field of the protocol itself is one of a property in a form that is asked for. */
const MAX_DEPTH = 8

/** What of a tool is looked at here; the rest could only make its list be refused. */
const OF_TOOLS: ReadonlySet<string> = new Set(['annotations', 'description', 'inputSchema', 'name', 'title'])

function repair(message: JSONRPCMessage, isModern: () => boolean): void {
  if ('method' in message) dropNulls(message.params, MAX_DEPTH)
  if (!('result' in message)) return
  const { result } = message
  dropNulls(result, MAX_DEPTH)
  const { tools } = result
  if (Array.isArray(tools)) for (const tool of tools) if (isObject(tool)) repairTool(tool)
  if ('content' in result || 'structuredContent' in result || 'isError' in result) repairContent(result, isModern)
}

/** Many libraries write what is not there as `null`, which the protocol does not know. */
function dropNulls(value: unknown, depth: number): void {
  if (depth === 0 || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, depth - 1)
    return
  }
  const fields: Fields = Object(value)
  for (const key of Object.keys(fields)) {
    const field = fields[key]
    if (field === null && key !== 'structuredContent') delete fields[key]
    else if (typeof field === 'object' && !OPAQUE.has(key)) dropNulls(field, depth - 1)
  }
}

function repairTool(tool: Fields): void {
  for (const key of Object.keys(tool)) if (!OF_TOOLS.has(key)) delete tool[key]
  const { annotations, inputSchema } = tool
  if (isObject(annotations)) keepSensible(annotations)
  else delete tool['annotations']
  if (inputSchema === undefined) tool['inputSchema'] = { type: 'object' }
  else if (isObject(inputSchema) && inputSchema['type'] === undefined) inputSchema['type'] = 'object'
}

/** A hint of another kind says nothing, and leaves the others their say. */
function keepSensible(annotations: Fields): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (typeof value !== (key === 'title' ? 'string' : 'boolean')) delete annotations[key]
  }
}

function repairContent(result: Fields, isModern: () => boolean): void {
  const { content = [], structuredContent, isError } = result
  const blocks = Array.isArray(content) ? content.map(repairBlock) : [asText(content)]
  result['content'] = blocks
  if (isError !== undefined && typeof isError !== 'boolean') result['isError'] = isError !== 'false' && Boolean(isError)
  if (structuredContent === undefined || isObject(structuredContent) || isModern()) return
  // Before 2026 it is an object: what is not is shown as what it is.
  if (structuredContent !== null && blocks.length === 0) blocks.push(asText(structuredContent))
  delete result['structuredContent']
}

function repairBlock(block: unknown): unknown {
  if (isObject(block) && block['type'] === 'text' && typeof block['text'] === 'string') {
    // What else it says is for a screen, and nobody looks at it here.
    return Object.keys(block).length === 2 ? block : { type: 'text', text: block['text'] }
  }
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

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import {
  METHOD_NOT_FOUND,
  ProtocolError,
  type CallToolResult,
  type Client,
  type ElicitResult,
  type ListResourceTemplatesResult,
  type RequestOptions,
} from '@modelcontextprotocol/client'
import type { StandardSchemaV1 } from '@starling/tool'

import type { CallStep } from './call-step.ts'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import { convertPrompt, convertResource, convertToolResult, type Converted } from './convert-content.ts'
import { limitOutput, limitText } from './limit-output.ts'
import type { Mask } from './mask.ts'
import { stepOfResult } from './questions.ts'

/** What is asked of the server. */
export interface RemoteRequest {
  /** What failures call it, such as `mcp tool "add" of server "calc"`. */
  readonly what: string
  /** Resolves with what the server answered, which may be that it asks for something first. */
  send(client: Client, extra: RequestExtra, options: RequestOptions): Promise<CallStep>
}

/** What a request carries beside its arguments: whom its progress is for, and what was asked for before. */
export interface RequestExtra {
  readonly _meta: { readonly progressToken: number }
  readonly inputResponses?: Record<string, ElicitResult>
  readonly requestState?: string
}

/** The tool has a cursor for resources alone; what is behind these pages is not listed. */
const MAX_TEMPLATE_PAGES = 100

type Arguments = Readonly<Record<string, unknown>>
type Send = RemoteRequest['send']

/** What makes requests of one tool. */
export interface RequestMaker {
  readonly entry: CatalogueEntry
  readonly what: string
  readonly options: Catalogue['options']
  readonly mask: Mask
  /** What the SDK reads the headers from that a call over HTTP carries; `undefined` where there are none. */
  readonly definition: ToolDefinition | undefined
}

/** A tool as the SDK wants to know it for a call: without a schema of the output, since what ran has run. */
export interface ToolDefinition {
  readonly name: string
  readonly inputSchema: { readonly type: 'object' }
}

/** Makes the request of one call. */
export function createRequest(maker: RequestMaker, args: Arguments): RemoteRequest {
  return { what: maker.what, send: senderOf(maker, args) }
}

function senderOf(maker: RequestMaker, args: Arguments): Send {
  switch (maker.entry.kind) {
    case 'tool':
      return callTool(maker, args)
    case 'list_resources':
      return async (client, _extra, options) => done(maker, await listResources(client, args, options))
    case 'list_prompts':
      return async (client, _extra, options) => {
        const { prompts, nextCursor } = await client.request({ method: 'prompts/list', params: args }, options)
        const named = prompts.map(({ name, title, description, arguments: wanted }) => ({
          name,
          title,
          description,
          arguments: wanted,
        }))
        return done(maker, { value: { prompts: named, nextCursor }, isWhole: true, attachments: [] })
      }
    case 'read_resource':
      return async (client, extra, options) => {
        const params = { ...args, ...extra }
        const result = await client.request({ method: 'resources/read', params }, options)
        return stepOfResult(result, maker.what) ?? done(maker, convertResource(result, maker.options.textOnly))
      }
    case 'get_prompt':
      return async (client, extra, options) => {
        const params = { ...args, ...extra }
        const result = await client.request({ method: 'prompts/get', params }, options)
        return stepOfResult(result, maker.what) ?? done(maker, convertPrompt(result, maker.options.textOnly))
      }
  }
}

/**
 * What a tool's result is held to. `repair-results.ts` has made it one by then, and the SDK's own check, which a request
 * without a schema gets, costs more than all else that happens here.
 */
const TOOL_RESULT: StandardSchemaV1<unknown, CallToolResult> = {
  '~standard': {
    version: 1,
    vendor: 'starling',
    validate: (value: unknown) =>
      isToolResult(value) ? { value } : { issues: [{ message: 'the result of a tool has no content' }] },
  },
}

function isToolResult(value: unknown): value is CallToolResult {
  return typeof value === 'object' && value !== null && 'content' in value && Array.isArray(value.content)
}

function callTool(maker: RequestMaker, args: Arguments): Send {
  const { entry, what, options: shape, definition, mask } = maker
  return async (client, extra, options) => {
    const params = { name: entry.remote, arguments: args, ...extra }
    const result = await (definition === undefined
      ? client.request({ method: 'tools/call', params }, TOOL_RESULT, options)
      : client.callTool(params, { ...options, toolDefinition: definition }))
    const asked = stepOfResult(result, what)
    if (asked !== undefined) return asked
    if (result.isError !== true) return done(maker, convertToolResult(result, shape.textOnly))
    return { result: limitText(mask(wordsOf(result, entry.remote)), shape.maxOutputBytes), is_error: true }
  }
}

/** Makes the definition of a tool. */
export function definitionOf({ remote, inputSchema }: CatalogueEntry): ToolDefinition {
  const schema: unknown = JSON.parse(inputSchema)
  return { name: remote, inputSchema: { ...Object(schema), type: 'object' } }
}

/** The words of a failure: they are for the model. */
function wordsOf({ content, structuredContent }: CallToolResult, remote: string): string {
  const words = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')
  if (words.trim() !== '') return words
  if (structuredContent !== undefined) return JSON.stringify(structuredContent)
  const texts = content.flatMap((block) =>
    block.type === 'resource' && 'text' in block.resource ? [block.resource.text] : [],
  )
  if (texts.length > 0) return texts.join('\n')
  return `mcp tool "${remote}" failed and did not say why`
}

async function listResources(client: Client, args: Arguments, options: RequestOptions): Promise<Converted> {
  const { resources, nextCursor } = await client.request({ method: 'resources/list', params: args }, options)
  const templates = args['cursor'] === undefined ? await listTemplates(client, options) : []
  const value = {
    resources: resources.map(({ uri, name, title, description, mimeType, size }) => ({
      uri,
      name,
      title,
      description,
      mimeType,
      size,
    })),
    ...(templates.length === 0 ? {} : { templates }),
    nextCursor,
  }
  return { value, isWhole: true, attachments: [] }
}

async function listTemplates(client: Client, options: RequestOptions): Promise<readonly object[]> {
  const listed: ListResourceTemplatesResult['resourceTemplates'] = []
  let cursor: string | undefined
  try {
    for (let pages = 0; pages < MAX_TEMPLATE_PAGES; pages++) {
      const params = cursor === undefined ? {} : { cursor }
      const page = await client.request({ method: 'resources/templates/list', params }, options)
      listed.push(...page.resourceTemplates)
      cursor = page.nextCursor
      if (cursor === undefined) break
    }
  } catch (error) {
    // A server may have resources and no templates.
    if (!(error instanceof ProtocolError && error.code === METHOD_NOT_FOUND)) throw error
  }
  return listed.map(({ uriTemplate, name, title, description, mimeType }) => ({
    uriTemplate,
    name,
    title,
    description,
    mimeType,
  }))
}

function done({ what, options }: RequestMaker, converted: Converted): CallStep {
  const result = limitOutput(converted, options.maxOutputBytes, what)
  const { attachments } = converted
  return attachments.length === 0 ? { result } : { result, attachments }
}

import type { Client, RequestOptions, Tool as RemoteTool } from '@modelcontextprotocol/client'
import { canonicalSchema, definePolicy, type ToolPolicy } from '@starling/tool'

import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import type { Link } from './link.ts'
import { EXTRA_TOOLS } from './extra-tools.ts'
import { McpError } from './mcp-error.ts'
import { nameTools } from './name-tools.ts'
import { checkInputSchema } from './read-arguments.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** A result that is longer is refused by the run, unless the policy says otherwise. */
const DEFAULT_MAX_RESULT_BYTES = 1024 * 1024

/**
 * Asks a server what it has and makes a catalogue of it, sorted by name.
 *
 * @throws {@link McpError} `MCP_INVALID_CATALOGUE` when something in it cannot be made a tool.
 */
export async function listServer(
  { client, revision }: Link,
  options: ResolvedOptions,
  requestOptions: RequestOptions,
): Promise<Catalogue> {
  const listed = await listTools(client, requestOptions)
  const { include, exclude = [], textOnly, maxOutputBytes, prefix } = options
  const taken = listed.filter(({ name }) => (include?.includes(name) ?? true) && !exclude.includes(name))
  assertNamed(taken, options.name)
  const { name, version } = client.getServerVersion() ?? {}
  const instructions = client.getInstructions()
  return {
    source: options.name,
    revision,
    ...(name === undefined || version === undefined ? {} : { server: { name, version } }),
    ...(instructions === undefined ? {} : { instructions }),
    options: { textOnly, maxOutputBytes, prefix, include, exclude },
    tools: makeEntries(taken, client, options),
  }
}

async function listTools(client: Client, requestOptions: RequestOptions): Promise<readonly RemoteTool[]> {
  // The SDK writes to the console when it is asked for what a server does not have.
  if (client.getServerCapabilities()?.tools === undefined) return []
  const { tools } = await client.listTools(undefined, { ...requestOptions, cacheMode: 'refresh' })
  return tools
}

/** A name that comes twice is a mistake of the server: which of the two a call reaches is its secret. */
function assertNamed(tools: readonly RemoteTool[], source: string): void {
  const seen = new Set<string>()
  for (const { name } of tools) {
    const problem = name === '' ? 'has a tool without a name' : `has two tools named "${name}"`
    if (name === '' || seen.has(name)) throw new McpError('MCP_INVALID_CATALOGUE', `mcp server "${source}" ${problem}`)
    seen.add(name)
  }
}

function makeEntries(
  tools: readonly RemoteTool[],
  client: Client,
  options: ResolvedOptions,
): readonly CatalogueEntry[] {
  const capabilities = client.getServerCapabilities()
  const extras = EXTRA_TOOLS.filter(({ of }) => options[of] === true && capabilities?.[of] !== undefined)
  const nameable = [
    ...tools.map(({ name }) => ({ remote: name })),
    ...extras.map(({ method, kind }) => ({ remote: method, wanted: kind })),
  ]
  const [...names] = nameTools(nameable, options.prefix)
  const take = (): string => names.shift() ?? ''
  const entries: readonly CatalogueEntry[] = [
    ...tools.map((tool) => toolEntry(tool, take(), options)),
    ...extras.map(({ kind, description, schema }) => ({
      kind,
      name: take(),
      remote: kind,
      description: `${description} (MCP server ${options.name})`,
      inputSchema: canonicalSchema(schema),
      policy: policyFor(kind, {}, options),
    })),
  ]
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function toolEntry(tool: RemoteTool, name: string, options: ResolvedOptions): CatalogueEntry {
  const { annotations } = tool
  return {
    kind: 'tool',
    name,
    remote: tool.name,
    description: describe(tool, options.name),
    inputSchema: schemaOf(tool, options.name),
    policy: policyFor(tool.name, trusted(tool, options), options),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function describe({ name, title, description, annotations }: RemoteTool, source: string): string {
  const texts = [description, title, annotations?.title]
  return (
    texts.find((text) => text !== undefined && text.trim() !== '') ?? `The tool ${name} of the MCP server ${source}.`
  )
}

function schemaOf({ name, inputSchema }: RemoteTool, source: string): string {
  try {
    const schema = canonicalSchema(opened(inputSchema))
    checkInputSchema(schema)
    return schema
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `mcp tool "${name}" of server "${source}" has an input schema that cannot be used: ${reason}`
    throw new McpError('MCP_INVALID_CATALOGUE', `${message}; to go without it, exclude it`, { cause })
  }
}

/** A schema that says nothing of properties lets every one through; canonical, it would let none. */
function opened(schema: RemoteTool['inputSchema']): object {
  const isBare = Object.keys(schema).every((keyword) => ['type', '$schema', 'title', 'description'].includes(keyword))
  return isBare ? { ...schema, additionalProperties: true } : schema
}

/** What a server says of its tools is believed only when the options say so. */
function trusted({ annotations }: RemoteTool, { trustAnnotations }: ResolvedOptions): ToolPolicy {
  const { readOnlyHint, idempotentHint } = annotations ?? {}
  if (trustAnnotations !== true) return {}
  if (readOnlyHint === true || idempotentHint === true) return { idempotent: true }
  return readOnlyHint === false && idempotentHint === false ? { idempotent: false } : {}
}

/** The policy of one tool: what is trusted, under the options' own words for all tools and for this one. */
function policyFor(remote: string, base: ToolPolicy, options: ResolvedOptions): ToolPolicy {
  const { policy, policies, maxOutputBytes } = options
  const room = maxOutputBytes > DEFAULT_MAX_RESULT_BYTES ? { maxResultBytes: maxOutputBytes } : {}
  return definePolicy({ ...base, ...room, ...policy, ...policies[remote] })
}

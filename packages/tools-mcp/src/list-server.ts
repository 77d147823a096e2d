import type { Client, RequestOptions, Tool as RemoteTool } from '@modelcontextprotocol/client'
import { canonicalSchema, definePolicy, type ToolPolicy } from '@starling/tool'

import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import type { Link } from './link.ts'
import { EXTRA_TOOLS } from './extra-tools.ts'
import { limitText } from './limit-output.ts'
import { McpError } from './mcp-error.ts'
import { nameTools } from './name-tools.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { dialectOf, type SchemaValidators, type WrittenSchema } from './schema-validators.ts'

/** The keywords of an object's schema that say which properties it has, themselves or by other schemas. */
const SPEAKING_OF_PROPERTIES: readonly string[] = [
  '$dynamicRef',
  '$ref',
  'additionalProperties',
  'allOf',
  'anyOf',
  'dependencies',
  'dependentSchemas',
  'else',
  'if',
  'oneOf',
  'patternProperties',
  'properties',
  'then',
  'unevaluatedProperties',
]

/** Of a description, or of instructions, no more is kept: every request to the model carries them. */
const MAX_TEXT_BYTES = 64 * 1024

/** A result that is longer is refused by the run, unless the policy says otherwise. */
const DEFAULT_MAX_RESULT_BYTES = 1024 * 1024

/** What a list is made with. */
export interface ListContext {
  readonly options: ResolvedOptions
  readonly validators: SchemaValidators
}

/**
 * Asks a server what it has and makes a catalogue of it, sorted by name.
 *
 * @throws {@link McpError} `MCP_INVALID_CATALOGUE` when something in it cannot be made a tool.
 */
export async function listServer(
  { client, revision }: Link,
  { options, validators }: ListContext,
  requestOptions: RequestOptions,
): Promise<Catalogue> {
  const listed = await listTools(client, requestOptions)
  const { include, exclude = [], textOnly, maxOutputBytes, prefix } = options
  const taken = listed.filter(({ name }) => (include?.includes(name) ?? true) && !exclude.includes(name))
  assertNamed(taken, options.name)
  const { name, version } = client.getServerVersion() ?? {}
  const instructions = client.getInstructions()
  const tools = makeEntries(taken, client, options)
  checkSchemas(tools, { options, validators })
  return {
    source: options.name,
    revision,
    ...(name === undefined || version === undefined ? {} : { server: { name, version } }),
    ...(instructions === undefined ? {} : { instructions: limitText(instructions, MAX_TEXT_BYTES) }),
    options: { textOnly, maxOutputBytes, prefix, include, exclude },
    tools,
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
    ...schemaOf(tool, options.name),
    policy: policyFor(tool.name, trusted(tool, options), options),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function describe({ name, title, description, annotations }: RemoteTool, source: string): string {
  const texts = [description, title, annotations?.title]
  const said = texts.find((text) => text !== undefined && text.trim() !== '')
  return limitText(said ?? `The tool ${name} of the MCP server ${source}.`, MAX_TEXT_BYTES)
}

function schemaOf({ name, inputSchema }: RemoteTool, source: string): WrittenSchema {
  const dialect = dialectOf(inputSchema)
  try {
    const schema = canonicalSchema(opened(inputSchema))
    return dialect === undefined ? { inputSchema: schema } : { inputSchema: schema, dialect }
  } catch (cause) {
    throw unusable(name, source, cause)
  }
}

/** Compiles what was not in the list before, so that a tool that cannot be called is not offered either. */
function checkSchemas(entries: readonly CatalogueEntry[], { options, validators }: ListContext): void {
  for (const entry of entries) {
    try {
      validators.get(entry)
    } catch (cause) {
      throw unusable(entry.remote, options.name, cause)
    }
  }
  validators.keep(entries)
}

function unusable(name: string, source: string, cause: unknown): McpError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `mcp tool "${name}" of server "${source}" has an input schema that cannot be used: ${reason}`
  return new McpError('MCP_INVALID_CATALOGUE', `${message}; to go without it, exclude it`, { cause })
}

/** A schema that says nothing of properties lets every one through; canonical, it would let none. */
function opened(schema: RemoteTool['inputSchema']): object {
  const isOpen = !SPEAKING_OF_PROPERTIES.some((keyword) => keyword in schema)
  return isOpen ? { ...schema, additionalProperties: true } : schema
}

/** What a server says of its tools is believed only when the options say so. */
function trusted({ annotations }: RemoteTool, { trustAnnotations }: ResolvedOptions): ToolPolicy {
  const { readOnlyHint, idempotentHint } = annotations ?? {}
  if (trustAnnotations !== true) return {}
  if (readOnlyHint === true || idempotentHint === true) return { idempotent: true }
  // A tool that says that it writes, and not that it may do so twice, may not: so the protocol has it.
  return readOnlyHint === false ? { idempotent: false } : {}
}

/** The policy of one tool: what is trusted, under the options' own words for all tools and for this one. */
function policyFor(remote: string, base: ToolPolicy, options: ResolvedOptions): ToolPolicy {
  const { policy, policies, maxOutputBytes } = options
  const room = maxOutputBytes > DEFAULT_MAX_RESULT_BYTES ? { maxResultBytes: maxOutputBytes } : {}
  return definePolicy({ ...base, ...room, ...policy, ...policies[remote] })
}

import { definePolicy, ToolError, type ToolPolicy } from '@starling/tool'

/** What a tool of the catalogue calls at the server. */
export const ENTRY_KINDS = ['tool', 'list_resources', 'read_resource', 'list_prompts', 'get_prompt'] as const

/** One of {@link ENTRY_KINDS}. */
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** One tool, with all that making it again takes. */
export interface CatalogueEntry {
  readonly kind: EntryKind
  readonly name: string
  /** Its name at the server; for what is no tool there, the name without prefix. */
  readonly remote: string
  readonly description: string
  /** A text inside the text: whoever rewrites the outer one must not reorder its keys. */
  readonly inputSchema: string
  /** What the schema is written in, when that is not JSON Schema 2020-12: the text itself does not say it. */
  readonly dialect?: string | undefined
  readonly policy?: ToolPolicy | undefined
  /** What the server says of the tool. Kept for whoever reads the log; see `trustAnnotations`. */
  readonly annotations?: object | undefined
}

/** A server as a run found it. */
export interface Catalogue {
  readonly source: string
  readonly revision: string
  readonly server?: { readonly name: string; readonly version: string } | undefined
  readonly instructions?: string | undefined
  /** The options that decide what results look like; and, for whoever reads the log, which tools these are. */
  readonly options: {
    readonly textOnly: boolean
    readonly maxOutputBytes: number
    readonly prefix?: string | undefined
    readonly include?: readonly string[] | undefined
    readonly exclude?: readonly string[] | undefined
  }
  readonly tools: readonly CatalogueEntry[]
}

/** The number of the layout; another one is not ours to read. */
const LAYOUT = 1

/** Writes a catalogue as one JSON text. Nothing in it says where the server is or what it was given. */
export function writeCatalogue(catalogue: Catalogue): string {
  const tools = catalogue.tools.map(({ policy, ...entry }) => ({ ...entry, policy: plainPolicy(policy) }))
  return JSON.stringify({ mcp: LAYOUT, ...catalogue, tools })
}

/**
 * Reads what {@link writeCatalogue} wrote.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` for any other text.
 */
export function readCatalogue(text: string, source: string): Catalogue {
  const record = parse(text, source)
  if (record['mcp'] !== LAYOUT) throw foreign(source, `its layout is ${String(record['mcp'])}, not ${LAYOUT}`)
  if (record['source'] !== source) throw foreign(source, `it is of source ${String(record['source'])}`)
  const { revision, tools, options } = record
  if (!Array.isArray(tools) || typeof revision !== 'string' || !isObject(options))
    throw foreign(source, 'it is not whole')
  const { textOnly, maxOutputBytes } = options
  if (typeof textOnly !== 'boolean' || typeof maxOutputBytes !== 'number') throw foreign(source, 'its options are not')
  return {
    source,
    revision,
    options: { textOnly, maxOutputBytes },
    tools: tools.map((entry: unknown) => readEntry(entry, source)),
  }
}

function readEntry(entry: unknown, source: string): CatalogueEntry {
  if (!isObject(entry)) throw foreign(source, 'one of its tools is not an object')
  const { name, remote, description, inputSchema, dialect, policy } = entry
  const kind = ENTRY_KINDS.find((known) => known === entry['kind'])
  const texts = [name, remote, description, inputSchema]
  if (kind === undefined || !texts.every((text) => typeof text === 'string')) {
    throw foreign(source, `its tool ${String(name)} is not whole`)
  }
  return {
    kind,
    name: String(name),
    remote: String(remote),
    description: String(description),
    inputSchema: String(inputSchema),
    ...(typeof dialect === 'string' ? { dialect } : {}),
    ...(isObject(policy) ? { policy: definePolicy(policy) } : {}),
  }
}

/** A function cannot be recorded; it comes from the options again. */
function plainPolicy(policy: ToolPolicy | undefined): object | undefined {
  if (policy === undefined) return undefined
  const { redact: _redact, ...plain } = policy
  return plain
}

function parse(text: string, source: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isObject(parsed)) return parsed
  } catch {
    // Said below, in the same words for everything that is no catalogue.
  }
  throw foreign(source, 'it is not a JSON object')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function foreign(source: string, reason: string): ToolError {
  return new ToolError(
    'TOOL_INVALID_DEFINITION',
    `the recorded catalogue is not one of mcp source ${source}: ${reason}`,
  )
}

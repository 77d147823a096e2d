import { fileURLToPath } from 'node:url'

import type { McpStdioTransport } from '../../src/index.ts'

/** What a raw server does. */
export interface RawConfiguration {
  /** Tools with nothing but a name. `die`, `hang`, `forget`, `flood`, `line`, `cancelled` and `gone` do what they are called. */
  readonly names?: readonly string[]
  /** Tools as the server lists them. */
  readonly tools?: readonly object[]
  /** A file that holds the tools, read at every list. */
  readonly toolsFile?: string
  /** The JSON text of a tool's result, by the tool's name. */
  readonly rawResults?: Readonly<Record<string, string>>
  /** What it does when it is asked for its revision. Default: refuses. */
  readonly probe?: 'exit' | 'silent'
  /** What it does when it is asked for its tools. Default: lists them. */
  readonly lists?: 'silent' | 'exit'
  /** Answers nothing at all. */
  readonly silent?: boolean
  readonly exitAtOnce?: boolean
  readonly stderr?: string
  /** Where it writes its process id, one line for each start. */
  readonly pidFile?: string
  /** Starts a helper process that does not end by itself, and writes its id there. */
  readonly helperPidFile?: string
  /** Does not end by itself, nor by SIGTERM. */
  readonly stubborn?: boolean
}

/** The transport of a raw server. */
export function rawServer(configuration: RawConfiguration): McpStdioTransport {
  return nodeServer('raw.child.ts', JSON.stringify(configuration))
}

/** The transport of the workshop as a process. */
export function workshopServer(): McpStdioTransport {
  return nodeServer('workshop.child.ts')
}

/** The programs of the servers that npm packages bring. */
export const NPM_SERVERS: { readonly everything: string; readonly filesystem: string; readonly memory: string } = {
  everything: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js')),
  filesystem: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-filesystem/dist/index.js')),
  memory: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js')),
}

/** The transport of a server that an npm package brings. */
export function npmServer(name: keyof typeof NPM_SERVERS, ...args: readonly string[]): McpStdioTransport {
  return { type: 'stdio', command: process.execPath, args: [NPM_SERVERS[name], ...args] }
}

function nodeServer(file: string, ...args: readonly string[]): McpStdioTransport {
  const program = fileURLToPath(new URL(file, import.meta.url))
  return { type: 'stdio', command: process.execPath, args: [program, ...args] }
}

import { definePolicy, type ToolPolicy } from '@starling/tool'

import { McpError } from './mcp-error.ts'
import type { McpSourceOptions, McpTransport } from './mcp-options.ts'

/** The options with every default filled in. */
export interface ResolvedOptions extends McpSourceOptions {
  readonly client: { readonly name: string; readonly version: string }
  readonly prefix: string
  readonly policies: Readonly<Record<string, ToolPolicy>>
  readonly callTimeoutMs: number
  readonly concurrency: number
  readonly connectTimeoutMs: number
  readonly maxOutputBytes: number
  readonly textOnly: boolean
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/
/** Longer prefixes would leave nothing of the name itself. */
const PREFIX = /^[A-Za-z0-9_-]{0,32}$/

/** The longest wait of a timer: 2^31 - 1 milliseconds, a little under 25 days. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

const MIN_OUTPUT_BYTES = 256

const MIB = 1024 * 1024

/** Checks the options and fills in the defaults; throws {@link McpError} `MCP_INVALID_OPTIONS`. */
export function resolveOptions(options: McpSourceOptions): ResolvedOptions {
  const { name, prefix = '' } = options
  if (!NAME.test(name)) throw invalid(`source name is ${JSON.stringify(name)}, expected 1 to 64 of A-Z a-z 0-9 _ -`)
  if (!PREFIX.test(prefix)) {
    throw invalid(`prefix of source ${name} is ${JSON.stringify(prefix)}, expected up to 32 of A-Z a-z 0-9 _ -`)
  }
  checkTransport(name, options.transport)
  for (const policy of [options.policy, ...Object.values(options.policies ?? {})]) definePolicy(policy ?? {})
  return {
    ...options,
    client: options.client ?? { name: 'starling', version: '0.1.0' },
    prefix,
    policies: options.policies ?? {},
    callTimeoutMs: milliseconds('callTimeoutMs', options.callTimeoutMs ?? 60_000),
    concurrency: atLeastOne('concurrency', options.concurrency ?? Infinity),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs ?? 30_000),
    maxOutputBytes: bytes('maxOutputBytes', options.maxOutputBytes ?? MIB),
    textOnly: options.textOnly ?? false,
  }
}

function checkTransport(name: string, transport: McpTransport): void {
  switch (transport.type) {
    case 'stdio':
      if (transport.command.trim() === '') throw invalid(`command of source ${name} is empty`)
      return
    case 'http':
      checkUrl(name, transport.url)
      return
    case 'custom':
      if (typeof transport.open !== 'function') throw invalid(`transport of source ${name} has no function open`)
      return
    default: {
      // Users of plain JavaScript get here.
      const { type }: { readonly type: unknown } = transport satisfies never
      throw invalid(`transport of source ${name} is of type ${String(type)}, expected stdio, http or custom`)
    }
  }
}

function checkUrl(name: string, url: string | URL): void {
  const parsed = URL.parse(String(url))
  // The address itself may hold a secret: it is not named.
  if (parsed === null) throw invalid(`url of source ${name} is not an address`)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw invalid(`url of source ${name} begins with ${parsed.protocol}, expected https: or http:`)
  }
}

function milliseconds(option: string, value: number): number {
  if (value > 0 && value <= MAX_TIMER_MS) return value
  throw invalid(`${option} is ${value}, expected milliseconds above 0 and below 2^31`)
}

function atLeastOne(option: string, value: number): number {
  if (value >= 1) return value
  throw invalid(`${option} is ${value}, expected a number from 1`)
}

function bytes(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= MIN_OUTPUT_BYTES) return value
  throw invalid(`${option} is ${value}, expected a whole number from ${MIN_OUTPUT_BYTES}`)
}

function invalid(message: string): McpError {
  return new McpError('MCP_INVALID_OPTIONS', message)
}

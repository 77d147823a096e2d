// A server written by hand, to do what the SDK's does not: `node raw.child.ts <configuration as JSON>`.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

import type { RawConfiguration } from './raw.ts'

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: {
    readonly name?: string
    readonly protocolVersion?: string
    readonly _meta?: { readonly progressToken: number }
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests write it
const configuration = JSON.parse(process.argv[2] ?? '{}') as RawConfiguration
let isDeaf = false
let lastCancelled = ''

if (configuration.stderr !== undefined) process.stderr.write(configuration.stderr)
if (configuration.exitAtOnce === true) process.exit(3)
if (configuration.pidFile !== undefined) writeFileSync(configuration.pidFile, `${process.pid}\n`, { flag: 'a' })
if (configuration.helperPidFile !== undefined) {
  const helper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
  writeFileSync(configuration.helperPidFile, String(helper.pid))
}
if (configuration.stubborn === true) {
  process.on('SIGTERM', () => undefined)
  setInterval(() => undefined, 1000)
}

createInterface({ input: process.stdin }).on('line', (line) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's client writes it
  if (!isDeaf) answer(JSON.parse(line) as Message, line)
})

function answer({ id, method, params }: Message, line: string): void {
  if (method === 'notifications/cancelled') lastCancelled = line
  if (configuration.silent === true || id === undefined) return
  switch (method) {
    case 'server/discover':
      if (configuration.probe === 'exit') process.exit(1)
      if (configuration.probe !== 'silent') reply(id, '"error":{"code":-32601,"message":"Method not found"}')
      return
    case 'initialize':
      result(id, {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'raw', version: '0' },
      })
      return
    case 'tools/list':
      if (configuration.lists === 'silent') return
      if (configuration.lists === 'exit') process.exit(4)
      result(id, { tools: toolsNow() })
      return
    case 'tools/call':
      call(id, params, line)
      return
    case 'ping':
      result(id, {})
      return
    case undefined:
    default:
      reply(id, '"error":{"code":-32601,"message":"Method not found"}')
  }
}

function call(id: number | string, params: Message['params'], line: string): void {
  const { name = '', _meta } = params ?? {}
  switch (name) {
    case 'die':
      process.stderr.write('out of memory\n')
      process.exit(7)
      break
    case 'hang':
      isDeaf = true
      return
    case 'forget':
      notify('progress', { ..._meta, progress: 1 })
      return
    case 'flood':
      process.stdout.write('x'.repeat(36 * 1024 * 1024))
      return
    case 'cancelled':
      result(id, { content: [{ type: 'text', text: lastCancelled }] })
      return
    case 'line':
      result(id, { content: [{ type: 'text', text: line }] })
      return
    case 'gone':
      reply(id, '"error":{"code":-32602,"message":"Unknown tool: gone"}')
      return
    default:
      reply(id, `"result":${configuration.rawResults?.[name] ?? '{"content":[]}'}`)
  }
}

function notify(name: string, params: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', method: `notifications/${name}`, params })}\n`)
}

function toolsNow(): unknown {
  if (configuration.toolsFile !== undefined) return JSON.parse(readFileSync(configuration.toolsFile, 'utf8'))
  const { names = [], tools = [] } = configuration
  return [...tools, ...names.map((name) => ({ name, description: name, inputSchema: { type: 'object' } }))]
}

function result(id: number | string, value: unknown): void {
  reply(id, `"result":${JSON.stringify(value)}`)
}

function reply(id: number | string, member: string): void {
  process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${member}}\n`)
}

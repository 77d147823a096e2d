import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { isTransient } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource, type McpSourceOptions } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { rawServer, type RawConfiguration } from './servers/raw.ts'
import { scripted } from './servers/scripted.ts'

describe('a server that dies', () => {
  test('fails the calls it was busy with as transient and says how it ended', async () => {
    await using source = open({ names: ['die', 'forget'] })
    const tools = await listTools(source)
    const busy = Promise.withResolvers<void>()
    const forget = call(tools, 'forget', { context: { progress: () => busy.resolve() } })
    await Promise.race([forget, busy.promise])
    const [forgotten, died] = await Promise.allSettled([forget, call(tools, 'die')])
    for (const outcome of [forgotten, died]) {
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
      expect(isTransient(error)).toBe(true)
      expect(error).toMatchObject({
        code: 'TOOL_TRANSIENT',
        message: expect.stringMatching(
          /connection was lost: the server exited with code 7; its last words: out of memory$/,
        ),
      })
    }
  })

  test('is started again by the next call', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ names: ['die', 'ok'], pidFile })
    const tools = await listTools(source)
    await expect(call(tools, 'die')).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
    expect(await call(tools, 'ok')).toEqual({ content: [] })
    expect(pidsIn(pidFile)).toHaveLength(2)
  })

  test('is started once for calls at once', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ names: ['ok'], pidFile })
    const { recorded } = await source.list({})
    await source.close()
    const tools = new Map(source.restore(recorded).map((tool) => [tool.name, tool]))
    await Promise.all([call(tools, 'ok'), call(tools, 'ok'), call(tools, 'ok')])
    expect(pidsIn(pidFile)).toHaveLength(2)
  })

  test('again and again is started later and later', async () => {
    await using source = open({ names: ['die'] })
    const tools = await listTools(source)
    const began = performance.now()
    for (let count = 0; count < 4; count++)
      await expect(call(tools, 'die')).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
    // Without a wait, the second; after 100 ms and 200 ms the third and the fourth.
    expect(performance.now() - began).toBeGreaterThan(300)
  })

  test('when it is asked for its revision is asked in the words of before 2026', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ names: ['ok'], probe: 'exit', pidFile })
    const tools = await listTools(source)
    expect(await call(tools, 'ok')).toEqual({ content: [] })
    expect(pidsIn(pidFile)).toHaveLength(2)
  })
})

describe('a server that says too much', () => {
  test('is ended, and says why', async () => {
    await using source = open({ names: ['flood', 'ok'] })
    const tools = await listTools(source)
    await expect(call(tools, 'flood')).rejects.toMatchObject({
      message:
        'mcp tool "flood" of server "raw": the connection was lost: the server was ended because of a message of more than 35651584 characters',
    })
    expect(await call(tools, 'ok')).toEqual({ content: [] })
  })

  test('that is no message is not listened to', async () => {
    await using source = open({
      names: ['chat', 'ok'],
      rawResults: { chat: '{"content":[]}}\nhello\n{"jsonrpc":"2.0"' },
    })
    expect(await call(await listTools(source), 'chat')).toEqual({ content: [] })
  })
})

describe('a server that cannot be had', () => {
  test('says so when it ends at once, with its last words and without its secrets', async () => {
    const transport = {
      ...rawServer({ exitAtOnce: true, stderr: 'key sk-123456 is refused' }),
      env: { KEY: 'sk-123456' },
    }
    await using source = createMcpSource({ name: 'raw', transport })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      retryable: true,
      message: expect.stringMatching(
        /^mcp server "raw" cannot be connected: .*the server exited with code 3; its last words: key \[hidden\] is refused$/,
      ),
    })
  })

  test('is not worth another attempt when there is no such program', async () => {
    await using source = createMcpSource({
      name: 'none',
      transport: { type: 'stdio', command: 'no-such-program-here' },
    })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      retryable: false,
      message: expect.stringContaining('ENOENT'),
    })
  })

  test('is given up when it says nothing', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ silent: true, pidFile }, { connectTimeoutMs: 1000 })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      message: expect.stringContaining('no connection within 1000 ms'),
    })
    for (const pid of pidsIn(pidFile)) expect(isRunning(pid)).toBe(false)
  })

  test('makes a call that needs it fail as transient', async () => {
    using folder = temporaryFolder()
    const toolsFile = join(folder.path, 'tools')
    await using source = open({ names: ['ok'] })
    const { recorded } = await source.list({})
    await using dead = open({ exitAtOnce: true, toolsFile })
    const tools = new Map(dead.restore(recorded).map((tool) => [tool.name, tool]))
    await expect(call(tools, 'ok')).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
  })

  test('is given up when it does not list its tools', async () => {
    await using source = open({ lists: 'silent' }, { connectTimeoutMs: 2000 })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      retryable: true,
      message: 'mcp server "raw" cannot list its tools: it was not done within 2000 ms',
    })
  })

  test('is asked twice when it ends instead of listing its tools', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ lists: 'exit', pidFile })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'TOOL_TRANSIENT',
      message: 'mcp server "raw" cannot list its tools: the connection was lost: the server exited with code 4',
    })
    expect(pidsIn(pidFile)).toHaveLength(2)
  })

  test('lets go of a list that is aborted, with the reason', async () => {
    await using source = open({ silent: true })
    const reason = new Error('enough')
    const controller = new AbortController()
    const listing = source.list({ signal: controller.signal })
    controller.abort(reason)
    await expect(listing).rejects.toBe(reason)
    await expect(source.list({ signal: controller.signal })).rejects.toBe(reason)
  })

  test('that never answers what it does not know is taken for one of before 2026', async () => {
    await using source = open({ names: ['ok'], probe: 'silent' }, { connectTimeoutMs: 4000 })
    expect(await call(await listTools(source), 'ok')).toEqual({ content: [] })
  })
})

describe('a server that hangs', () => {
  test('is ended and started again, and fails only the call it hangs in by timeout', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ names: ['hang', 'ok'], pidFile }, { callTimeoutMs: 1000 })
    const tools = await listTools(source)
    await expect(call(tools, 'hang')).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
    expect(await call(tools, 'ok')).toEqual({ content: [] })
    const [first = 0] = pidsIn(pidFile)
    expect(isRunning(first)).toBe(false)
  })

  test('and does not end by SIGTERM is ended all the same', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    const source = open({ names: ['ok'], pidFile, stubborn: true })
    await source.list({})
    await source.close()
    for (const pid of pidsIn(pidFile)) expect(isRunning(pid)).toBe(false)
  })

  test('without its output is ended before the call is given up, and says so', async () => {
    const transport = scripted(`
      tool('ok', () => text('1'))
      tool('mute', () => { require('node:fs').closeSync(1); setInterval(() => {}, 1000) })`)
    await using source = createMcpSource({ name: 'raw', transport })
    const tools = await listTools(source)
    await expect(call(tools, 'mute')).rejects.toMatchObject({
      code: 'TOOL_TRANSIENT',
      message:
        'mcp tool "mute" of server "raw": the connection was lost: the server was ended because it had closed its output',
    })
    expect(await call(tools, 'ok')).toBe('1')
  })

  test('only in one call stays, when it still answers others', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    await using source = open({ names: ['forget', 'ok'], pidFile }, { callTimeoutMs: 1000 })
    const tools = await listTools(source)
    await expect(call(tools, 'forget')).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
    expect(await call(tools, 'ok')).toEqual({ content: [] })
    expect(pidsIn(pidFile)).toHaveLength(1)
  })
})

test('a source that nobody closes keeps no process alive, and its server ends with it', async () => {
  using folder = temporaryFolder()
  const [pidFile, helperPidFile] = [join(folder.path, 'pids'), join(folder.path, 'helper')]
  const transport = rawServer({ names: ['ok'], pidFile, helperPidFile, stubborn: true })
  const program = fileURLToPath(new URL('servers/forgetful.child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@starling/source', program, JSON.stringify(transport)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let said = ''
  for await (const chunk of child.stdout) said += String(chunk)
  expect([said, await closed]).toEqual(['{"content":[]}\n', [0, null]])
  for (const pid of [...pidsIn(pidFile), ...pidsIn(helperPidFile)]) await untilGone(pid)
})

test.for([
  ['SIGINT', 'stay', 'ready '],
  ['SIGTERM', 'stay', 'ready '],
  ['SIGHUP', 'stay', 'ready '],
  ['SIGTERM', 'hook', 'ready '],
  ['SIGTERM', 'listen', 'ready still 1 tools'],
] as const)('a program that ends by %s, and would %s, leaves no server behind', async ([signal, then, says]) => {
  using folder = temporaryFolder()
  const [pidFile, helperPidFile] = [join(folder.path, 'pids'), join(folder.path, 'helper')]
  const transport = rawServer({ names: ['ok'], pidFile, helperPidFile, stubborn: true })
  const program = fileURLToPath(new URL('servers/host.child.ts', import.meta.url))
  const host = spawn(process.execPath, ['--conditions=@starling/source', program, JSON.stringify(transport), then], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(host, 'close')
  let said = ''
  for await (const chunk of host.stdout) {
    if (said === '') host.kill(signal)
    said += String(chunk)
  }
  // Whoever started the program sees what ended it.
  expect([said, await closed]).toEqual([says, then === 'listen' ? [0, null] : [null, signal]])
  for (const pid of [...pidsIn(pidFile), ...pidsIn(helperPidFile)]) await untilGone(pid)
})

test('a program that is killed leaves no server behind, however deaf it is', async () => {
  using folder = temporaryFolder()
  const [pidFile, helperPidFile] = [join(folder.path, 'pids'), join(folder.path, 'helper')]
  const transport = rawServer({ names: ['ok'], pidFile, helperPidFile, stubborn: true })
  const program = fileURLToPath(new URL('servers/host.child.ts', import.meta.url))
  const host = spawn(process.execPath, ['--conditions=@starling/source', program, JSON.stringify(transport), 'stay'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(host, 'close')
  for await (const chunk of host.stdout) if (String(chunk) === 'ready ') host.kill('SIGKILL')
  expect(await closed).toEqual([null, 'SIGKILL'])
  for (const pid of [...pidsIn(pidFile), ...pidsIn(helperPidFile)]) await untilGone(pid)
})

test('a server that dies over arguments that it has not read fails the call as transient, and is started again', async () => {
  const transport = scripted(`
    tool('ok', () => text('1'))
    tool('stop', (params, id) => {
      process.stdin.pause()
      result(id, text('stopping'))
      setTimeout(() => process.exit(9), 200)
    })`)
  await using source = createMcpSource({ name: 'raw', transport })
  const tools = await listTools(source)
  await call(tools, 'stop')
  const failed: unknown = await call(tools, 'ok', { input: { a: 'y'.repeat(5_000_000) } }).catch((e: unknown) => e)
  expect(isTransient(failed)).toBe(true)
  expect(await call(tools, 'ok')).toBe('1')
})

test('many large calls at once are no reason for a warning', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  await using source = createMcpSource({ name: 'raw', transport: scripted(`tool('ok', () => text('1'))`) })
  const tools = await listTools(source)
  const input = { a: 'y'.repeat(200_000) }
  const results = await Promise.all(Array.from({ length: 30 }, () => call(tools, 'ok', { input })))
  process.removeListener('warning', onWarning)
  expect(new Set(results)).toEqual(new Set(['1']))
  expect(warnings).toEqual([])
})

test('lists of the same tools compile nothing again and keep no memory', async () => {
  const transport = scripted(`
    const properties = (index) => ({ a: { type: 'string' }, b: { enum: ['x' + index] } })
    for (let index = 0; index < 50; index++) {
      tool('t' + index, () => text('1'), { inputSchema: { type: 'object', properties: properties(index) } })
    }`)
  await using source = createMcpSource({ name: 'raw', transport })
  const ten = async (): Promise<void> => {
    for (let count = 0; count < 10; count++) await source.list({})
  }
  await ten()
  const before = usedAfterCollection()
  await ten()
  // Compiled once more each time, they would keep some 20 MB.
  expect(usedAfterCollection() - before).toBeLessThan(5_000_000)
})

test('more servers than ten are no reason for a warning', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  const sources = Array.from({ length: 12 }, () => open({ names: ['ok'] }))
  const before = process.listenerCount('exit')
  await Promise.all(sources.map((source) => source.list({})))
  expect(process.listenerCount('exit')).toBeLessThanOrEqual(before + 1)
  await Promise.all(sources.map((source) => source.close()))
  expect(process.listenerCount('exit')).toBe(before)
  process.removeListener('warning', onWarning)
  expect(warnings).toEqual([])
})

describe('close', () => {
  test('that is called twice waits both times until the server has ended', async () => {
    using folder = temporaryFolder()
    const pidFile = join(folder.path, 'pids')
    const source = open({ names: ['ok'], pidFile, stubborn: true })
    await source.list({})
    const first = source.close()
    await source.close()
    expect(pidsIn(pidFile).map(isRunning)).toEqual([false])
    await first
  })

  test('ends the server and what it started', async () => {
    using folder = temporaryFolder()
    const [pidFile, helperPidFile] = [join(folder.path, 'pids'), join(folder.path, 'helper')]
    const source = open({ names: ['ok'], pidFile, helperPidFile })
    await source.list({})
    await source.close()
    const pids = [...pidsIn(pidFile), ...pidsIn(helperPidFile)]
    expect(pids).toHaveLength(2)
    for (const pid of pids) await untilGone(pid)
  })

  test('fails a call that is under way as transient', async () => {
    const source = open({ names: ['forget'] })
    const tools = await listTools(source)
    const busy = Promise.withResolvers<void>()
    const waiting = call(tools, 'forget', { context: { progress: () => busy.resolve() } })
    const failed = waiting.catch((error: unknown) => error)
    await busy.promise
    await source.close()
    expect(await failed).toMatchObject({ code: 'TOOL_TRANSIENT' })
  })

  test('ends a connection that is being made', async () => {
    const source = open({ silent: true })
    const failed = source.list({}).catch((error: unknown) => error)
    await source.close()
    expect(await failed).toMatchObject({ code: 'MCP_CONNECTION_FAILED' })
  })

  test('comes as often as one likes, also before anything began, and the source can be used again', async () => {
    const source = open({ names: ['ok'] })
    await source.close()
    expect(await call(await listTools(source), 'ok')).toEqual({ content: [] })
    await Promise.all([source.close(), source.close()])
    expect(await call(await listTools(source), 'ok')).toEqual({ content: [] })
    await source.close()
  })
})

test('nothing is started before it is needed', () => {
  using folder = temporaryFolder()
  const pidFile = join(folder.path, 'pids')
  open({ pidFile })
  expect(existsSync(pidFile)).toBe(false)
})

function open(configuration: RawConfiguration, options: Partial<McpSourceOptions> = {}): McpSource {
  return createMcpSource({ name: 'raw', transport: rawServer(configuration), ...options })
}

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'starling-mcp-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** What the heap holds once nothing is left to collect. */
function usedAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

function pidsIn(file: string): readonly number[] {
  return readFileSync(file, 'utf8').trim().split('\n').map(Number)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A process that was killed may still wait to be cleared away by whoever adopted it. */
async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isRunning(pid) && !isZombie(pid), { timeout: 15_000 }).toBe(false)
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

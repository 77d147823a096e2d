// A call that was left while a person was asked is made again from its start, with what it has recorded by then.
import type { AskOptions, ToolAnswer, ToolContext, ToolQuestion } from '@starling/tool'
import { describe, expect, test, vi } from 'vitest'

import { createMcpSource, type McpSource, type McpSourceOptions } from '../src/index.ts'
import { call, listTools, recordingContext, replayingContext, type Recording } from './call.ts'
import { openByHand } from './servers/by-hand.ts'
import { npmServer, workshopServer } from './servers/raw.ts'
import { scripted } from './servers/scripted.ts'

const ADA: ToolAnswer = { action: 'accept', content: '{"name":"Ada"}' }
const DECLINED: ToolAnswer = { action: 'decline' }

/** Asks for as many names as it has questions; says how often it was called, and what it was told. */
const ASKING = `
  let calls = 0
  const form = (message) => ({ mode: 'form', message, requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } })
  const asking = (...messages) => async () => {
    const call = ++calls
    const told = []
    for (const message of messages) told.push(await elicit(form(message.replace('#', call))))
    return text(call + ' ' + told.map(({ action, content }) => content?.name ?? action).join(' '))
  }
  tool('one', asking('first?'))
  tool('two', asking('first?', 'second?'))
  tool('twice', asking('again?', 'again?'))
  tool('new', asking('call #?'))
  tool('visit', async () => {
    const { action } = await elicit({ mode: 'url', message: 'Sign in.', url: 'https://login.example/', elicitationId: 'e' })
    return text(++calls + ' ' + action)
  })`

/** A run of which each process has some answers; where it has none it is left. */
class LeftRun {
  readonly recording: Recording = { effects: [] }
  readonly asked: { readonly question: ToolQuestion; readonly options: AskOptions | undefined }[] = []
  readonly #left = new Error('the run is left')

  /** Calls a tool in a process of its own; resolves with `undefined` when the run is left. */
  async call(source: McpSource, name: string, answers: readonly ToolAnswer[]): Promise<unknown> {
    const tools = await listTools(source)
    const rest = [...answers]
    const ask: ToolContext['ask'] = async (question, options) => {
      const answer = rest.shift()
      if (answer !== undefined) return answer
      this.asked.push({ question, options })
      throw this.#left
    }
    const before = replayingContext({ effects: [...this.recording.effects] })
    const after = recordingContext(this.recording)
    let left = this.recording.effects.length
    const sideEffect: ToolContext['sideEffect'] = (effect, fn) =>
      left-- > 0 ? before.sideEffect(effect, fn) : after.sideEffect(effect, fn)
    return call(tools, name, { context: { ask, sideEffect } }).catch((error: unknown) => {
      if (error !== this.#left) throw error
      return undefined
    })
  }
}

/** Calls a tool of a server that is started again for each list of answers. */
async function inProcesses(
  tool: string,
  processes: readonly (readonly ToolAnswer[])[],
  options: Partial<McpSourceOptions> = {},
): Promise<{ readonly run: LeftRun; readonly result: unknown }> {
  const run = new LeftRun()
  let result: unknown
  for (const answers of processes) {
    await using source = createMcpSource({ name: 's', transport: scripted(ASKING), ...options })
    result = await run.call(source, tool, answers)
  }
  return { run, result }
}

describe('before 2026, where a question hangs on an open request', () => {
  test('another process makes the request again, and gives the answer when the server asks the same', async () => {
    const { run, result } = await inProcesses('one', [[], [ADA]])
    expect(result).toBe('1 Ada')
    expect(run.asked).toMatchObject([{ question: { message: 'first?' }, options: { held: false } }])
  })

  test('answers are given in the order in which the server asks, and only what is new is asked', async () => {
    const { run, result } = await inProcesses('two', [[], [ADA], [ADA, DECLINED]])
    expect(result).toBe('1 Ada decline')
    expect(run.asked.map(({ question }) => question.message)).toEqual(['first?', 'second?'])
  })

  test('the same question that is asked twice has two answers', async () => {
    const { result } = await inProcesses('twice', [[], [ADA], [ADA, DECLINED]])
    expect(result).toBe('1 Ada decline')
  })

  test('an answer is given once, and what is asked in other words is asked', async () => {
    const run = new LeftRun()
    await using source = createMcpSource({ name: 's', transport: scripted(ASKING) })
    expect(await run.call(source, 'new', [])).toBeUndefined()
    // The server lives on, so that it counts on: what it asks is new.
    expect(await run.call(source, 'new', [ADA])).toBeUndefined()
    expect(run.asked.map(({ question }) => question.message)).toEqual(['call 1?', 'call 2?'])
  })

  test.for([DECLINED, { action: 'cancel' }] as const)('an answer may be $action', async (answer) => {
    const { result } = await inProcesses('one', [[], [answer]])
    expect(result).toBe(`1 ${answer.action}`)
  })

  test('a visit is known by its address', async () => {
    const { run, result } = await inProcesses('visit', [[], [{ action: 'accept' }]])
    expect(result).toBe('1 accept')
    expect(run.asked).toMatchObject([{ question: { type: 'url', url: 'https://login.example/' } }])
  })

  test('an answer that is none fails the call', async () => {
    const failed = inProcesses('one', [[], [{ action: 'accept', content: '7' }]])
    await expect(failed).rejects.toMatchObject({ code: 'MCP_REQUEST_FAILED' })
  })

  test('a question of a tool that must not be called twice is for its process alone', async () => {
    const policy = { idempotent: false }
    const { run, result } = await inProcesses('one', [[]], { policy })
    expect([result, run.asked]).toMatchObject([undefined, [{ options: { held: true } }]])
    await using source = createMcpSource({ name: 's', transport: scripted(ASKING), policy })
    await expect(run.call(source, 'one', [ADA])).rejects.toMatchObject({
      code: 'TOOL_TRANSIENT',
      message: 'mcp tool "one" of server "s": the connection on which the server asked is gone',
    })
  })

  test('a server hears that a call that is left is answered by nobody, and asks for other runs at once', async () => {
    await using source = createMcpSource({ name: 's', transport: scripted(ASKING) })
    expect(await new LeftRun().call(source, 'one', [])).toBeUndefined()
    const ask = async (): Promise<ToolAnswer> => ADA
    const tools = await listTools(source)
    expect(await call(tools, 'one', { context: { runId: 'another', ask } })).toBe('2 Ada')
  })

  test('an answer is not given where the question may be of another run, and the call says so', async () => {
    const run = new LeftRun()
    const transport = scripted(`${ASKING}
      tool('wait', ({ _meta: { progressToken } }) => void send({ method: 'notifications/progress', params: { progressToken, progress: 1 } }))`)
    await using first = createMcpSource({ name: 's', transport })
    await run.call(first, 'one', [])
    await first.close()
    await using source = createMcpSource({ name: 's', transport })
    const running = new AbortController()
    const begun = Promise.withResolvers<void>()
    const context = { runId: 'another', signal: running.signal, progress: () => begun.resolve() }
    const waiting = call(await listTools(source), 'wait', { context }).catch((error: unknown) => error)
    await begun.promise
    await expect(run.call(source, 'one', [ADA])).rejects.toMatchObject({
      code: 'TOOL_TRANSIENT',
      message:
        'mcp tool "one" of server "s": the server asks again what was answered, and calls of several runs are open',
    })
    running.abort('enough')
    await waiting
  })

  test('of calls at once, the one that knows the answer gives it', async () => {
    const question = { key: '1', type: 'form', message: 'first?', schema: '{"type":"object","properties":{}}' }
    const effects = [{ name: 'mcp/s/one', value: { questions: [question], resume: 'answer' } }]
    const transport = scripted(`
      let go
      const requestedSchema = { type: 'object', properties: {} }
      tool('one', async ({ _meta: { progressToken } }) => {
        send({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
        await new Promise((resolve) => (go = resolve))
        return text(JSON.stringify(await elicit({ mode: 'form', message: 'first?', requestedSchema })))
      })
      tool('other', () => go())`)
    await using source = createMcpSource({ name: 's', transport })
    const tools = await listTools(source)
    const begun = Promise.withResolvers<void>()
    const context = replayingContext({ effects }, { live: true, ask: async () => ADA, progress: () => begun.resolve() })
    const one = tools.get('one')?.execute('{}', context)
    await begun.promise
    const running = new AbortController()
    const ask = (): never => expect.unreachable('the later call was asked')
    const other = call(tools, 'other', { context: { ask, signal: running.signal } }).catch((error: unknown) => error)
    expect(JSON.parse(JSON.parse((await one) ?? ''))).toEqual({ action: 'accept', content: { name: 'Ada' } })
    running.abort('enough')
    expect(await other).toBe('enough')
  })
})

describe('a server that is lost while a person is asked', () => {
  test.for<readonly [string, McpSourceOptions['policy'], unknown]>([
    ['is asked again, and given the answer', {}, 'Ada'],
    ['fails a call that must not be made twice', { idempotent: false }, 'TOOL_TRANSIENT'],
  ])('%s', async ([, policy, expected]) => {
    const transport = scripted(`
      const requestedSchema = { type: 'object', properties: {} }
      tool('die', () => process.exit(1))
      tool('one', async () => {
        const { action, content } = await elicit({ mode: 'form', message: 'first?', requestedSchema })
        return text(content?.name ?? action)
      })`)
    await using source = createMcpSource({ name: 's', transport, policy })
    const tools = await listTools(source)
    let asked = 0
    const ask = async (): Promise<ToolAnswer> => {
      asked++
      await call(tools, 'die').catch(() => undefined)
      return ADA
    }
    const outcome = await call(tools, 'one', { context: { ask } }).catch((error: unknown) =>
      Reflect.get(Object(error), 'code'),
    )
    expect([outcome, asked]).toEqual([expected, 1])
  })
})

test('a stream over http that breaks off while a person is asked is asked for again, and what waits behind it ended', async () => {
  const streams: { readonly id: number; readonly controller: ReadableStreamDefaultController<string> }[] = []
  const answers: unknown[] = []
  const params = { mode: 'form', message: 'first?', requestedSchema: { type: 'object', properties: {} } }
  await using server = await openByHand({
    names: ['one'],
    call({ id }) {
      const body = new ReadableStream<string>({
        start(controller) {
          streams.push({ id, controller })
          const question = { jsonrpc: '2.0', id: `q${id}`, method: 'elicitation/create', params }
          controller.enqueue(`data: ${JSON.stringify(question)}\n\n`)
        },
      })
      return new Response(body.pipeThrough(new TextEncoderStream()), {
        headers: { 'content-type': 'text/event-stream' },
      })
    },
    answered(result) {
      answers.push(result)
      if (Reflect.get(Object(result), 'action') !== 'accept') return
      const last = streams.at(-1)
      const message = { jsonrpc: '2.0', id: last?.id, result: { content: [{ type: 'text', text: 'done' }] } }
      last?.controller.enqueue(`data: ${JSON.stringify(message)}\n\n`)
      last?.controller.close()
    },
  })
  await using source = createMcpSource({
    name: 'h',
    transport: { type: 'http', url: server.url },
    revision: '2025-11-25',
  })
  const tools = await listTools(source)
  const ask = async (): Promise<ToolAnswer> => {
    streams[0]?.controller.close()
    // By the time of an answer, the client has read the end of the stream as well.
    await listTools(source)
    return ADA
  }
  expect(await call(tools, 'one', { context: { ask } })).toBe('done')
  expect(answers).toEqual([{ action: 'cancel' }, { action: 'accept', content: { name: 'Ada' } }])
})

test('a call that was given up long ago keeps no question from other runs', async () => {
  const transport = scripted(`${ASKING}
    tool('wait', (params) => void send({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1 } }))`)
  await using source = createMcpSource({ name: 's', transport })
  const tools = await listTools(source)
  for (const runId of ['one', 'two']) {
    const running = new AbortController()
    const begun = Promise.withResolvers<void>()
    const context = { runId, signal: running.signal, progress: () => begun.resolve() }
    const waiting = call(tools, 'wait', { context }).catch((error: unknown) => error)
    await begun.promise
    running.abort('enough')
    expect(await waiting).toBe('enough')
  }
  const context = { runId: 'three', ask: async (): Promise<ToolAnswer> => ADA }
  expect(await call(tools, 'one', { context })).toBe('1 cancel')
  const now = performance.now()
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    vi.advanceTimersByTime(now + 10 * 60_000)
    expect(await call(tools, 'one', { context })).toBe('2 Ada')
  } finally {
    vi.useRealTimers()
  }
})

describe('since 2026', () => {
  test('another process goes on from the question, also of a tool that must not be called twice', async () => {
    for (const policy of [{}, { idempotent: false }]) {
      const options = { transport: workshopServer(), revision: '2026-07-28', policy } as const
      const answer = { action: 'accept', content: '{"count":5}' } as const
      const { run, result } = await inProcesses('order', [[], [answer]], options)
      expect(result).toBe('ordered 5 as customer 7')
      expect(run.asked).toMatchObject([{ options: { held: false } }])
      expect(run.recording.effects).toHaveLength(2)
    }
  })
})

test('server-everything is told in another process what a person answered', async () => {
  const options = { transport: npmServer('everything', 'stdio') }
  const { run, result } = await inProcesses('trigger-elicitation-request', [[], [ADA]], options)
  expect(JSON.stringify(result)).toContain('- Name: Ada')
  expect(run.asked).toHaveLength(1)
})

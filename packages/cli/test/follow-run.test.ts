import { validateRun } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { documents, lines } from './support/call.ts'
import { ADD, DONE, follow } from './support/follow.ts'

describe('a run that is followed', () => {
  test('for a script, stdout is the answer and stderr one line about the run', async () => {
    const { code, stdout, stderr } = await follow([ADD, DONE])
    expect({ code, stdout }).toEqual({ code: EXIT.ok, stdout: 'It is 3.\n' })
    expect(stderr).toMatch(/^run r completed: 2 turns, 1 tool call, 13 tokens, \$0, \d+ms\n$/)
  })

  test('a budget that ends the run is named, with what was spent and its cap', async () => {
    const spent = { budget: { maxToolCalls: 1 } }
    const line = /^run r failed \(budget: step: budget exceeded: tool_calls 2 > 1\): /
    expect(await follow([ADD, ADD, DONE], spent)).toMatchObject({ code: 1, stderr: expect.stringMatching(line) })
    const { stdout } = await follow([ADD, ADD, DONE], { ...spent, json: true, quiet: true })
    expect(JSON.parse(stdout)).toMatchObject({
      error: { type: 'budget' },
      budget_exceeded: { limit: 'tool_calls', cap: 1, actual: 2 },
    })
  })

  test('--quiet leaves only the answer', async () => {
    expect(await follow([ADD, DONE], { quiet: true })).toMatchObject({ stdout: 'It is 3.\n', stderr: '' })
  })

  test('on a terminal it is shown as it happens', async () => {
    const { stdout } = await follow([ADD, DONE], { isTTY: true, env: { NO_COLOR: '1' } })
    expect(stdout.replace(/\d+ms/, '…')).toBe(
      '→ add {"a":1,"b":2}\n  ✓ add 3\neasy\nIt is 3.\nrun r completed: 2 turns, 1 tool call, 13 tokens, $0, …\n',
    )
  })

  test('with --json every update is a line, and the result is the last', async () => {
    const { stdout } = await follow([ADD, DONE], { json: true })
    const updates = documents(stdout)
    expect(updates.filter(({ type }) => type === 'event').map(({ event }) => event.kind)).toEqual([
      'RunStarted',
      'TurnStarted',
      'AssistantMessageCompleted',
      'ToolCallScheduled',
      'ToolCallCompleted',
      'TurnStarted',
      'ReasoningEmitted',
      'AssistantMessageCompleted',
      'RunCompleted',
    ])
    const rest = ['tool-arguments-delta', 'tool-started', 'tool-ended', 'reasoning-delta', 'text-delta', 'done']
    expect(new Set(updates.map(({ type }) => type))).toEqual(new Set(['event', ...rest]))
    expect(
      updates
        .filter(({ type }) => type === 'text-delta')
        .map(({ text }) => text)
        .join(''),
    ).toBe('It is 3.')
    expect(updates.at(-1).result).toMatchObject({
      run_id: 'r',
      status: 'completed',
      final_text: 'It is 3.',
      error: null,
      merkle_root: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('with --json --quiet there is one document, the result', async () => {
    const { stdout } = await follow([ADD, DONE], { json: true, quiet: true })
    expect(documents(stdout)).toEqual([expect.objectContaining({ run_id: 'r', status: 'completed' })])
  })

  test('a failed run exits with 1 and says why', async () => {
    const { code, stdout, stderr } = await follow([], { retries: 0 })
    expect({ code, stdout }).toEqual({ code: EXIT.failure, stdout: '' })
    expect(stderr).toMatch(/^run r failed \(provider: .*scripted provider exhausted.*\): 1 turn, 0 tool calls/)
  })

  test('a failed tool is shown, and what the model makes of it', async () => {
    const turns = [{ toolCalls: [{ id: 'c1', name: 'add', arguments: '{"a":"x"}' }] }, DONE]
    const { code, stdout } = await follow(turns, { isTTY: true, env: { NO_COLOR: '1' } })
    expect(code).toBe(EXIT.ok)
    expect(lines(stdout)[1]).toMatch(/^ {2}✗ add .+/)
  })

  test('what a model says cannot steer the terminal', async () => {
    const { stdout } = await follow([{ text: '\u001B[2Jgone' }])
    expect(stdout).toBe('\\x1b[2Jgone\n')
  })

  test('a reader that goes away does not end the run', async () => {
    const log = createMemoryEventLog()
    const write = (): never => {
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    }
    const { code } = await follow([ADD, DONE], { log, json: true, stdout: { isTTY: false, write } })
    expect(code).toBe(EXIT.ok)
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
  })

  test('an interrupt cancels the run: its log is closed properly and the exit code is 130', async () => {
    const log = createMemoryEventLog()
    let interrupt = (): void => {}
    const { code, stderr } = await follow([{ text: 'thinking', fault: { kind: 'hang', afterChunks: 1 } }], {
      log,
      isTTY: true,
      onInterrupt: (listener) => {
        interrupt = listener
        return () => {}
      },
      // The text has arrived, and nothing will follow it.
      onWrite: (text) => {
        if (text.includes('thinking')) interrupt()
      },
    })
    expect(code).toBe(EXIT.interrupted)
    expect(stderr).toContain('cancelling the run for good; interrupt again to end the process at once')
    expect(stderr).not.toContain('resume')
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
    expect(await log.summary('r')).toMatchObject({ status: 'cancelled' })
  })

  test('a request to terminate leaves the run open, says how to go on, and exits with 143', async () => {
    const log = createMemoryEventLog()
    let terminate = (): void => {}
    const { code, stderr } = await follow([{ text: 'thinking', fault: { kind: 'hang', afterChunks: 1 } }], {
      log,
      isTTY: true,
      onInterrupt: (listener) => {
        terminate = () => listener('SIGTERM')
        return () => {}
      },
      onWrite: (text) => {
        if (text.includes('thinking')) terminate()
      },
    })
    expect({ code, stderr }).toEqual({
      code: EXIT.terminated,
      stderr: 'starling: terminated; run r is open, go on with: starling resume --agent a.ts x.db r\n',
    })
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'open', events: 2 })
  })
})

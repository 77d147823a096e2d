import { decideApprovals } from '@starling/core'
import type { ApprovalRequest, CallPolicy } from '@starling/core'
import { cborToJson, decodePayload, KIND } from '@starling/event'
import { validateRun, type EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { ScriptedTurn } from '@starling/provider/scripted'
import type { Tool } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { readApprovalEvent, type RecordedApproval } from '../src/approvals/recorded-approval.ts'
import { EXIT, type CliIo } from '../src/index.ts'
import { documents, lines } from './support/call.ts'
import { ADD, DONE, follow } from './support/follow.ts'

const BATCH: ScriptedTurn = {
  toolCalls: [
    { id: 'c1', name: 'add', arguments: { a: 1, b: 2 } },
    { id: 'c2', name: 'look', arguments: {} },
    { id: 'c3', name: 'add', arguments: { a: 3, b: 4 } },
  ],
}

describe('a tool call that needs approval', () => {
  test.each([
    ['all', undefined, 'completed'],
    ['none', undefined, 'denied'],
    [undefined, 'y', 'completed'],
    [undefined, 'Yes', 'completed'],
    [undefined, 'n', 'denied'],
    [undefined, '', 'denied'],
    [undefined, undefined, 'denied'],
    ['none', 'y', 'denied'],
  ])('--approve %s, answered %s: %s', async (approve, answer, outcome) => {
    const person = answering(answer ?? '')
    const log = createMemoryEventLog()
    const { code } = await follow([ADD, DONE], {
      log,
      approval: true,
      approve,
      ...(answer === undefined ? {} : { ask: person.ask }),
    })
    expect(code).toBe(EXIT.ok)
    expect(person.asked.length > 0).toBe(answer !== undefined && approve === undefined)
    const kinds = (await log.read('r')).map((event) => event.kind)
    expect(kinds.includes(KIND.ToolCallCompleted) ? 'completed' : 'denied').toBe(outcome)
  })

  test('the question shows the tool, why it asks and its arguments, without escapes', async () => {
    const turn = { toolCalls: [{ id: 'c1', name: 'add', arguments: '{"a":1,"b":2,"\\u001b":0}' }] }
    const policy: CallPolicy = { data: 1, evaluate: () => ({ effect: 'ask', reason: 'sums are looked at' }) }
    const person = answering('n', 'not today')
    const { stderr } = await follow([turn, DONE], { more: { policy }, ask: person.ask })
    expect(stderr).toContain('\nadd c1: sums are looked at\n  {"\\u001b":0,"a":1,"b":2}\n')
    expect(person.asked).toEqual(['Allow it? yes, no, edit, later [no] ', 'Why not? The model is told. [no reason] '])
  })

  test('a decision is recorded with who made it, and a denial with the reason that the model is told', async () => {
    const log = createMemoryEventLog()
    await follow([ADD, ADD, DONE], { log, approval: true, ask: answering('y', 'n', 'not today').ask })
    expect(await decisions(log)).toMatchObject([
      { callId: 'c1', decision: 'approve', by: 'ada@test' },
      { callId: 'c1', decision: 'deny', by: 'ada@test', reason: 'not today' },
    ])
  })

  test('arguments are edited on the line where they stand, until they are JSON', async () => {
    const log = createMemoryEventLog()
    const person = answering('what', 'e', '{"a":', '{"a":5,"b":5}')
    const { stderr } = await follow([ADD, DONE], { log, approval: true, ask: person.ask })
    expect(person.prefills).toEqual([undefined, undefined, '{"a":1,"b":2}', '{"a":'])
    expect(stderr).toContain('what is none of y, n, e, l\n')
    expect(stderr).toMatch(/^not JSON: /m)
    const scheduled = (await log.read('r')).filter(({ kind }) => kind === KIND.ToolCallScheduled)
    expect(scheduled.map(({ payload }) => cborToJson(decodePayload(KIND.ToolCallScheduled, payload).args))).toEqual([
      '{"a":5,"b":5}',
    ])
  })

  test('arguments that cannot be recorded deny the call: nobody would be asked again', async () => {
    const log = createMemoryEventLog()
    const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`
    const inputSchema = '{"type":"object"}'
    const store = {
      name: 'store',
      description: 'Stores.',
      inputSchema,
      policy: { approval: true },
      execute: async () => '1',
    }
    const turn = { toolCalls: [{ id: 'c1', name: 'store', arguments: {} }] }
    const { code, stderr } = await follow([turn, DONE], { log, tools: [store], ask: answering('e', deep).ask })
    expect(code).toBe(EXIT.ok)
    expect(stderr).toContain('denied store: it cannot be recorded: ')
    expect(await decisions(log)).toMatchObject([
      { decision: 'deny', reason: expect.stringMatching(/^it cannot be recorded: /) },
    ])
  })

  test('edited arguments are held against what the tool takes', async () => {
    const log = createMemoryEventLog()
    const person = answering('e', '[]', '{"a":"5","c":1}', '{"a":5,"b":5}')
    const { stderr } = await follow([ADD, DONE], { log, approval: true, ask: person.ask })
    expect(stderr).toContain('arguments are a JSON object, not []\n')
    expect(stderr).toContain('b is required\na: wants a number, got "5"\nthe tool takes no c; it takes a, b\n')
    expect(await decisions(log)).toMatchObject([{ decision: 'approve', input: '{"a":5,"b":5}' }])
  })

  test('an empty line of arguments goes back to the choices', async () => {
    const log = createMemoryEventLog()
    await follow([ADD, DONE], { log, approval: true, ask: answering('e', '', 'y').ask })
    const [decision] = await decisions(log)
    expect(decision).toMatchObject({ decision: 'approve' })
    expect(decision).not.toHaveProperty('input', expect.anything())
  })

  test('questions are asked one after the other, and what happens meanwhile is shown after the answer', async () => {
    const seen: string[] = []
    const early: string[] = []
    let open = 0
    const ask: CliIo['ask'] = async (question) => {
      open += 1
      expect(open).toBe(1)
      // Long enough for the free call to end while it stands there.
      await lookEnded.promise
      await nextTurn()
      seen.push(question)
      open -= 1
      return 'y'
    }
    const lookEnded = Promise.withResolvers<void>()
    const { stdout } = await follow([BATCH, DONE], {
      approval: true,
      isTTY: true,
      env: { NO_COLOR: '1' },
      tools: [looking(() => lookEnded.resolve())],
      ask,
      onWrite: (text) => void (seen.length === 0 && early.push(text)),
    })
    expect(early).toEqual([])
    expect(seen).toHaveLength(2)
    expect(lines(stdout).slice(0, 2)).toEqual(['→ look {}', '  ✓ look "seen"'])
  })

  test('a question that cannot be asked is a denial', async () => {
    const ask = async (): Promise<string> => Promise.reject(new Error('the terminal is gone'))
    const log = createMemoryEventLog()
    const { code } = await follow([ADD, DONE], { log, approval: true, ask })
    expect(code).toBe(EXIT.ok)
    const [decision] = await decisions(log)
    expect(decision).toMatchObject({ decision: 'deny', reason: 'nobody could be asked: the terminal is gone' })
    expect(decision).not.toHaveProperty('by', expect.anything())
  })

  test('a denial that nobody was asked about is told on stderr', async () => {
    expect((await follow([ADD, DONE], { approval: true })).stderr).toMatch(
      /^denied add: nobody is there to approve it; run on a terminal, or with --approve all or --approve later\n/,
    )
    const denied = await follow([ADD, DONE], { approval: true, approve: 'none' })
    expect(denied.stderr).toMatch(/^denied add: nobody was asked \(--approve none\)\nrun r completed/)
    const json = await follow([ADD, DONE], { approval: true, json: true })
    expect(json.stderr).toBe('')
  })

  test('a call that was denied is not shown as made', async () => {
    const options = { approval: true, isTTY: true, env: { NO_COLOR: '1' }, approve: 'none' }
    const { stdout } = await follow([ADD, DONE], options)
    expect(lines(stdout)[0]).toBe('  ✗ add the call was denied: nobody was asked (--approve none)')
    expect(stdout).not.toContain('→')
    // Denied by another process, and called again under the same id later.
    const log = createMemoryEventLog()
    await follow([ADD], { log, approval: true, approve: 'later' })
    await decideApprovals(log, { runId: 'r', decisions: [{ callId: 'c1', decision: 'deny' }] })
    const later = await follow([ADD, DONE], { ...options, log, resume: true, approve: 'all' })
    expect(lines(later.stdout).filter((line) => /add/.test(line))).toEqual([
      '  ✗ add the call was denied',
      '→ add {"a":1,"b":2}',
      '  ✓ add 3',
    ])
  })

  test('an interrupt takes the question back', async () => {
    let interrupt = (): void => {}
    const { code } = await follow([ADD, DONE], {
      approval: true,
      ask: standing(() => interrupt()),
      onInterrupt: (listener) => {
        interrupt = listener
        return () => {}
      },
    })
    expect(code).toBe(EXIT.interrupted)
  })

  test('a question whose time runs out is taken back, and says what became of it', async () => {
    const log = createMemoryEventLog()
    const { code, stderr } = await follow([ADD, DONE], {
      log,
      approval: true,
      more: { approvalTimeoutMs: 20 },
      ask: standing(() => {}),
    })
    expect(code).toBe(EXIT.ok)
    expect(stderr).toContain('\ndenied by timeout\n')
    expect(await decisions(log)).toMatchObject([{ decision: 'deny', by: 'timeout' }])
  })

  test("the agent's own code decides, unless the command line does", async () => {
    const asked: ApprovalRequest[] = []
    const approve = (request: ApprovalRequest) => {
      asked.push(request)
      return { decision: 'approve', by: 'code' } as const
    }
    const [own, flag] = [createMemoryEventLog(), createMemoryEventLog()]
    await follow([ADD, DONE], { log: own, approval: true, more: { approve } })
    await follow([ADD, DONE], { log: flag, approval: true, approve: 'none', more: { approve } })
    expect(asked).toHaveLength(1)
    expect(await decisions(own)).toMatchObject([{ decision: 'approve', by: 'code' }])
    expect(await decisions(flag)).toMatchObject([{ decision: 'deny', by: 'ada@test' }])
  })
})

describe('a run that waits for later', () => {
  test('--approve later leaves it waiting, says how to decide, and exits with 6', async () => {
    const log = createMemoryEventLog()
    const said = { ...ADD, text: 'I want to add.' }
    const { code, stdout, stderr } = await follow([said], { log, approval: true, approve: 'later' })
    // What the model has said so far is no answer.
    expect({ code, stdout }).toEqual({ code: EXIT.suspended, stdout: '' })
    expect(lines(stderr).slice(1)).toEqual([
      'run r waits for 1 decision:',
      'c1 add {"a":1,"b":2}',
      expect.stringMatching(/^ {2}it needs an approval; asked /),
      'decide with: starling approve --agent a.ts x.db r c1',
    ])
    expect(lines(stderr)[0]).toMatch(/^run r suspended: 1 turn, 0 tool calls/)
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'open' })
  })

  test('an id from a model cannot steer the terminal through the command to copy', async () => {
    const turn = { toolCalls: [{ id: 'c\u001B[2J', name: 'add', arguments: { a: 1, b: 2 } }] }
    const { stderr } = await follow([turn], { approval: true, approve: 'later' })
    expect(stderr).not.toContain('\u001B')
    expect(stderr).toContain("x.db r 'c\\x1b[2J'\n")
  })

  test('with --json the result says so, with what is waited for', async () => {
    const { code, stdout } = await follow([ADD], { approval: true, approve: 'later', json: true, quiet: true })
    expect(code).toBe(EXIT.suspended)
    expect(documents(stdout)).toMatchObject([
      { status: 'suspended', waiting: [{ call_id: 'c1', tool: 'add', arguments: '{"a":1,"b":2}', reason: 'policy' }] },
    ])
  })

  test('whoever is asked may put it off: the other calls are made first, and nothing more', async () => {
    const log = createMemoryEventLog()
    const answered = Promise.withResolvers<void>()
    // Still under way when both are answered: until it has ended, the decision is not on record.
    const look = looking(async () => answered.promise.then(nextTurn))
    const person = answering('y', 'l')
    const ask: CliIo['ask'] = async (...args) => {
      const typed = await person.ask(...args)
      if (person.asked.length === 2) answered.resolve()
      return typed
    }
    const { code, stderr } = await follow([BATCH, DONE], { log, approval: true, tools: [look], ask })
    expect(code).toBe(EXIT.suspended)
    expect(stderr).toContain('decide with: starling approve --agent a.ts x.db r c3\n')
    const kinds = (await log.read('r')).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === KIND.ToolCallCompleted)).toHaveLength(1)
    expect(kinds).not.toContain(KIND.RunCancelled)
    expect(await decisions(log)).toMatchObject([{ callId: 'c1', decision: 'approve' }])
    const again = await follow([DONE], { log, approval: true, tools: [look], resume: true, ask: async () => 'y' })
    expect(again.code).toBe(EXIT.ok)
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
  })

  test('what the log has no place for cannot be put off', async () => {
    const person = answering('l', 'y')
    const more = { profile: 'reference' } as const
    const { code, stderr } = await follow([ADD, DONE], { approval: true, ask: person.ask, more })
    expect(code).toBe(EXIT.ok)
    expect(person.asked).toEqual(['Allow it? yes, no, edit [no] ', 'Allow it? yes, no, edit [no] '])
    expect(stderr).toContain('it cannot be put off: the log of this run has no place for what waits\n')
  })

  test('put off with --json, the last document is the result that waits', async () => {
    const { code, stdout } = await follow([ADD], { approval: true, json: true, ask: async () => 'later' })
    expect(code).toBe(EXIT.suspended)
    expect(documents(stdout).at(-1)).toMatchObject({
      type: 'done',
      result: { run_id: 'r', status: 'suspended', waiting: [{ call_id: 'c1' }] },
    })
  })
})

/** A person who types these lines, the last one for ever, and what that person was shown. */
function answering(...typed: readonly string[]) {
  const asked: string[] = []
  const prefills: (string | undefined)[] = []
  const ask: NonNullable<CliIo['ask']> = async (question, { prefill }) => {
    prefills.push(prefill)
    return typed[asked.push(question) - 1] ?? typed.at(-1) ?? ''
  }
  return { ask, asked, prefills }
}

/** A person who never answers. */
function standing(onAsked: () => void): NonNullable<CliIo['ask']> {
  return async (_question, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      onAsked()
    })
}

function looking(onLook: () => void | Promise<void>): Tool {
  return {
    name: 'look',
    description: 'Looks.',
    inputSchema: '{"type":"object"}',
    execute: async () => {
      await onLook()
      return '"seen"'
    },
  }
}

async function decisions(log: EventLog): Promise<readonly RecordedApproval[]> {
  const recorded = (await log.read('r')).map(readApprovalEvent)
  return recorded.filter((item) => item?.type === 'approval-decided')
}

/** Resolves when everything that is ready has been done. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

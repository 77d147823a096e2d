import { readApprovals } from '@starling/core'
import type { ToolContext } from '@starling/tool'
import { beforeEach, describe, expect, test } from 'vitest'
import { readApprovalEvent, type RecordedApproval } from '../src/approvals/recorded-approval.ts'
import { EXIT } from '../src/index.ts'
import {
  ACCOUNT_SCHEMA,
  FORM,
  OPTIONAL_FORM,
  recordAskingRun,
  recordKilledRun,
  VISIT,
  type AskingRunOptions,
} from './support/asking-run.ts'
import { call, documents, lines, type CallOptions, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'
import { recordWaitingRun } from './support/waiting-run.ts'

// Five minutes before every call.
const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)

const FIELDS = [
  '    account (text, required, at least 2 characters): Account: Who pays.',
  '    amount (whole number, at least 1, at most 100, default 5)',
  '    urgent (true or false)',
  '    colour (one of red (Red), blue (Sky blue))',
  '    tags (a list out of a, b, at most 2 of them)',
]

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('ended'))
})

async function run(argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  return call(argv, { store, user: 'ada@test', ...options })
}

async function record(options: Partial<AskingRunOptions> = {}): Promise<void> {
  await recordAskingRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS, ...options })
}

/** What a run has on record about answers, in order. */
async function answers(runId = 'r'): Promise<readonly RecordedApproval[]> {
  const recorded = (await store.log('x.db').read(runId)).map(readApprovalEvent)
  return recorded.filter((item) => item?.type === 'question-answered')
}

/** The beginnings of the hashes of the questions that wait, as they are shown. */
async function shownHashes(): Promise<readonly string[]> {
  return (await readApprovals(store.log('x.db'), 'r')).map(({ argsHash }) => argsHash.slice(0, 12))
}

describe('approvals', () => {
  test('lists what a tool wants to know: the message, the fields of the form, the name of the question, the time left', async () => {
    await record({ more: { approvalTimeoutMs: 600_000 } })
    const { code, stdout } = await run(['approvals', 'x.db'])
    expect(code).toBe(EXIT.ok)
    const [hash] = await shownHashes()
    expect(lines(stdout)).toEqual([
      'r c1 pay {"sum":5}',
      '  asks: Which account?',
      ...FIELDS,
      `  question ${hash}; asked 2026-01-31T23:55:00Z (5m00s ago); until 2026-02-01T00:05:00Z (5m00s left)`,
    ])
  })

  test('an address is shown, and what a tool says can neither steer the terminal nor pass for another line', async () => {
    const message = 'Sign in.\u001B[2J\n  question 0; asked never'
    await record({ ask: async (context) => context.ask({ type: 'url', message, url: 'https://x.test/\u001B[2J' }) })
    const { stdout } = await run(['approvals', 'x.db'])
    expect(lines(stdout).slice(1, 4)).toEqual([
      '  asks: Sign in.\\x1b[2J',
      '      question 0; asked never',
      '    https://x.test/\\x1b[2J',
    ])
    expect(stdout).not.toContain('\u001B')
  })

  test('one that has expired is cancelled when the run goes on', async () => {
    await record({ more: { approvalTimeoutMs: 60_000 } })
    const { stdout } = await run(['approvals', 'x.db'], { isTTY: true, env: { NO_COLOR: '1' } })
    expect(lines(stdout).at(-1)).toMatch(/; expired at 2026-01-31T23:56:00Z: cancelled when the run goes on$/)
  })

  test('a form that is none of plain values is shown as its schema', async () => {
    const schema = '{"type":"object","properties":{"a":{"type":"object"}}}'
    await record({ ask: async (context) => context.ask({ type: 'form', message: 'Which?', schema }) })
    expect((await run(['approvals', 'x.db'])).stdout).toContain(`    a JSON object that fits ${schema}\n`)
  })

  test('--json prints the question as it was asked', async () => {
    await record()
    const [document] = documents((await run(['approvals', 'x.db', '--json'])).stdout)
    expect(document.approvals).toEqual([
      {
        run_id: 'r',
        turn_id: expect.any(String),
        call_id: 'c1',
        tool: 'pay',
        arguments: '{"sum":5}',
        args_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        reason: 'question',
        because: null,
        question: { type: 'form', message: 'Which account?', schema: ACCOUNT_SCHEMA },
        held: false,
        since: '2026-01-31T23:55:00.000Z',
        expires_at: null,
      },
    ])
  })

  test('on a terminal the command to answer with names the question where its call asks several', async () => {
    await record({ ask: async (context) => Promise.all([context.ask(FORM), context.ask(VISIT)]) })
    const { stdout } = await run(['approvals', 'x.db'], { isTTY: true, env: { NO_COLOR: '1' } })
    const [hash] = await shownHashes()
    const command = `starling approve x.db r c1 --question ${hash}`
    expect(lines(stdout).at(-1)).toBe(`decide with: ${command}, or starling deny`)
  })
})

describe('approve', () => {
  test('--input answers a form; what is asked and answered is shown before, and how to go on after', async () => {
    await record()
    const { code, stdout, stderr } = await run(['approve', 'x.db', 'r', 'c1', '--input', '{"account": "ada"}'])
    expect(code).toBe(EXIT.ok)
    const [answer] = await answers()
    expect(answer).toMatchObject({ callId: 'c1', action: 'accept', content: '{"account":"ada"}', by: 'ada@test' })
    const hash = answer?.type === 'question-answered' ? answer.questionHash : ''
    expect(lines(stderr)).toEqual([
      'answering call c1 of run r: pay asks Which account?',
      '  with {"account": "ada"}',
      `  question blake3:${hash}`,
    ])
    expect(stdout).toBe('1 question of run r answered; go on with: starling resume x.db r\n')
  })

  test('a visit and a form without required fields need no input', async () => {
    await record({ ask: async (context) => context.ask(VISIT) })
    const { stderr } = await run(['approve', 'x.db', 'r'])
    expect(lines(stderr)[1]).toBe('  https://bank.example/login')
    expect(await answers()).toMatchObject([{ action: 'accept' }])
    await record({ runId: 'r2', ask: async (context) => context.ask(OPTIONAL_FORM) })
    expect((await run(['approve', 'x.db', 'r2'])).code).toBe(EXIT.ok)
    expect(await answers('r2')).toMatchObject([{ action: 'accept', content: '{}' }])
  })

  test('what does not fit the form is told line by line, and nothing is recorded', async () => {
    await record()
    const input = '{"amount":0.5,"urgent":"yes","colour":"green","tags":["a","z"],"acount":"ada"}'
    const { code, stdout, stderr } = await run(['approve', 'x.db', 'r', 'c1', '--input', input])
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(lines(stderr)).toEqual([
      'starling: the answer does not fit the form of call c1; nothing was recorded',
      '  account is required',
      '  amount: wants a whole number, got 0.5',
      '  urgent: wants true or false, got "yes"',
      '  colour: one of red, blue',
      '  tags: one of a, b',
      '  the form has no field acount; it has account, amount, urgent, colour, tags',
      "Run 'starling approve --help' for usage.",
    ])
    expect(await answers()).toEqual([])
  })

  test('with --json the problems are a list', async () => {
    await record()
    const { stderr } = await run(['approve', 'x.db', 'r', 'c1', '--input', '{"account":"x"}', '--json'])
    expect(documents(stderr)).toEqual([
      {
        error: {
          code: 'CLI_USAGE',
          message: 'the answer does not fit the form of call c1; nothing was recorded',
          details: ['account: at least 2 characters'],
        },
      },
    ])
  })

  test('without --input and without a terminal the error says which fields are wanted, and what to type', async () => {
    await record()
    const { code, stderr } = await run(['approve', 'x.db', 'r'])
    expect(code).toBe(EXIT.usage)
    expect(lines(stderr)).toEqual([
      `starling: the form that call c1 asks for needs an answer: starling approve x.db r c1 --input '{"account":…}'; nothing was recorded`,
      ...FIELDS.map((line) => line.slice(2)),
      "Run 'starling approve --help' for usage.",
    ])
    expect(await answers()).toEqual([])
  })

  test('without --input on a terminal the form is asked field by field, with how long is left', async () => {
    // The engine goes by the clock of this machine.
    await record({ more: { approvalTimeoutMs: 100 * 365 * 86_400_000 } })
    const asked: string[] = []
    const typed = ['x', 'ada', '', 'y', '2', '']
    const ask: CallOptions['ask'] = async (text) => typed[asked.push(text) - 1] ?? ''
    const { code, stderr } = await run(['approve', 'x.db', 'r', 'c1'], { ask })
    expect(code).toBe(EXIT.ok)
    expect(lines(stderr).slice(0, 3)).toEqual(['c1 pay', '  asks: Which account?', FIELDS[0]])
    expect(stderr).toMatch(/\n {2}until 2126-01-07T23:55:00Z \(\d+h\d\dm left\)\n/)
    expect(asked.slice(0, 3)).toEqual(['Account (text): ', 'Account (text): ', 'amount (whole number) [5]: '])
    expect(await answers()).toMatchObject([
      { content: '{"account":"ada","amount":5,"colour":"blue","urgent":true}', by: 'ada@test' },
    ])
  })

  test.each([
    [undefined, EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const)('an interrupt (%s) while the form is asked records nothing', async (signal, code) => {
    await record()
    let interrupt = (): void => {}
    const onInterrupt: CallOptions['onInterrupt'] = (listener) => {
      interrupt = () => listener(signal)
      return () => {}
    }
    const ask: CallOptions['ask'] = async (_text, options) => {
      interrupt()
      options.signal.throwIfAborted()
      return 'ada'
    }
    const ended = await run(['approve', 'x.db', 'r'], { ask, onInterrupt })
    expect(ended.code).toBe(code)
    expect(ended.stderr).toMatch(/\nstarling: interrupted; nothing was recorded\n$/)
    expect(await answers()).toEqual([])
  })

  test('a form that is none of plain values takes any object, and on a terminal an empty line gives it up', async () => {
    const schema = '{"type":"object","properties":{"a":{"type":"object"}}}'
    await record({ ask: async (context) => context.ask({ type: 'form', message: 'Which?', schema }) })
    const given = await run(['approve', 'x.db', 'r'], { ask: async () => '' })
    expect(given.code).toBe(EXIT.usage)
    expect(given.stderr).toContain('no answer was given to call c1; nothing was recorded')
    expect((await run(['approve', 'x.db', 'r', '--input', '{"a":{"b":[1]}}'])).code).toBe(EXIT.ok)
    expect(await answers()).toMatchObject([{ content: '{"a":{"b":[1]}}' }])
  })

  test('--all refuses while a form waits that must be filled in, and names it; without one it answers everything', async () => {
    await record({ ask: async (context) => context.ask(context.callId === 'c1' ? VISIT : FORM), callIds: ['c1', 'c2'] })
    const refused = await run(['approve', 'x.db', 'r', '--all'])
    expect(refused.code).toBe(EXIT.usage)
    expect(lines(refused.stderr)[0]).toBe(
      `starling: the form that call c2 asks for must be answered by itself: starling approve x.db r c2 --input '{"account":…}'; nothing was recorded`,
    )
    expect(await answers()).toEqual([])
    await run(['approve', 'x.db', 'r', 'c2', '--input', '{"account":"ada"}'])
    const all = await run(['approve', 'x.db', 'r', '--all'])
    expect(all.stdout).toBe('1 question of run r answered; go on with: starling resume x.db r\n')
  })

  test('calls and questions are decided together, and counted apart', async () => {
    const turns = [
      {
        toolCalls: [
          { id: 'd', name: 'deploy', arguments: {} },
          { id: 'l', name: 'look', arguments: {} },
        ],
      },
      { text: 'Done.' },
    ]
    const tool = (name: string) => ({ name, description: name, inputSchema: '{"type":"object"}' })
    const tools = [
      { ...tool('deploy'), execute: async () => '1' },
      {
        ...tool('look'),
        execute: async (_input: string, context: ToolContext) => JSON.stringify(await context.ask(VISIT)),
      },
    ]
    await recordWaitingRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS, turns, more: { tools } })
    const unnamed = await run(['approve', 'x.db', 'r'])
    expect(unnamed.stderr).toMatch(/^starling: 2 decisions of run r wait: "d" \(deploy\), "l" \(look\); name some/)
    const { stdout } = await run(['approve', 'x.db', 'r', '--all'])
    expect(stdout).toBe('1 call and 1 question of run r approved; go on with: starling resume x.db r\n')
  })

  test.each([
    [['--result', '1'], FORM, /^call c1 asks a question, which takes no --result: answer it with --input, or deny it$/],
    [['--input', '{}'], VISIT, /^call c1 asks for a visit to an address, which takes no --input: approve or deny it$/],
    [['--input', '[1]'], FORM, /^the answer does not fit the form of call c1; nothing was recorded$/],
    [['--input', '{"account":"ada","account":"bob"}'], FORM, /^--input is not JSON: /],
    [['--question', 'abc', '--all'], FORM, /^--question is for one question of one call$/],
  ])('%j is refused in one line, and nothing is recorded', async (flags, question, message) => {
    await record({ ask: async (context) => context.ask(question) })
    const { code, stderr } = await run(['approve', 'x.db', 'r', ...(flags.includes('--all') ? [] : ['c1']), ...flags])
    expect(code).toBe(EXIT.usage)
    expect(lines(stderr)[0]?.replace(/^starling: /, '')).toMatch(message)
    expect(await answers()).toEqual([])
  })

  test('an answer that has been given already is no harm, another one is told who was first', async () => {
    await record()
    const argv = ['approve', 'x.db', 'r', 'c1', '--input']
    await run([...argv, '{"account":"ada"}', '--by', 'bob'])
    const again = await run([...argv, '{"account":"ada"}'])
    expect(again).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining('already; go on with') })
    const other = await run([...argv, '{"account":"eve"}'])
    expect(other).toMatchObject({
      code: EXIT.failure,
      stderr: 'starling: the question of call c1 has been answered already by bob\n',
    })
    expect(await answers()).toHaveLength(1)
  })

  test('one that has expired is not answered any more', async () => {
    await record({ more: { approvalTimeoutMs: 60_000 } })
    const { code, stderr } = await run(['approve', 'x.db', 'r', 'c1', '--input', '{"account":"ada"}'])
    expect(code).toBe(EXIT.failure)
    expect(stderr).toContain('call c1 waited for a decision until 2026-01-31T23:56:00.000Z, and not longer\n')
    const ask: CallOptions['ask'] = async () => Promise.reject(new Error('asked for nothing'))
    expect((await run(['approve', 'x.db', 'r', 'c1'], { ask })).stderr).toMatch(
      /^starling: call c1 waited for a decision /,
    )
  })
})

describe('several questions of one call', () => {
  beforeEach(async () => {
    await record({ ask: async (context) => Promise.all([context.ask(OPTIONAL_FORM), context.ask(VISIT)]) })
  })

  test('are told apart by the beginning of their hash, and none is answered by chance', async () => {
    const [first, second] = await shownHashes()
    const unnamed = await run(['approve', 'x.db', 'r', 'c1'])
    expect(unnamed.code).toBe(EXIT.usage)
    expect(lines(unnamed.stderr)[0]).toBe(
      `starling: call c1 asks 2 questions: ${first} (Anything to add?), ${second} (Sign in.); name one with --question`,
    )
    expect(await answers()).toEqual([])
    const { stdout } = await run(['deny', 'x.db', 'r', 'c1', '--question', second?.slice(0, 6) ?? ''])
    expect(stdout).toBe('1 question of run r declined; 1 question left, decide with: starling approve x.db r c1\n')
    expect((await run(['approve', 'x.db', 'r', '--question', first ?? ''])).code).toBe(EXIT.ok)
    expect(await answers()).toMatchObject([{ action: 'decline' }, { action: 'accept', content: '{}' }])
  })

  test.each([
    [
      'ffffffffffff0',
      EXIT.notFound,
      /^starling: no question of run r is named "f+0"; `starling approvals x.db r` shows/,
    ],
    ['', EXIT.notFound, /^starling: no question of run r is named ""; /],
  ])('a name that fits none (%j) is one line', async (name, code, message) => {
    const ended = await run(['approve', 'x.db', 'r', 'c1', '--question', name])
    expect(ended.code).toBe(code)
    expect(ended.stderr).toMatch(message)
  })

  test('--all answers both', async () => {
    const { stdout } = await run(['approve', 'x.db', 'r', '--all', '--json'])
    expect(documents(stdout)).toMatchObject([
      { decision: 'approve', recorded: 2, calls: [{ question: OPTIONAL_FORM }, { question: VISIT }], waiting: [] },
    ])
    expect(await answers()).toHaveLength(2)
  })
})

describe('a question that only its own process can be answered', () => {
  const held = async (context: ToolContext) => context.ask(FORM, { held: true })

  test('is listed as such, and refused in one line that says what to do', async () => {
    await recordKilledRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS, ask: held })
    const listed = await run(['approvals', 'x.db'], { isTTY: true, env: { NO_COLOR: '1' } })
    expect(lines(listed.stdout).at(-1)).toMatch(
      /^ {2}question [0-9a-f]{12}; only the process that asks can be answered; asked 2026-01-31T23:55:00Z/,
    )
    expect(documents((await run(['approvals', 'x.db', '--json'])).stdout)).toMatchObject([
      { approvals: [{ held: true }] },
    ])
    const before = await store.log('x.db').read('r')
    const named = await run(['approve', 'x.db', 'r', 'c1', '--input', '{"account":"ada"}'])
    expect(named).toEqual({
      code: EXIT.failure,
      stdout: '',
      stderr:
        'starling: the question of call c1 can be answered only by the process that asked it; when that has ended, `starling resume x.db r` goes on without the answer\n',
    })
    for (const how of [
      ['approve', 'x.db', 'r', '--all'],
      ['deny', 'x.db', 'r'],
    ]) {
      const { code, stderr } = await run(how)
      expect(code).toBe(EXIT.failure)
      expect(stderr).toMatch(
        /^starling: no call of run r waits for a decision: the question of call c1 can be answered /,
      )
    }
    expect(await store.log('x.db').read('r')).toEqual(before)
  })

  test('keeps nobody from deciding on the rest', async () => {
    const ask = async (context: ToolContext) => Promise.all([context.ask(VISIT), context.ask(FORM, { held: true })])
    await recordKilledRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS, ask })
    expect(await shownHashes()).toHaveLength(2)
    const { stdout } = await run(['approve', 'x.db', 'r', '--all'])
    expect(stdout).toBe('1 question of run r answered; go on with: starling resume x.db r\n')
  })
})

test('deny declines a question, with the reason and the name of whoever does', async () => {
  await record()
  const { stdout, stderr } = await run(['deny', 'x.db', 'r', 'c1', '--reason', 'not ours', '--by', 'bob'])
  expect(lines(stderr)[0]).toBe('declining call c1 of run r: pay asks Which account?')
  expect(stdout).toBe('1 question of run r declined; go on with: starling resume x.db r\n')
  expect(await answers()).toMatchObject([{ action: 'decline', by: 'bob', reason: 'not ours' }])
})

import { decideApprovals, readApprovals } from '@starling/core'
import { KIND } from '@starling/event'
import { validateRun, type EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { Tool, ToolPolicy, ToolProgress, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { readApprovalEvent, type RecordedApproval } from '../src/approvals/recorded-approval.ts'
import { readForm, type FormField } from '../src/form/form-field.ts'
import { readTyped } from '../src/form/read-typed.ts'
import { EXIT, type CliIo } from '../src/index.ts'
import { asking } from './support/asking-run.ts'
import { documents, lines } from './support/call.ts'
import { DONE, follow, type FollowOptions } from './support/follow.ts'

const PAY = { toolCalls: [{ id: 'c1', name: 'pay', arguments: {} }] }

const VISIT: ToolQuestion = { type: 'url', message: 'Log in.', url: 'https://example.test' }

const FORM_OF_ONE: ToolQuestion = {
  type: 'form',
  message: 'Who?',
  schema: '{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}',
}

const FORM = {
  type: 'object',
  required: ['account', 'urgent'],
  properties: {
    account: { type: 'string', title: 'Account', description: 'Who pays.', minLength: 2 },
    amount: { type: 'integer', minimum: 1, maximum: 100 },
    rate: { type: 'number' },
    urgent: { type: 'boolean', default: false },
    colour: { type: 'string', enum: ['red', 'blue'], enumNames: ['Red', 'Sky blue'] },
    size: { type: 'string', oneOf: [{ const: 's', title: 'Small' }, { const: 'l' }], default: 'l' },
    tags: { type: 'array', items: { type: 'string', enum: ['a', 'b', 'c'] }, maxItems: 2 },
  },
}

describe('a question of a running tool', () => {
  test('its form is filled in field by field, and what is not typed is left out or the default', async () => {
    const person = typing('y', 'ada', '', '1.5', '', 'sky BLUE', '', 'a, 3')
    const { answer, stderr } = await ask({ type: 'form', message: 'Who\npays?', schema: JSON.stringify(FORM) }, person)
    expect(answer).toEqual({
      action: 'accept',
      content: '{"account":"ada","colour":"blue","rate":1.5,"size":"l","tags":["a","c"],"urgent":false}',
    })
    expect(stderr).toContain('\npay c1 asks: Who\n  pays?\n')
    expect(stderr).toContain(
      '  it wants: account, amount (optional), rate (optional), urgent, colour (optional), size (optional), tags (optional)\n',
    )
    expect(stderr).toContain('  Who pays.\n')
    expect(stderr).toContain('  1. red (Red)\n  2. blue (Sky blue)\n')
    expect(person.asked).toEqual([
      'Answer? yes, no (decline), cancel, later [cancel] ',
      'Account (text): ',
      'amount (whole number) [none]: ',
      'rate (number) [none]: ',
      'urgent (y or n) [n]: ',
      'colour (one of these) [none]: ',
      'size (one of these) [l]: ',
      'tags (several, with commas) [none]: ',
    ])
  })

  test('what a field does not take is asked for again', async () => {
    const schema = JSON.stringify({ ...FORM, properties: { account: FORM.properties.account } })
    const { answer, stderr } = await ask({ type: 'form', message: 'Who?', schema }, typing('y', '', 'x', 'ada'))
    expect(answer).toEqual({ action: 'accept', content: '{"account":"ada"}' })
    expect(stderr).toContain('account is required\nat least 2 characters\n')
  })

  test.each([
    ['y', 'accept'],
    ['n', 'decline'],
    ['decline', 'decline'],
    ['c', 'cancel'],
    ['', 'cancel'],
  ])('an address is shown, never opened; answered %j: %s', async (typed, action) => {
    const url = 'https://example.test/\u001B[2Jlogin'
    const person = typing('what', typed)
    const { answer, stderr } = await ask({ type: 'url', message: 'Log in.', url }, person)
    expect(answer).toEqual({ action })
    expect(stderr).toContain('  https://example.test/\\x1b[2Jlogin\nwhat is none of y, n, c, l\n')
  })

  test.each([
    ['a schema that is no object', '{"type":"string"}'],
    ['a field of a type that nobody can type', '{"type":"object","properties":{"a":{"type":"object"}}}'],
    ['no JSON', '{'],
  ])('%s is answered as JSON, once it is an object; an empty line goes back to the choices', async (_name, schema) => {
    const person = typing('y', '', 'y', '{"a":', '[1]', '{"a":{}}')
    const { answer, stderr } = await ask({ type: 'form', message: 'Who?', schema }, person)
    expect(answer).toEqual({ action: 'accept', content: '{"a":{}}' })
    expect(stderr).toContain(`  its fields cannot be asked for one by one; they are ${schema}\n`)
    expect(stderr).toMatch(/^not JSON: .*\na form is answered with a JSON object, not with \[1\]\n/m)
    expect(person.asked.slice(1, 3)).toEqual(['The whole answer as JSON: ', expect.stringMatching(/^Answer\? yes/)])
  })

  test('where nobody can be asked, or the terminal is gone, the answer is cancel, and stderr says so', async () => {
    const unasked = await ask(VISIT)
    expect(unasked.answer).toEqual({ action: 'cancel' })
    expect(unasked.stderr).toMatch(
      /^cancelled the question of pay: nobody is there to answer; run on a terminal, or with --approve later\n/,
    )
    const gone: CliIo['ask'] = async () => Promise.reject(new Error('gone'))
    const failed = await ask(VISIT, { ask: gone })
    expect(failed.answer).toEqual({ action: 'cancel' })
    expect(failed.stderr).toContain('\ncancelled the question of pay: nobody could be asked: gone\n')
    expect((await ask(VISIT, { json: true })).stderr).toBe('')
  })

  test('--approve none declines in the name of the user, without asking', async () => {
    const person = typing('y')
    const log = createMemoryEventLog()
    const { answer, stderr } = await ask(VISIT, { ...person, approve: 'none', log })
    expect(answer).toEqual({ action: 'decline' })
    expect(person.asked).toEqual([])
    expect(stderr).toMatch(/^declined the question of pay: by --approve none\n/)
    expect(await recorded(log, 'question-answered')).toMatchObject([{ action: 'decline', by: 'ada@test' }])
  })

  test('--approve all approves calls, and makes up no answer: the person is asked, and where there is none it is cancel', async () => {
    const person = typing('y', 'ada')
    const { answer } = await ask(FORM_OF_ONE, { ...person, approve: 'all' })
    expect(answer).toEqual({ action: 'accept', content: '{"name":"ada"}' })
    expect((await ask(FORM_OF_ONE, { approve: 'all' })).answer).toEqual({ action: 'cancel' })
  })

  test('who answered is recorded with the answer', async () => {
    const log = createMemoryEventLog()
    await ask(FORM_OF_ONE, { ...typing('y', 'ada'), log })
    expect(await recorded(log, 'question-answered')).toMatchObject([
      { callId: 'c1', action: 'accept', content: '{"name":"ada"}', by: 'ada@test' },
    ])
  })

  test('how long is left is shown, and when it is over the question is taken back', async () => {
    const log = createMemoryEventLog()
    const taken = Promise.withResolvers<void>()
    const standing: CliIo['ask'] = async (_text, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          taken.resolve()
          reject(signal.reason)
        })
      })
    const { answer, stderr } = await ask(VISIT, { ask: standing, log, more: { approvalTimeoutMs: 20 } })
    await taken.promise
    expect(answer).toEqual({ action: 'cancel' })
    expect(stderr).toMatch(/^ {2}until \d{4}-\d\d-\d\dT[\d:]+Z \(.* left\)$/m)
    expect(stderr).toContain('\ncancelled by timeout\n')
    expect(await recorded(log, 'question-answered')).toMatchObject([
      { by: 'timeout', reason: 'nobody answered in time' },
    ])
  })

  test('what cannot be recorded as an answer is told, and the question cancelled', async () => {
    const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`
    const schema = '{"type":"object","properties":{"a":{"type":"array"}}}'
    const { answer, stderr } = await ask({ type: 'form', message: 'Which?', schema }, typing('y', deep))
    expect(answer).toEqual({ action: 'cancel' })
    expect(stderr).toContain('cancelled the question of pay: it cannot be recorded: ')
  })

  test("the agent's own code answers, and nobody is asked", async () => {
    const person = typing('y')
    const more: FollowOptions['more'] = { answer: () => ({ action: 'decline' }) }
    const { answer } = await ask({ type: 'url', message: 'Log in.', url: 'x:y' }, { ...person, more })
    expect(answer).toEqual({ action: 'decline' })
    expect(person.asked).toEqual([])
  })

  test('with --json the question is a line like any other update', async () => {
    const { stdout } = await ask({ type: 'url', message: 'Log in.', url: 'https://example.test' }, { json: true })
    expect(documents(stdout).find(({ type }) => type === 'question-asked')).toMatchObject({
      call_id: 'c1',
      tool: 'pay',
      question: { type: 'url', message: 'Log in.', url: 'https://example.test' },
    })
  })
})

describe('a question for later', () => {
  test('is put off by the person who is asked: the run is left, answered by any process, and goes on from there', async () => {
    const log = createMemoryEventLog()
    const did: string[] = []
    const pay = asking(async (context) => {
      await context.sideEffect('reserve', () => did.push('reserve'))
      const answer = await context.ask(FORM_OF_ONE)
      await context.sideEffect('book', () => did.push('book'))
      return answer
    })
    const person = typing('later')
    const left = await follow([PAY, DONE], { ...person, tools: [pay], log })
    expect(left.code).toBe(EXIT.suspended)
    const [hash] = (await readApprovals(log, 'r')).map(({ argsHash }) => argsHash.slice(0, 12))
    expect(lines(left.stderr).slice(-6)).toEqual([
      'run r waits for 1 decision:',
      'c1 pay {}',
      '  asks: Who?',
      '    name (text, required)',
      expect.stringMatching(new RegExp(`^ {2}question ${hash}; asked `)),
      'decide with: starling approve --agent a.ts x.db r c1',
    ])
    await decideApprovals(log, {
      runId: 'r',
      decisions: [{ callId: 'c1', decision: 'approve', input: '{"name":"ada"}' }],
    })
    expect((await follow([DONE], { tools: [pay], log, resume: true })).code).toBe(EXIT.ok)
    expect(did).toEqual(['reserve', 'book'])
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
  })

  test('is left by --approve later without asking anybody, with exit code 6', async () => {
    const log = createMemoryEventLog()
    const person = typing('y', 'ada')
    const pay = asking(async (context) => context.ask(FORM_OF_ONE))
    const { code, stderr } = await follow([PAY, DONE], { ...person, tools: [pay], log, approve: 'later' })
    expect(code).toBe(EXIT.suspended)
    expect(person.asked).toEqual([])
    expect(stderr).toMatch(/^run r suspended: /)
    expect(stderr).toMatch(/\ndecide with: starling approve --agent a\.ts x\.db r c1\n$/)
    const json = await follow([PAY], { tools: [pay], approve: 'later', json: true, quiet: true })
    expect(documents(json.stdout)).toMatchObject([
      { status: 'suspended', waiting: [{ call_id: 'c1', reason: 'question', question: FORM_OF_ONE }] },
    ])
  })

  test('waits for the calls that are still made before the run is left', async () => {
    const log = createMemoryEventLog()
    const putOff = Promise.withResolvers<void>()
    const look: Tool = {
      name: 'look',
      description: 'Looks.',
      inputSchema: '{"type":"object"}',
      execute: async () => {
        await putOff.promise
        return '"seen"'
      },
    }
    const turn = { toolCalls: [...PAY.toolCalls, { id: 'c2', name: 'look', arguments: {} }] }
    const person: CliIo['ask'] = async () => {
      setImmediate(() => putOff.resolve())
      return 'l'
    }
    const tools = [asking(async (context) => context.ask(VISIT)), look]
    const { code, stderr } = await follow([turn, DONE], { ask: person, tools, log })
    expect(code).toBe(EXIT.suspended)
    expect(stderr.match(/^other calls are still made; the run is left when they have ended$/gm)).toHaveLength(1)
    expect((await log.read('r')).filter(({ kind }) => kind === KIND.ToolCallCompleted)).toHaveLength(1)
  })

  test.each<[string, FollowOptions['more'], ToolPolicy]>([
    ['of the agent', { maxParallelTools: 1 }, {}],
    ['of the tool', {}, { concurrency: 1 }],
  ])('does not wait for calls that it keeps from being made by a limit %s', async (_name, more, policy) => {
    const turn = { toolCalls: ['c1', 'c2'].map((id) => ({ id, name: 'pay', arguments: {} })) }
    const person = typing('l')
    const pay = { ...asking(async (context) => context.ask(VISIT)), policy }
    const log = createMemoryEventLog()
    const { code } = await follow([turn, DONE], { ...person, more: { ...more, tools: [pay] }, log })
    expect(code).toBe(EXIT.suspended)
    // The other comes to ask as well, and waits beside it.
    expect(person.asked).toHaveLength(1)
    expect(await readApprovals(log, 'r')).toMatchObject([{ callId: 'c1' }, { callId: 'c2' }])
    await decideApprovals(log, { runId: 'r', decisions: [{ callId: 'c1', decision: 'approve' }] })
    const again = typing('y')
    expect((await follow([DONE], { ...again, more: { tools: [pay] }, log, resume: true })).code).toBe(EXIT.ok)
    expect(again.asked).toHaveLength(1)
  })

  test('one that hangs on its process cannot be put off, and says so', async () => {
    let answer: unknown
    const pay = asking(async (context) => (answer = await context.ask(VISIT, { held: true })))
    const person = typing('later', 'n')
    const { code, stderr } = await follow([PAY, DONE], { ...person, tools: [pay] })
    expect(code).toBe(EXIT.ok)
    expect(answer).toEqual({ action: 'decline' })
    expect(person.asked).toEqual([
      'Have you been there? yes, no (decline), cancel [cancel] ',
      'Have you been there? yes, no (decline), cancel [cancel] ',
    ])
    expect(stderr).toContain('it cannot be put off: only this process can be answered\n')
  })

  test('one that hangs on its process is cancelled by --approve later, which leaves nothing behind', async () => {
    let answer: unknown
    const pay = asking(async (context) => (answer = await context.ask(VISIT, { held: true })))
    const { code, stderr } = await follow([PAY, DONE], { tools: [pay], approve: 'later' })
    expect(code).toBe(EXIT.ok)
    expect(answer).toEqual({ action: 'cancel' })
    expect(stderr).toContain(
      'cancelled the question of call c1: --approve later cannot leave it, as only this process can be answered\n',
    )
  })
})

describe('a field of a form', () => {
  const fields = new Map((readForm(JSON.stringify(FORM))?.fields ?? []).map((field) => [field.name, field]))
  const field = (name: string): FormField => fields.get(name) ?? { name, type: 'string', required: false, limits: {} }

  test.each([
    ['amount', '12', { value: 12 }],
    ['amount', '1.5', { problem: 'type a whole number' }],
    ['amount', 'x', { problem: 'type a number' }],
    ['amount', '0', { problem: 'at least 1' }],
    ['amount', '101', { problem: 'at most 100' }],
    ['amount', '', undefined],
    ['rate', 'Infinity', { problem: 'type a number' }],
    ['urgent', 'YES', { value: true }],
    ['urgent', 'n', { value: false }],
    ['urgent', 'maybe', { problem: 'type y or n' }],
    ['urgent', '', { value: false }],
    ['colour', '1', { value: 'red' }],
    ['colour', '3', { problem: 'one of red, blue' }],
    ['size', 'small', { value: 's' }],
    ['tags', 'a,a', { value: ['a'] }],
    ['tags', 'a,b,c', { problem: 'at most 2 of them' }],
    ['tags', 'a,z', { problem: 'one of a, b, c' }],
    ['account', '  ', { problem: 'account is required' }],
  ])('%s takes %j as %j', (name, typed, expected) => {
    expect(readTyped(field(name), typed)).toEqual(expected)
  })

  test('a field named like a part of every object is a field', async () => {
    const schema = '{"type":"object","properties":{"__proto__":{"type":"string"}}}'
    const { answer } = await ask({ type: 'form', message: 'Who?', schema }, typing('y', 'ada'))
    expect(answer).toEqual({ action: 'accept', content: '{"__proto__":"ada"}' })
  })
})

describe('progress of a tool', () => {
  const report = (context: { progress(report: ToolProgress): void }): void => {
    context.progress({ progress: 1, total: 4, message: 'half\u0007way' })
    context.progress({ progress: 2 })
  }
  const paying: Tool = {
    name: 'pay',
    description: 'Pays.',
    inputSchema: '{"type":"object"}',
    execute: async (_input, context) => {
      report(context)
      return 'null'
    },
  }

  test('on a terminal it is one line in place, taken away before the next', async () => {
    const { stdout, stderr } = await follow([PAY, DONE], { isTTY: true, env: { NO_COLOR: '1' }, tools: [paying] })
    // The second report comes too soon after the first.
    expect(stderr).toBe('\r  … pay 1 of 4 half\\x07way\u001B[K\r\u001B[K')
    expect(stdout).not.toContain('half')
  })

  test.each([[{}], [{ quiet: true, isTTY: true }]])('elsewhere it is not shown: %j', async (options) => {
    const { stdout, stderr } = await follow([PAY, DONE], { ...options, tools: [paying] })
    expect(`${stdout}${stderr}`).not.toContain('half')
  })
})

interface Person extends Pick<FollowOptions, 'ask' | 'json' | 'more' | 'approve' | 'log'> {
  readonly asked?: readonly string[]
}

/** A person who types these lines, and what that person was shown. */
function typing(...typed: readonly string[]): Person & { readonly asked: string[] } {
  const asked: string[] = []
  return { asked, ask: async (question) => typed[asked.push(question) - 1] ?? '' }
}

/** Has a tool ask a question, and returns what it was answered. */
async function ask(question: ToolQuestion, person: Person = {}) {
  let answer: unknown
  const pay = asking(async (context) => (answer = await context.ask(question)))
  const { code, stdout, stderr } = await follow([PAY, DONE], { log: createMemoryEventLog(), ...person, tools: [pay] })
  expect(code).toBe(EXIT.ok)
  return { answer, stdout, stderr }
}

/** What a run has on record of one type, in order. */
async function recorded(log: EventLog, type: RecordedApproval['type']): Promise<readonly RecordedApproval[]> {
  const read = (await log.read('r')).map(readApprovalEvent)
  return read.filter((item) => item !== undefined).filter((item) => item.type === type)
}
